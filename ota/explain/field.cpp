// SPDX-License-Identifier: Apache-2.0
#include "ota/explain/field.hpp"

#include "core/json.hpp"
#include "core/visible.hpp"

namespace uicclab::ota {
namespace {

const Field* find_in(const std::vector<Field>& fields, std::string_view wanted) {
  for (const Field& field : fields) {
    if (field.name == wanted) return &field;
    if (const Field* found = find_in(field.parts, wanted)) return found;
  }
  return nullptr;
}

std::string hex_of(const Field& field, std::size_t width) {
  if (width == 0 || field.bytes.size() <= width) return to_hex(field.bytes);
  return to_hex(BytesView(field.bytes).first(width)) + "... (" + std::to_string(field.bytes.size()) + " bytes)";
}

void write_text(std::string& out, const std::vector<Field>& fields, bool clauses, std::size_t width, const std::string& indent,
                std::size_t depth) {
  for (const Field& field : fields) {
    std::string offset = std::to_string(field.offset);
    offset.insert(0, offset.size() < 4 ? 4 - offset.size() : 0, ' ');
    out += indent + offset + "  " + std::string(2 * depth, ' ') + visible(field.name);
    // A group shows its bytes in its parts.
    if (field.parts.empty() && !field.bytes.empty()) out += "  " + hex_of(field, width);
    if (!field.meaning.empty()) out += "  " + visible(field.meaning);
    if (clauses && !field.clause.empty()) out += "  [" + field.clause + "]";
    out += '\n';
    write_text(out, field.parts, clauses, width, indent, depth + 1);
  }
}

}  // namespace

const Field* Field::find(std::string_view wanted) const {
  return find_in(parts, wanted);
}

const Field* Explanation::find(std::string_view wanted) const {
  return find_in(fields, wanted);
}

std::optional<BytesView> FieldReader::take(std::string name, std::string clause, std::size_t size, std::string meaning) {
  if (failed()) return std::nullopt;
  const std::size_t at = offset();
  const auto bytes = m_reader.bytes(size);
  if (!bytes) {
    fail(ErrorCode::kTruncated,
         name + ": " + std::to_string(size) + (size == 1 ? " byte is" : " bytes are") + " due, " + std::to_string(remaining()) + " left");
    return std::nullopt;
  }
  m_out.push_back({std::move(name), std::move(clause), at, to_bytes(*bytes), std::move(meaning), {}});
  return bytes;
}

std::optional<std::uint8_t> FieldReader::u8(std::string name, std::string clause, std::string meaning) {
  const auto bytes = take(std::move(name), std::move(clause), 1, std::move(meaning));
  if (!bytes) return std::nullopt;
  return bytes->front();
}

std::optional<std::uint16_t> FieldReader::u16(std::string name, std::string clause, std::string meaning) {
  const auto bytes = take(std::move(name), std::move(clause), 2, std::move(meaning));
  if (!bytes) return std::nullopt;
  return static_cast<std::uint16_t>(((*bytes)[0] << 8) | (*bytes)[1]);
}

BytesView FieldReader::rest(std::string name, std::string clause, std::string meaning) {
  if (remaining() == 0) return {};
  const auto bytes = take(std::move(name), std::move(clause), remaining(), std::move(meaning));
  return bytes.value_or(BytesView());
}

void FieldReader::fail(ErrorCode code, std::string text, std::size_t back) {
  if (!m_wrong) m_wrong = Error{code, std::move(text), offset() - back};
}

void FieldReader::end(std::string_view of) {
  if (remaining() != 0) fail(ErrorCode::kTrailing, std::to_string(remaining()) + " bytes after " + std::string(of));
}

std::string fields_to_text(const std::vector<Field>& fields, bool clauses, std::size_t width, const std::string& indent) {
  std::string out;
  write_text(out, fields, clauses, width, indent, 0);
  return out;
}

Json fields_to_json(const std::vector<Field>& fields) {
  Json out = Json::array();
  for (const Field& field : fields) {
    Json one = Json::object();
    one.set("name", field.name).set("offset", field.offset).set("bytes", to_hex(field.bytes));
    if (!field.meaning.empty()) one.set("meaning", field.meaning);
    if (!field.clause.empty()) one.set("clause", field.clause);
    if (!field.parts.empty()) one.set("parts", fields_to_json(field.parts));
    out.add(one);
  }
  return out;
}

std::string to_text(const Explanation& explanation, bool clauses, std::size_t width) {
  std::string out = visible(explanation.what) + "\n";
  out += fields_to_text(explanation.fields, clauses, width);
  if (explanation.wrong)
    out += "WRONG at byte " + std::to_string(explanation.wrong->offset) + ": " + visible(explanation.wrong->text) + "\n";
  return out;
}

std::string to_json(const Explanation& explanation) {
  Json out = Json::object();
  out.set("what", explanation.what).set("fields", fields_to_json(explanation.fields));
  if (const auto& wrong = explanation.wrong) out.set("wrong", Json::object().set("offset", wrong->offset).set("text", wrong->text));
  return out.text();
}

}  // namespace uicclab::ota
