// SPDX-License-Identifier: Apache-2.0
#include "core/hex.hpp"

namespace uicclab {

Result<Bytes> from_hex(std::string_view text) {
  constexpr std::string_view separators = " \t\r\n:_";
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  int high = -1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (separators.find(text[i]) != std::string_view::npos) {
      if (high >= 0) return fail(ErrorCode::kMalformed, "a blank between the two digits of a byte", i);
      continue;
    }
    const int value = detail::hex_value(text[i]);
    if (value < 0) return fail(ErrorCode::kMalformed, std::string("'") + text[i] + "' is not a hexadecimal digit", i);
    if (high < 0) {
      high = value;
    } else {
      bytes.push_back(static_cast<std::uint8_t>((high << 4) | value));
      high = -1;
    }
  }
  if (high >= 0) return fail(ErrorCode::kTruncated, "an odd number of hexadecimal digits", text.size());
  return bytes;
}

}  // namespace uicclab
