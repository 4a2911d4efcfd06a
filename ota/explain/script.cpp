// SPDX-License-Identifier: Apache-2.0
// Remote application data: ETSI TS 102 226 clauses 5.1 (compact) and 5.2 (expanded).
#include "ota/explain/explaining.hpp"
#include "ota/remote_script.hpp"

namespace uicclab::ota {
namespace {

const std::string kCompact = "ETSI TS 102 226 5.1";
const std::string kExpanded = "ETSI TS 102 226 5.2";

std::string_view meaning_of(BadFormat reason) {
  switch (reason) {
    case BadFormat::kUnknownTag:
      return "unknown tag";
    case BadFormat::kWrongLength:
      return "wrong length";
    case BadFormat::kLengthNotFound:
      return "length not found";
  }
  return "reserved";
}

std::string meaning_of_status(BytesView r_apdu) {
  const StatusWord status{static_cast<std::uint16_t>((r_apdu[r_apdu.size() - 2] << 8) | r_apdu.back())};
  return to_hex(status) + " " + std::string(meaning(status));
}

std::string meaning_of(const ScriptObject& object) {
  const BytesView value(object.value);
  if (object.tag == script_tag::kRApdu && value.size() >= 2) return meaning_of_status(value);
  if (object.tag == script_tag::kBadFormat && value.size() == 1) return std::string(meaning_of(static_cast<BadFormat>(value[0])));
  if (object.tag == script_tag::kScriptChaining && value.size() == 1) {
    switch (static_cast<ChainingResult>(value[0])) {
      case ChainingResult::kNoPreviousScript:
        return "no previous script";
      case ChainingResult::kNotSupported:
        return "not supported";
      case ChainingResult::kUnableToProcess:
        return "unable to process";
    }
  }
  return "";
}

struct ObjectName {
  std::uint8_t tag;
  std::string_view name;
};
constexpr ObjectName kCommandObjects[] = {{script_tag::kCApdu, "C-APDU"},
                                          {script_tag::kImmediateAction, "immediate action"},
                                          {script_tag::kErrorAction, "error action"},
                                          {script_tag::kScriptChaining, "script chaining"}};
constexpr ObjectName kResponseObjects[] = {{script_tag::kRApdu, "R-APDU"},
                                           {script_tag::kExecuted, "number of executed commands"},
                                           {script_tag::kImmediateAction, "immediate action"},
                                           {script_tag::kScriptChaining, "script chaining"},
                                           {script_tag::kBadFormat, "bad format"}};

/// Data objects of a template, where they lie; stops where they cannot be read on.
template <typename Say>
void template_objects(FieldReader& fields, std::span<const ObjectName> names, Say say) {
  const auto tag = fields.u8("template", kExpanded);
  const bool indefinite = tag == script_tag::kCommandsIndefinite || tag == script_tag::kResponsesIndefinite;
  const auto length_of = [&]() -> std::optional<std::size_t> {
    const auto first = fields.u8("length", kExpanded);
    if (!first || *first < 0x80) return first;
    if (*first < 0x81 || *first > 0x83) {
      fields.fail(ErrorCode::kMalformed, "invalid length form", 1);
      return std::nullopt;
    }
    const auto bytes = fields.take("length", kExpanded, *first - 0x80U);
    if (!bytes) return std::nullopt;
    return static_cast<std::size_t>(*ByteReader(*bytes).number(bytes->size()));
  };
  if (indefinite) {
    if (const auto mark = fields.u8("length", kExpanded, "indefinite"); mark && *mark != 0x80) {
      fields.fail(ErrorCode::kMalformed, "an indefinite template with a length", 1);
    }
  } else if (const auto length = length_of(); length && *length != fields.remaining()) {
    fields.fail(ErrorCode::kMalformed,
                "the template says " + std::to_string(*length) + " bytes, " + std::to_string(fields.remaining()) + " follow");
  }
  while (!fields.failed() && fields.remaining() != 0) {
    if (indefinite && equal(fields.view(), "0000"_h)) {
      fields.take("end mark", kExpanded, 2);
      return;
    }
    const auto object = fields.u8("tag", kExpanded);
    const auto name = std::ranges::find(names, *object, &ObjectName::tag);
    if (name == names.end()) return fields.fail(ErrorCode::kUnsupported, "an unknown tag", 1);
    fields.last().name = "tag of " + std::string(name->name);
    const auto length = length_of();
    if (!length) return;
    if (const auto value = fields.take(std::string(name->name), kExpanded, *length)) say(fields, ScriptObject{*object, to_bytes(*value)});
  }
  if (indefinite && !fields.failed()) fields.fail(ErrorCode::kTruncated, "no end mark");
}

}  // namespace

void Explaining::command_script(BytesView bytes, std::size_t base, const Tar& tar, std::vector<Field>& out) {
  const CommandSet set = command_set_of(tar);
  FieldReader fields = reader(bytes, base, out);
  if (is_expanded(bytes)) {
    template_objects(fields, kCommandObjects, [&](FieldReader& at, const ScriptObject& object) {
      if (object.tag != script_tag::kCApdu) return;
      at.last().content = Content::kCommand;
      const CommandName name = name_of_command(object.value, set);
      at.last().meaning = name.text;
      if (!name.clause.empty()) at.last().clause = name.clause;
    });
    return;
  }
  const CompactScript script = CompactScript::parse(bytes, set);
  for (const BytesView command : script.commands) {
    const CommandName name = name_of_command(command, set);
    if (fields.take("command", name.clause.empty() ? kCompact : name.clause, command.size(), name.text))
      fields.last().content = Content::kCommand;
  }
  if (script.broken) fields.fail(script.broken->code, script.broken->text);
}

void Explaining::response_script(BytesView bytes, std::size_t base, std::vector<Field>& out) {
  FieldReader fields = reader(bytes, base, out);
  if (bytes[0] == script_tag::kResponses || bytes[0] == script_tag::kResponsesIndefinite) {
    template_objects(fields, kResponseObjects, [](FieldReader& at, const ScriptObject& object) {
      at.last().meaning = meaning_of(object);
      if (object.tag == script_tag::kRApdu) at.last().content = Content::kAnswer;
    });
    return;
  }
  if (const auto executed = fields.u8("number of executed commands", kCompact)) fields.say(std::to_string(*executed));
  if (const auto status = fields.u16("last status", kCompact)) fields.say(std::string(meaning(StatusWord{*status})));
  if (!fields.rest("last data", kCompact).empty()) fields.last().content = Content::kData;
}

}  // namespace uicclab::ota
