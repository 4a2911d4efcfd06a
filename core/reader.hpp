// SPDX-License-Identifier: Apache-2.0
// A cursor over bytes that cannot over-read, and a builder for the way back. Numbers are big-endian, as everywhere on a card.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab {

/// Reads forward; every call says whether the bytes were there, and a failed call moves nothing.
class ByteReader {
 public:
  explicit ByteReader(BytesView bytes) : m_bytes(bytes) {}

  std::size_t offset() const { return m_offset; }
  std::size_t remaining() const { return m_bytes.size() - m_offset; }
  bool empty() const { return remaining() == 0; }
  BytesView rest() const { return m_bytes.subspan(m_offset); }

  std::optional<std::uint8_t> peek() const {
    if (empty()) return std::nullopt;
    return m_bytes[m_offset];
  }
  std::optional<std::uint8_t> u8() {
    if (empty()) return std::nullopt;
    return m_bytes[m_offset++];
  }
  std::optional<std::uint16_t> u16() {
    auto value = number(2);
    if (!value) return std::nullopt;
    return static_cast<std::uint16_t>(*value);
  }
  std::optional<std::uint32_t> u24() {
    auto value = number(3);
    if (!value) return std::nullopt;
    return static_cast<std::uint32_t>(*value);
  }
  std::optional<std::uint32_t> u32() {
    auto value = number(4);
    if (!value) return std::nullopt;
    return static_cast<std::uint32_t>(*value);
  }
  /// A number of `size` bytes, at most 8.
  std::optional<std::uint64_t> number(std::size_t size) {
    if (size > 8) return std::nullopt;
    const auto view = bytes(size);
    if (!view) return std::nullopt;
    std::uint64_t value = 0;
    for (std::uint8_t byte : *view) value = (value << 8) | byte;
    return value;
  }
  std::optional<BytesView> bytes(std::size_t size) {
    if (size > remaining()) return std::nullopt;
    BytesView view = m_bytes.subspan(m_offset, size);
    m_offset += size;
    return view;
  }
  /// A value after its one-byte length (LV).
  std::optional<BytesView> lv() {
    const auto size = peek();
    if (!size || std::size_t{*size} + 1 > remaining()) return std::nullopt;
    ++m_offset;
    return bytes(*size);
  }
  bool skip(std::size_t size) { return bytes(size).has_value(); }

 private:
  BytesView m_bytes;
  std::size_t m_offset = 0;
};

/// Appends; numbers are cut to the width named.
class ByteWriter {
 public:
  ByteWriter& u8(std::uint8_t value) {
    m_bytes.push_back(value);
    return *this;
  }
  ByteWriter& u16(std::uint16_t value) { return number(value, 2); }
  ByteWriter& u24(std::uint32_t value) { return number(value, 3); }
  ByteWriter& u32(std::uint32_t value) { return number(value, 4); }
  ByteWriter& number(std::uint64_t value, std::size_t size) {
    for (std::size_t i = size; i-- > 0;) m_bytes.push_back(static_cast<std::uint8_t>(i < 8 ? value >> (8 * i) : 0));
    return *this;
  }
  ByteWriter& bytes(BytesView view) {
    append(m_bytes, view);
    return *this;
  }
  ByteWriter& fill(std::size_t count, std::uint8_t value) {
    m_bytes.insert(m_bytes.end(), count, value);
    return *this;
  }
  /// A value after its one-byte length. Throws SystemError over 255 bytes.
  ByteWriter& lv(BytesView view) {
    if (view.size() > 0xFF) throw SystemError("ByteWriter: a value of more than 255 bytes behind a one-byte length");
    return u8(static_cast<std::uint8_t>(view.size())).bytes(view);
  }

  std::size_t size() const { return m_bytes.size(); }
  const Bytes& view() const { return m_bytes; }
  Bytes take() { return std::move(m_bytes); }

 private:
  Bytes m_bytes;
};

}  // namespace uicclab
