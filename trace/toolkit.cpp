// SPDX-License-Identifier: Apache-2.0
#include "trace/toolkit.hpp"

#include <algorithm>

#include "core/ber_tlv.hpp"
#include "core/comprehension_tlv.hpp"
#include "script/explain.hpp"
#include "trace/toolkit_objects.hpp"

namespace uicclab::trace {
namespace {

struct Envelope {
  std::uint8_t tag;
  std::string_view name;
  std::string_view clause;
};
// ETSI TS 101 220 clause 7.2; the clauses are those of the commands.
constexpr auto kEnvelopes = std::to_array<Envelope>({
    {0xD1, "SMS-PP download", "3GPP TS 31.111 7.1.1"},
    {0xD2, "cell broadcast download", "3GPP TS 31.111 7.1.2"},
    {0xD3, "menu selection", "ETSI TS 102 223 7.2"},
    {0xD4, "call control", "ETSI TS 102 223 7.3.1"},
    {0xD5, "MO short message control", "3GPP TS 31.111 7.3.2"},
    {0xD6, "event download", "ETSI TS 102 223 7.5"},
    {0xD7, "timer expiration", "ETSI TS 102 223 7.4"},
    {0xD9, "USSD download", "3GPP TS 31.111 7.1.3"},
    {0xDA, "multimedia message transfer status", "ETSI TS 102 223 7.6"},
    {0xDB, "multimedia message notification download", "ETSI TS 102 223 7.7"},
    {0xDC, "terminal application", "ETSI TS 102 223 7.8"},
    {0xDD, "geographical location reporting", "3GPP TS 31.111 7.6"},
    {0xDE, "envelope container", "ETSI TS 102 223 7.9"},
    {0xDF, "ProSe report", "3GPP TS 31.111 7.7"},
});

/// The data objects of a template. Returns the field whose words say most: an alpha identifier, a text, an event.
std::string append_data_objects(std::vector<Field>& out, BytesView bytes, std::size_t base, ota::Explainer* messages, ota::MessageKind kind,
                                std::vector<std::string>& notes) {
  ctlv::Reader reader(bytes);
  std::string says;
  std::uint8_t type = 0;
  while (!reader.empty()) {
    const auto object = reader.next();
    if (!object) {
      notes.push_back("data object: " + object.error().text + " at byte " + std::to_string(base + object.error().offset));
      return says;
    }
    const auto at = base + static_cast<std::size_t>(object->value.data() - bytes.data());
    if (object->tag == kCommandDetailsTag && object->value.size() == 3) type = object->value[1];
    out.push_back(toolkit_object(*object, base + object->offset, type));
    Field& field = out.back();
    if (object->tag == kShortMessageTag && messages != nullptr) {
      ota::Explanation message = messages->explain(object->value, kind);
      if (message.wrong)
        notes.push_back("short message: " + message.wrong->text + " at byte " + std::to_string(at + message.wrong->offset));
      shift(message.fields, at);
      field.parts = std::move(message.fields);
      field.content = ota::Content::kFrame;
    }
    if (says_most(object->tag) && says.empty()) says = field.meaning;
  }
  return says;
}

}  // namespace

std::string append_proactive_command(std::vector<Field>& out, BytesView bytes, ota::Explainer& messages, std::vector<std::string>& notes) {
  const auto whole = ber::first(bytes);
  if (!whole || whole->tag != 0xD0) {
    notes.emplace_back("the answer to FETCH is not a proactive command");
    return {};
  }
  if (whole->whole.size() != bytes.size()) notes.emplace_back("bytes after the proactive command");
  const auto base = static_cast<std::size_t>(whole->value.data() - bytes.data());
  std::vector<Field> parts;
  const std::string says = append_data_objects(parts, whole->value, base, &messages, ota::MessageKind::kSubmit, notes);
  const auto details = ctlv::find(whole->value, kCommandDetailsTag);
  std::string name = details && details->size() == 3 ? std::string(script::proactive_name((*details)[1])) : std::string();
  if (name.empty()) name = "proactive command";
  out.push_back({"proactive command", "ETSI TS 102 223 6.6", 0, to_bytes(whole->value), name, std::move(parts)});
  return says.empty() ? name : name + " " + says;
}

std::string append_terminal_response(std::vector<Field>& out, BytesView bytes, std::size_t base, std::vector<std::string>& notes) {
  append_data_objects(out, bytes, base, nullptr, ota::MessageKind::kGuess, notes);
  const auto details = ctlv::find(bytes, kCommandDetailsTag);
  const auto result = ctlv::find(bytes, kResultTag);
  std::string says = details && details->size() == 3 ? std::string(script::proactive_name((*details)[1])) : std::string();
  if (result && !result->empty()) says += (says.empty() ? "" : ": ") + result_words(*result);
  return says;
}

std::string append_envelope(std::vector<Field>& out, BytesView bytes, std::size_t base, ota::Explainer& messages,
                            std::vector<std::string>& notes) {
  const auto whole = ber::first(bytes);
  if (!whole) {
    notes.push_back("envelope: " + whole.error().text);
    return {};
  }
  const auto known = std::ranges::find(kEnvelopes, whole->tag, &Envelope::tag);
  if (known == kEnvelopes.end()) {
    notes.emplace_back("unknown envelope");
    return {};
  }
  if (whole->whole.size() != bytes.size()) notes.emplace_back("bytes after the envelope");
  std::vector<Field> parts;
  const std::string says = append_data_objects(parts, whole->value, base + static_cast<std::size_t>(whole->value.data() - bytes.data()),
                                               known->tag == 0xD1 ? &messages : nullptr, ota::MessageKind::kDeliver, notes);
  out.push_back({std::string(known->name), std::string(known->clause), base, to_bytes(whole->value), "", std::move(parts)});
  return std::string(known->name) + (says.empty() ? "" : " " + says);
}

}  // namespace uicclab::trace
