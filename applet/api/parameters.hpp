// SPDX-License-Identifier: Apache-2.0
// Parameters that a profile gives to a module: named values, so that an error can name the key.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab::applet {

/// A text, a whole number or a truth value.
using ParameterValue = std::variant<std::string, std::int64_t, bool>;

/// Flat table of parameters; nested tables of the profile appear with dotted names: "suci.profile_a.key".
class Parameters {
 public:
  /// Reads "name=value;name=value": a whole number in decimal, true, false, or else a text. Errors: kMalformed with the offset.
  static Result<Parameters> parse(std::string_view text);

  void set(std::string key, ParameterValue value) { m_values.insert_or_assign(std::move(key), std::move(value)); }
  bool contains(std::string_view key) const { return m_values.find(key) != m_values.end(); }
  const std::map<std::string, ParameterValue, std::less<>>& all() const { return m_values; }
  bool operator==(const Parameters&) const = default;

  /// Errors: kNotFound if absent, kMalformed if of another type, kRange; all name the key.
  Result<std::string> text(std::string_view key) const;
  Result<std::int64_t> number(std::string_view key, std::int64_t least, std::int64_t most) const;
  Result<bool> flag(std::string_view key) const;
  /// Hexadecimal text; `sizes` are the lengths in bytes that are allowed, empty for any.
  Result<Bytes> hex(std::string_view key, std::initializer_list<std::size_t> sizes = {}) const;

 private:
  std::map<std::string, ParameterValue, std::less<>> m_values;
};

}  // namespace uicclab::applet
