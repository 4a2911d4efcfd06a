// SPDX-License-Identifier: Apache-2.0
#include "core/base64.hpp"

#include <algorithm>

namespace uicclab {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string encode64(BytesView bytes, bool url) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = group << 8 | (i < count ? bytes[at + i] : 0U);
    for (std::size_t i = 0; i <= count; ++i) {
      const char c = kAlphabet[group >> (18 - 6 * i) & 0x3F];
      out += !url ? c : c == '+' ? '-' : c == '/' ? '_' : c;
    }
    if (!url) out.append(3 - count, '=');
  }
  return out;
}

}  // namespace

std::string base64(BytesView bytes) {
  return encode64(bytes, false);
}
std::string base64_url(BytesView bytes) {
  return encode64(bytes, true);
}

Result<Bytes> from_base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  Bytes out;
  std::uint32_t group = 0;
  unsigned bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return fail(ErrorCode::kMalformed, "a character that is not of base64", i);
    group = (group << 6 | static_cast<std::uint32_t>(value)) & 0xFFFF;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out.push_back(static_cast<std::uint8_t>(group >> bits));
  }
  if (bits == 6) return fail(ErrorCode::kMalformed, "base64 that ends too early", text.size());
  return out;
}

}  // namespace uicclab
