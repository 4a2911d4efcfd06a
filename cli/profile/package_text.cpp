// SPDX-License-Identifier: Apache-2.0
#include "cli/profile/package_text.hpp"

#include <algorithm>
#include <string>

#include "core/hex.hpp"
#include "profile/package/package.hpp"

namespace uicclab::cli {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

/// Without blanks, and without a first and a last line in dashes.
std::string bare(std::string_view text) {
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  text = text.substr(begin);
  if (text.starts_with("-----BEGIN ")) {
    const auto line = text.find('\n');
    const auto end = text.find("-----END ");
    if (line == std::string_view::npos || end == std::string_view::npos || end < line) return {};
    text = text.substr(line + 1, end - line - 1);
  }
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  std::string out;
  std::ranges::copy_if(text, std::back_inserter(out), [](char c) { return kBlanks.find(c) == std::string_view::npos; });
  return out;
}

int sextet(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

std::optional<Bytes> from_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  text.remove_suffix(padding);
  Bytes out;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const int value = sextet(c);
    if (value < 0) return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.push_back(static_cast<std::uint8_t>(bits >> count));
  }
  return out;
}

}  // namespace

std::optional<Bytes> package_of_text(std::string_view text) {
  const std::string letters = bare(text);
  if (auto bytes = from_hex(letters); bytes && profile::package::is_package(*bytes)) return *std::move(bytes);
  if (auto bytes = from_base64(letters); bytes && profile::package::is_package(*bytes)) return bytes;
  return std::nullopt;
}

bool is_value_notation(std::string_view text) {
  const auto name = text.find("ProfileElement");
  if (name == std::string_view::npos) return false;
  const auto sign = text.find_first_not_of(kBlanks, name + std::string_view("ProfileElement").size());
  return sign != std::string_view::npos && text.substr(sign).starts_with("::=");
}

}  // namespace uicclab::cli
