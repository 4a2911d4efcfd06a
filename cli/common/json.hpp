// SPDX-License-Identifier: Apache-2.0
// JSON (RFC 8259) for --json: values that are put together and written.
#pragma once

#include <string>
#include <string_view>

#include "core/json.hpp"

namespace uicclab::cli {

/// One value, kept as its text.
class Json {
 public:
  Json() : m_text("null") {}
  explicit Json(bool value) : m_text(value ? "true" : "false") {}
  explicit Json(std::size_t value) : m_text(std::to_string(value)) {}
  explicit Json(std::string_view value) : m_text(json_quoted(value)) {}
  explicit Json(const char* value) : Json(std::string_view(value)) {}
  explicit Json(const std::string& value) : Json(std::string_view(value)) {}
  static Json object() { return {"{", "}"}; }
  static Json array() { return {"[", "]"}; }

  Json& set(std::string_view name, const Json& value) { return put(json_quoted(name) + ": " + value.text()); }
  Json& add(const Json& value) { return put(value.text()); }
  std::string text() const { return m_text + m_end; }

 private:
  Json(std::string begin, std::string end) : m_text(std::move(begin)), m_end(std::move(end)) {}
  Json& put(const std::string& member) {
    m_text += (m_text.size() > 1 ? ", " : "") + member;
    return *this;
  }

  std::string m_text;
  std::string m_end;  ///< of an object or an array that can still grow
};

}  // namespace uicclab::cli
