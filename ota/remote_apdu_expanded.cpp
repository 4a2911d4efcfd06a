// SPDX-License-Identifier: Apache-2.0
#include "ota/remote_apdu_expanded.hpp"

#include "core/reader.hpp"

namespace uicclab::ota {
namespace {

constexpr auto kEndMark = "0000"_h;
constexpr std::uint8_t kIndefiniteLength = 0x80;
constexpr std::uint8_t kProactiveSession = 0x81;
constexpr std::uint8_t kEarlyResponse = 0x82;
constexpr std::uint8_t kMaxRecord = 0x7F;

bool in_command_script(std::uint8_t tag, bool first) {
  if (tag == script_tag::kScriptChaining) return first;  // clause 5.2.1.4: only as the first object
  return tag == script_tag::kCApdu || tag == script_tag::kImmediateAction || tag == script_tag::kErrorAction;
}

bool in_response_script(std::uint8_t tag) {
  return tag == script_tag::kRApdu || tag == script_tag::kImmediateAction || tag == script_tag::kScriptChaining ||
         tag == script_tag::kBadFormat;
}

/// A definite length; moves past it. Nothing if it is cut or has another form.
std::optional<std::size_t> read_length(ByteReader& reader) {
  const auto first = reader.u8();
  if (!first) return std::nullopt;
  if (*first < 0x80) return *first;
  if (*first < 0x81 || *first > 0x83) return std::nullopt;
  const auto value = reader.number(*first - 0x80U);
  if (!value) return std::nullopt;
  return static_cast<std::size_t>(*value);
}

/// The inside of a template whose first byte is there: definite to the end of the data, or indefinite with its end mark taken off.
struct Inside {
  bool indefinite;
  BytesView objects;
  std::size_t offset;
};

Result<Inside> inside_of(BytesView data, std::uint8_t definite, std::uint8_t indefinite) {
  if (data.empty() || (data[0] != definite && data[0] != indefinite)) return fail(ErrorCode::kMalformed, "another template");
  ByteReader reader(data.subspan(1));
  if (data[0] == indefinite) {
    if (reader.u8() != kIndefiniteLength) return fail(ErrorCode::kMalformed, "an indefinite template with a length", 1);
    return Inside{true, reader.rest(), 2};
  }
  const auto length = read_length(reader);
  if (!length || *length > reader.remaining()) return fail(ErrorCode::kTruncated, "the template ends too early", 1);
  if (*length < reader.remaining()) return fail(ErrorCode::kTrailing, "bytes after the template", 1 + reader.offset() + *length);
  return Inside{false, reader.rest(), 1 + reader.offset()};
}

/// The bytes around the objects.
Bytes wrapped(bool indefinite, std::uint8_t definite_tag, std::uint8_t indefinite_tag, BytesView objects) {
  if (!indefinite) return ber::encode(definite_tag, objects);
  return concat({std::array{indefinite_tag, kIndefiniteLength}, objects, kEndMark});
}

/// The count as a number of as few bytes as it needs.
Bytes count_object(std::uint32_t executed) {
  const std::size_t size = executed > 0xFFFFFF ? 4 : executed > 0xFFFF ? 3 : executed > 0xFF ? 2 : 1;
  return ber::encode(script_tag::kExecuted, ByteWriter().number(executed, size).view());
}

}  // namespace

Result<ScriptAction> ScriptAction::from(const ScriptObject& object) {
  const bool immediate = object.tag == script_tag::kImmediateAction;
  if (!immediate && object.tag != script_tag::kErrorAction) return fail(ErrorCode::kRange, "neither an immediate nor an error action");
  if (object.value.empty()) {
    if (immediate) return fail(ErrorCode::kRange, "an immediate action without a value");
    return ScriptAction{};
  }
  if (object.value.size() > 1) return ScriptAction{Kind::kProactiveCommand, 0, object.value};
  const std::uint8_t value = object.value[0];
  if (value >= 1 && value <= kMaxRecord) return ScriptAction{Kind::kRecord, value, {}};
  if (immediate && value == kProactiveSession) return ScriptAction{Kind::kProactiveSession, 0, {}};
  if (immediate && value == kEarlyResponse) return ScriptAction{Kind::kEarlyResponse, 0, {}};
  return fail(ErrorCode::kRange, "a reserved action");
}

bool is_expanded(BytesView data) {
  return !data.empty() && (data[0] == script_tag::kCommands || data[0] == script_tag::kCommandsIndefinite);
}

Result<ExpandedScript> ExpandedScript::parse(BytesView data) {
  if (!is_expanded(data)) return fail(ErrorCode::kMalformed, "not a command scripting template");
  ExpandedScript script;
  script.indefinite = data[0] == script_tag::kCommandsIndefinite;
  const auto inside = inside_of(data, script_tag::kCommands, script_tag::kCommandsIndefinite);
  if (!inside) {
    // The template itself is wrong: nothing of it is executed.
    script.broken = data.size() < 2 ? BadFormat::kLengthNotFound : BadFormat::kWrongLength;
    return script;
  }
  ByteReader reader(inside->objects);
  const auto broken = [&](BadFormat reason) {
    script.broken = reason;
    return script;
  };
  while (!reader.empty()) {
    if (script.indefinite && equal(reader.rest(), kEndMark)) return script;
    const std::uint8_t tag = *reader.u8();
    if (!in_command_script(tag, script.commands.empty())) return broken(BadFormat::kUnknownTag);
    const auto length = read_length(reader);
    if (!length) return broken(BadFormat::kLengthNotFound);
    const auto value = reader.bytes(*length);
    if (!value || (tag == script_tag::kScriptChaining && *length != 1)) return broken(BadFormat::kWrongLength);
    script.commands.push_back({tag, to_bytes(*value)});
  }
  if (script.indefinite) return broken(BadFormat::kWrongLength);  // no end mark
  return script;
}

Bytes ExpandedScript::build() const {
  Bytes objects;
  for (const ScriptObject& object : commands) {
    if (!in_command_script(object.tag, &object == &commands.front())) throw SystemError("this object is not allowed in a command script");
    ber::write(objects, object.tag, object.value);
  }
  return wrapped(indefinite, script_tag::kCommands, script_tag::kCommandsIndefinite, objects);
}

Result<std::optional<ScriptChaining>> ExpandedScript::chaining() const {
  if (commands.empty() || commands.front().tag != script_tag::kScriptChaining) return std::nullopt;
  const std::uint8_t value = commands.front().value.size() == 1 ? commands.front().value[0] : 0;
  switch (const auto chaining = static_cast<ScriptChaining>(value)) {
    case ScriptChaining::kFirst:
    case ScriptChaining::kFirstKeptOverReset:
    case ScriptChaining::kSubsequent:
    case ScriptChaining::kLast:
      return chaining;
  }
  return fail(ErrorCode::kRange, "a reserved script chaining value");
}

Result<ExpandedResponse> ExpandedResponse::parse(BytesView data) {
  const auto inside = inside_of(data, script_tag::kResponses, script_tag::kResponsesIndefinite);
  if (!inside) return tl::unexpected(inside.error());
  ExpandedResponse response;
  response.indefinite = inside->indefinite;
  ByteReader reader(inside->objects);
  bool ended = !inside->indefinite;
  bool first = true;
  while (!reader.empty()) {
    const std::size_t at = inside->offset + reader.offset();
    if (inside->indefinite && reader.peek() == 0x00) {
      if (!reader.skip(kEndMark.size())) return fail(ErrorCode::kTruncated, "half an end mark", at);
      if (!reader.empty()) return fail(ErrorCode::kTrailing, "bytes after the end mark", inside->offset + reader.offset());
      ended = true;
      break;
    }
    const std::uint8_t tag = *reader.u8();
    const auto length = read_length(reader);
    const auto value = length ? reader.bytes(*length) : std::nullopt;
    if (!value) return fail(ErrorCode::kTruncated, "a data object ends too early", at);
    if (tag == script_tag::kExecuted && first && !inside->indefinite) {
      if (value->empty() || value->size() > 4) return fail(ErrorCode::kMalformed, "invalid count: must be 1 to 4 bytes", at);
      response.executed = static_cast<std::uint32_t>(*ByteReader(*value).number(value->size()));
    } else if (!in_response_script(tag)) {
      return fail(ErrorCode::kUnsupported, "an unknown data object", at);
    } else if (tag == script_tag::kRApdu && value->size() < 2) {
      return fail(ErrorCode::kMalformed, "an R-APDU without status", at);
    } else {
      response.objects.push_back({tag, to_bytes(*value)});
    }
    first = false;
  }
  if (!ended) return fail(ErrorCode::kTruncated, "no end mark", data.size());
  return response;
}

Bytes ExpandedResponse::build() const {
  Bytes content;
  if (executed && !indefinite) content = count_object(*executed);
  for (const ScriptObject& object : objects) {
    if (!in_response_script(object.tag)) throw SystemError("this object is not allowed in a response script");
    ber::write(content, object.tag, object.value);
  }
  return wrapped(indefinite, script_tag::kResponses, script_tag::kResponsesIndefinite, content);
}

ExpandedResponseBuilder::ExpandedResponseBuilder(bool indefinite, std::size_t limit) : m_indefinite(indefinite), m_limit(limit) {
  if (limit < kMinimum) throw SystemError("a response script without room");
}

/// Bytes of the whole template with so many more bytes of objects, a count that takes four, and what is kept free.
std::size_t ExpandedResponseBuilder::size_with(std::size_t more) const {
  const std::size_t content = m_objects.size() + more + (m_reserve ? 3 : 0);
  if (m_indefinite) return 2 + content + kEndMark.size();
  constexpr std::size_t kCount = 4;
  return ber::header_size(script_tag::kResponses, content + kCount) + content + kCount;
}

bool ExpandedResponseBuilder::add_r_apdu(BytesView data, StatusWord status) {
  const auto object_size = [](std::size_t size) { return ber::header_size(script_tag::kRApdu, size + 2) + size + 2; };
  std::size_t size = data.size();
  const std::size_t excess = size_with(object_size(size)) > m_limit ? size_with(object_size(size)) - m_limit : 0;
  // The lengths shrink with the data, so that a few bytes more than these may fit again.
  size -= std::min(size, excess);
  while (size < data.size() && size_with(object_size(size + 1)) <= m_limit) ++size;
  if (size_with(object_size(size)) > m_limit) return false;
  const bool whole = size == data.size();
  const StatusWord sent = whole ? status : sw::kMoreData;
  ber::write(m_objects, script_tag::kRApdu, concat({data.first(size), std::array{sent.sw1(), sent.sw2()}}));
  return whole;
}

bool ExpandedResponseBuilder::add(std::uint8_t tag, BytesView value) {
  if (!in_response_script(tag)) throw SystemError("this object is not allowed in a response script");
  const Bytes object = ber::encode(tag, value);
  if (size_with(object.size()) > m_limit) return false;
  append(m_objects, object);
  return true;
}

void ExpandedResponseBuilder::add_bad_format(BadFormat reason) {
  if (!m_reserve) throw SystemError("a second bad format");
  m_reserve = false;
  append(m_objects, ber::encode(script_tag::kBadFormat, std::array{static_cast<std::uint8_t>(reason)}));
}

Bytes ExpandedResponseBuilder::finish(std::uint32_t executed) const {
  if (executed > 0xFFFF) throw SystemError("more commands than a packet can hold");
  if (m_indefinite) return wrapped(true, script_tag::kResponses, script_tag::kResponsesIndefinite, m_objects);
  return wrapped(false, script_tag::kResponses, script_tag::kResponsesIndefinite, concat({count_object(executed), m_objects}));
}

}  // namespace uicclab::ota
