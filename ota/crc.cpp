// SPDX-License-Identifier: Apache-2.0
#include "ota/crc.hpp"

namespace uicclab::ota {
namespace {

/// Remainders of all octets for a reflected polynomial.
template <typename Register>
constexpr std::array<Register, 256> table_of(Register polynomial) {
  std::array<Register, 256> table{};
  for (unsigned i = 0; i < 256; ++i) {
    auto value = static_cast<Register>(i);
    for (int bit = 0; bit < 8; ++bit) value = static_cast<Register>((value & 1) != 0 ? (value >> 1) ^ polynomial : value >> 1);
    table[i] = value;
  }
  return table;
}

constexpr auto kTable16 = table_of<std::uint16_t>(0x8408);
constexpr auto kTable32 = table_of<std::uint32_t>(0xEDB88320);

template <typename Register>
Register crc(const std::array<Register, 256>& table, std::initializer_list<BytesView> parts) {
  auto value = static_cast<Register>(~Register{0});
  for (BytesView part : parts) {
    for (std::uint8_t byte : part) value = static_cast<Register>((value >> 8) ^ table[(value ^ byte) & 0xFF]);
  }
  return static_cast<Register>(~value);
}

}  // namespace

std::uint16_t crc16(std::initializer_list<BytesView> parts) {
  return crc(kTable16, parts);
}

std::uint32_t crc32(std::initializer_list<BytesView> parts) {
  return crc(kTable32, parts);
}

}  // namespace uicclab::ota
