// SPDX-License-Identifier: Apache-2.0
// JSON text (RFC 8259) as this program writes it, and the limit that a parser of others' text needs (clause 9). Texts of others are read by
// nlohmann-json (docs/decisions/015-nlohmann-json.md).
#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace uicclab {

/// The text as a JSON string, in quotes; what JSON does not take as it is becomes an escape.
std::string json_quoted(std::string_view text);

/// One value, kept as its text: put together from the inside to the outside, written without blanks.
class Json {
 public:
  Json() : m_text("null") {}
  explicit Json(bool value) : m_text(value ? "true" : "false") {}
  template <std::integral Number>
  requires(!std::same_as<Number, bool>) explicit Json(Number value) : m_text(std::to_string(value)) {}
  explicit Json(std::string_view value) : m_text(json_quoted(value)) {}
  explicit Json(const char* value) : Json(std::string_view(value)) {}
  explicit Json(const std::string& value) : Json(std::string_view(value)) {}
  static Json object() { return {"{", '}'}; }
  static Json array() { return {"[", ']'}; }
  /// Text that is JSON already, for example a number with a fraction.
  static Json raw(std::string text) { return {std::move(text), '\0'}; }
  template <typename List>
  static Json array_of(const List& list) {
    Json all = array();
    for (const auto& one : list) all.add(Json(one));
    return all;
  }

  /// A member of an object. The name is quoted; it is not checked whether the object has one of this name.
  Json& set(std::string_view name, const Json& value) {
    begin_member();
    ((m_text += json_quoted(name)) += ':') += value.m_text;
    end_member(value);
    return *this;
  }
  template <typename Value>
  requires(!std::same_as<Value, Json>) Json& set(std::string_view name, const Value& value) { return set(name, Json(value)); }
  /// An element of an array.
  Json& add(const Json& value) {
    begin_member();
    m_text += value.m_text;
    end_member(value);
    return *this;
  }
  std::string text() const { return m_end == '\0' ? m_text : m_text + m_end; }

 private:
  Json(std::string begin, char end) : m_text(std::move(begin)), m_end(end) {}
  void begin_member() {
    if (m_text.size() > 1) m_text += ',';
  }
  void end_member(const Json& value) {
    if (value.m_end != '\0') m_text += value.m_end;
  }

  std::string m_text;
  char m_end = '\0';  ///< of an object or an array that can still grow
};

/// Lists and objects in one another that a text may have. Whoever walks the values recursively needs no limit of its own.
inline constexpr std::size_t kMaxJsonDepth = 64;

/// Where the text goes deeper than kMaxJsonDepth; nothing if it does not. To be asked before any parser; the text need not be JSON.
std::optional<std::size_t> json_too_deep(std::string_view text);

}  // namespace uicclab
