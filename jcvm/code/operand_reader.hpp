// SPDX-License-Identifier: Apache-2.0
// Operands of byte codes, big-endian, of Java Card and of Java alike. Past the end everything is 0, and truncated() says so.
#pragma once

#include "core/reader.hpp"

namespace uicclab::jcvm::code {

class OperandReader {
 public:
  explicit OperandReader(BytesView code) : m_reader(code) {}

  std::uint64_t number(std::size_t size) {
    const auto value = m_reader.number(size);
    if (!value) m_truncated = true;
    return value.value_or(0);
  }
  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::int32_t s8() { return static_cast<std::int8_t>(u8()); }
  std::int32_t s16() { return static_cast<std::int16_t>(u16()); }
  std::int32_t s32() { return static_cast<std::int32_t>(number(4)); }

  bool truncated() const { return m_truncated; }
  std::size_t offset() const { return m_reader.offset(); }
  bool empty() const { return m_reader.empty(); }

 private:
  ByteReader m_reader;
  bool m_truncated = false;
};

}  // namespace uicclab::jcvm::code
