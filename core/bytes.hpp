// SPDX-License-Identifier: Apache-2.0
// Byte strings: input is a view, output is owned; hexadecimal to and from text.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace uicclab {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;

/// Owned copy of a view.
inline Bytes to_bytes(BytesView view) {
  return {view.begin(), view.end()};
}

/// The characters of a text as bytes, without a terminator.
inline BytesView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Two byte strings hold the same bytes. Not for secrets: see core/crypto/secret.hpp.
inline bool equal(BytesView a, BytesView b) {
  return std::ranges::equal(a, b);
}

/// A string literal as a template argument; only `_h` needs it.
template <std::size_t N>
struct FixedString {
  std::array<char, N> chars{};
  consteval FixedString(const char (&text)[N]) { std::copy_n(text, N, chars.begin()); }  // NOLINT: implicit by design
};

namespace detail {
constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
}  // namespace detail

inline namespace literals {
/// `"00A4 0004"_h` is a std::array of the bytes; blanks are skipped, anything else that is not hexadecimal does not compile.
template <FixedString text>
consteval auto operator""_h() {
  constexpr std::size_t digits = [] {
    std::size_t n = 0;
    for (char c : text.chars) {
      if (c == '\0' || c == ' ') continue;
      if (detail::hex_value(c) < 0) throw "not a hexadecimal digit";
      ++n;
    }
    return n;
  }();
  static_assert(digits % 2 == 0, "a byte is two hexadecimal digits");
  std::array<std::uint8_t, digits / 2> bytes{};
  std::size_t n = 0;
  for (char c : text.chars) {
    if (c == '\0' || c == ' ') continue;
    bytes[n / 2] = static_cast<std::uint8_t>((bytes[n / 2] << 4) | detail::hex_value(c));
    ++n;
  }
  return bytes;
}
}  // namespace literals

/// Upper-case hexadecimal without blanks.
std::string to_hex(BytesView bytes);

/// Concatenation in the order given.
Bytes concat(std::initializer_list<BytesView> parts);

/// `dst` grows by `src`.
inline void append(Bytes& dst, BytesView src) {
  dst.insert(dst.end(), src.begin(), src.end());
}

}  // namespace uicclab
