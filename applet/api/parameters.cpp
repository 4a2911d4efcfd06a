// SPDX-License-Identifier: Apache-2.0
#include "applet/api/parameters.hpp"

#include <charconv>

#include "core/hex.hpp"

namespace uicclab::applet {
namespace {

template <typename T>
Result<T> get(const std::map<std::string, ParameterValue, std::less<>>& values, std::string_view key, std::string_view kind) {
  const auto it = values.find(key);
  if (it == values.end()) return fail(ErrorCode::kNotFound, std::string(key) + " is missing");
  if (const T* value = std::get_if<T>(&it->second)) return *value;
  return fail(ErrorCode::kMalformed, std::string(key) + " must be " + std::string(kind));
}

}  // namespace

Result<Parameters> Parameters::parse(std::string_view text) {
  Parameters out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(';', at), text.size());
    const std::string_view pair = text.substr(at, end - at);
    const std::size_t equals = pair.find('=');
    if (equals == 0 || equals == std::string_view::npos) return fail(ErrorCode::kMalformed, "not name=value", at);
    const std::string name(pair.substr(0, equals));
    const std::string_view value = pair.substr(equals + 1);
    std::int64_t number = 0;
    const auto [stop, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    // Up to nine digits: longer ones, and those that begin with 0, are hexadecimal texts that happen to have no letter.
    const bool is_number =
        error == std::errc() && stop == value.data() + value.size() && value.size() < 10 && (value[0] != '0' || value == "0");
    if (value == "true" || value == "false") {
      out.set(name, value == "true");
    } else if (is_number) {
      out.set(name, number);
    } else {
      out.set(name, std::string(value));
    }
    at = end + 1;
  }
  return out;
}

Result<std::string> Parameters::text(std::string_view key) const {
  return get<std::string>(m_values, key, "a text");
}

Result<std::int64_t> Parameters::number(std::string_view key, std::int64_t least, std::int64_t most) const {
  auto value = get<std::int64_t>(m_values, key, "a whole number");
  if (value && (*value < least || *value > most)) {
    return fail(ErrorCode::kRange, std::string(key) + " must be " + std::to_string(least) + " to " + std::to_string(most));
  }
  return value;
}

Result<bool> Parameters::flag(std::string_view key) const {
  return get<bool>(m_values, key, "true or false");
}

Result<Bytes> Parameters::hex(std::string_view key, std::initializer_list<std::size_t> sizes) const {
  const auto value = text(key);
  if (!value) return tl::unexpected(value.error());
  auto bytes = from_hex(*value);
  if (!bytes) return fail(bytes.error().code, std::string(key) + ": " + bytes.error().text, bytes.error().offset);
  if (sizes.size() == 0 || std::ranges::find(sizes, bytes->size()) != sizes.end()) return bytes;
  std::string allowed;
  for (std::size_t size : sizes) allowed += (allowed.empty() ? "" : " or ") + std::to_string(size);
  return fail(ErrorCode::kRange, std::string(key) + " has " + std::to_string(bytes->size()) + " bytes, not " + allowed);
}

}  // namespace uicclab::applet
