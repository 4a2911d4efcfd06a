// SPDX-License-Identifier: Apache-2.0
#include "core/bytes.hpp"

namespace uicclab {

std::string to_hex(BytesView bytes) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (std::uint8_t byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 0x0F];
  }
  return text;
}

Bytes concat(std::initializer_list<BytesView> parts) {
  std::size_t size = 0;
  for (BytesView part : parts) size += part.size();
  Bytes all;
  all.reserve(size);
  for (BytesView part : parts) append(all, part);
  return all;
}

}  // namespace uicclab
