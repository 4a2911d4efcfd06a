// SPDX-License-Identifier: Apache-2.0
#include "trace/file_content.hpp"

#include "script/fields.hpp"
#include "trace/ber_fields.hpp"

namespace uicclab::trace {
namespace {

/// A decoded value as fields: members by name, places of lists by number.
void append_value(std::vector<ota::Field>& out, std::string name, const std::string& clause, const ef::Value& value, std::size_t offset) {
  ota::Field field{std::move(name), clause, offset, {}, {}, {}};
  if (const auto* members = value.members()) {
    for (const auto& [below, one] : *members) append_value(field.parts, below, "", one, offset);
  } else if (const auto* list = value.list()) {
    for (std::size_t i = 0; i < list->size(); ++i) append_value(field.parts, std::to_string(i), "", (*list)[i], offset);
  } else if (const auto* text = value.text()) {
    field.meaning = *text;
  } else {
    field.meaning = ef::to_json(value);
  }
  out.push_back(std::move(field));
}

}  // namespace

void append_content(std::vector<ota::Field>& out, const std::string& path, const ef::Codec* codec, BytesView bytes, std::size_t offset,
                    std::size_t base, bool record) {
  const auto slash = path.rfind('/');
  const std::string fid = slash == std::string::npos ? path : path.substr(slash + 1);
  if (record && fid == "2F00") return append_objects(out, bytes, base);  // EF_DIR: application templates
  if (codec != nullptr && offset == 0) {
    const ef::Decoded decoded = ef::decode(*codec, bytes);
    const auto* members = decoded.wrong ? nullptr : decoded.value.members();
    for (std::size_t i = 0; members != nullptr && i < members->size(); ++i) {
      append_value(out, (*members)[i].first, std::string(codec->clause), (*members)[i].second, base);
    }
    if (members != nullptr) return;
  }
  // Not the whole file, or one that breaks its coding: what is at fixed places.
  for (const script::FileField& field : script::file_fields(fid)) {
    const std::size_t end = field.size == 0 ? offset + bytes.size() : field.offset + field.size;
    if (field.offset < offset || end > offset + bytes.size() || end <= field.offset) continue;  // not all of it was read
    const BytesView part = bytes.subspan(field.offset - offset, end - field.offset);
    out.push_back({std::string(field.name), "", base + field.offset - offset, to_bytes(part), "", {}});
  }
}

void append_gsm_select(std::vector<ota::Field>& out, BytesView data) {
  constexpr const char* kClause = "3GPP TS 51.011 9.2.1";
  std::optional<Error> wrong;
  ota::FieldReader fields(data, 0, out, wrong);
  fields.take("RFU", kClause, 2);
  const auto size = fields.u16("memory or file size", kClause);
  if (size) fields.say(std::to_string(*size) + " bytes");
  if (const auto fid = fields.take("file identifier", kClause, 2)) fields.say(std::string(ef::name_of_fid(to_hex(*fid))));
  if (const auto type = fields.u8("type of file", kClause)) {
    fields.say(*type == 0x01 ? "MF" : *type == 0x02 ? "DF" : *type == 0x04 ? "EF" : "");
  }
  fields.rest("file specific data", kClause);
}

}  // namespace uicclab::trace
