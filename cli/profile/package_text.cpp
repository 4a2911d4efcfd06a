// SPDX-License-Identifier: Apache-2.0
#include "cli/profile/package_text.hpp"

#include <algorithm>
#include <string>

#include "core/base64.hpp"
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

}  // namespace

std::optional<Bytes> package_of_text(std::string_view text) {
  const std::string letters = bare(text);
  if (auto bytes = from_hex(letters); bytes && profile::package::is_package(*bytes)) return *std::move(bytes);
  if (auto bytes = from_base64(letters); bytes && profile::package::is_package(*bytes)) return *std::move(bytes);
  return std::nullopt;
}

bool is_value_notation(std::string_view text) {
  const auto name = text.find("ProfileElement");
  if (name == std::string_view::npos) return false;
  const auto sign = text.find_first_not_of(kBlanks, name + std::string_view("ProfileElement").size());
  return sign != std::string_view::npos && text.substr(sign).starts_with("::=");
}

}  // namespace uicclab::cli
