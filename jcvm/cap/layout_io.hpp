// SPDX-License-Identifier: Apache-2.0
// The two ways through a component: LayoutReader fills values from bytes, LayoutWriter writes them. Both have the same functions, so that
// one description of a component (layout.hpp) serves both.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/reader.hpp"
#include "core/types.hpp"
#include "jcvm/cap/component.hpp"

namespace uicclab::jcvm::cap {

/// Reads; the first error stays, and after it everything reads as nothing.
class LayoutReader {
 public:
  static constexpr bool kReading = true;

  /// `base`: offset of the content in the whole input.
  LayoutReader(Component component, BytesView content, std::size_t base) : m_component(component), m_reader(content), m_base(base) {}

  void u8(std::uint8_t& value) { value = static_cast<std::uint8_t>(number(1)); }
  void u16(std::uint16_t& value) { value = static_cast<std::uint16_t>(number(2)); }
  void u32(std::uint32_t& value) { value = static_cast<std::uint32_t>(number(4)); }
  void raw(std::span<std::uint8_t> bytes) {
    const BytesView read = take(bytes.size());
    std::ranges::copy(read, bytes.begin());
  }
  Bytes bytes(std::size_t size) { return to_bytes(take(size)); }
  void aid(Aid& value) {
    const std::size_t at = offset();
    std::uint8_t size = 0;
    u8(size);
    const BytesView read = take(size);
    if (m_error) return;
    const auto aid = Aid::from(read);
    aid ? value = *aid : value = {};
    if (!aid) refuse(ErrorCode::kRange, "an AID of " + std::to_string(size) + " bytes, must be 5 to 16", at);
  }
  /// Bytes or characters after their length.
  template <typename Container>
  void sized8(Container& value) {
    std::uint8_t size = 0;
    u8(size);
    assign(value, size);
  }
  template <typename Container>
  void sized16(Container& value) {
    std::uint16_t size = 0;
    u16(size);
    assign(value, size);
  }
  /// Bytes up to the end.
  template <typename Container>
  void rest(Container& value) {
    assign(value, m_reader.remaining());
  }
  /// The number of elements that come later; `smallest`: bytes that one takes at least.
  template <typename T>
  void count8(std::vector<T>& list, std::size_t smallest) {
    std::uint8_t count = 0;
    u8(count);
    resize(list, count, smallest);
  }
  template <typename T>
  void count16(std::vector<T>& list, std::size_t smallest) {
    std::uint16_t count = 0;
    u16(count);
    resize(list, count, smallest);
  }
  /// A number of elements that is given elsewhere.
  template <typename T>
  void resize(std::vector<T>& list, std::size_t count, std::size_t smallest) {
    list.clear();
    if (m_error) return;
    if (count * smallest > m_reader.remaining()) {
      refuse(ErrorCode::kTruncated,
             "ends too early: " + std::to_string(count) + " entries of at least " + std::to_string(smallest) + " bytes, " +
                 std::to_string(m_reader.remaining()) + " bytes are left",
             offset());
      return;
    }
    list.resize(count);
  }
  /// Elements up to the end.
  template <typename T, typename Each>
  void until_end(std::vector<T>& list, Each each) {
    while (!m_error && !m_reader.empty()) each(list.emplace_back());
  }
  /// A rule for what was just read; `text` makes the words.
  template <typename Text>
  void check(bool holds, ErrorCode code, Text text) {
    if (!holds && !m_error) refuse(code, text(), offset());
  }

  bool failed() const { return m_error.has_value(); }
  bool empty() const { return m_reader.empty(); }
  std::size_t position() const { return m_reader.offset(); }
  /// Everything was there and right, and nothing is left.
  Result<void> end() {
    if (!m_error && !m_reader.empty()) {
      refuse(ErrorCode::kMalformed, std::to_string(m_reader.remaining()) + " bytes after its end", offset());
    }
    if (m_error) return tl::unexpected(*m_error);
    return {};
  }

 private:
  std::size_t offset() const { return m_base + m_reader.offset(); }
  void refuse(ErrorCode code, const std::string& text, std::size_t at) {
    m_error = Error{code, std::string(name_of(m_component)) + " component: " + text, at};
  }
  BytesView take(std::size_t size) {
    if (m_error) return {};
    const auto view = m_reader.bytes(size);
    if (view) return *view;
    refuse(ErrorCode::kTruncated,
           "ends too early: " + std::to_string(size) + " bytes must follow, " + std::to_string(m_reader.remaining()) + " are left",
           offset());
    return {};
  }
  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : take(size)) value = value << 8 | byte;
    return value;
  }
  template <typename Container>
  void assign(Container& value, std::size_t size) {
    const BytesView read = take(size);
    value.assign(read.begin(), read.end());
  }

  Component m_component;
  ByteReader m_reader;
  std::size_t m_base;
  std::optional<Error> m_error;
};

/// Writes. A list that is too long for its count is wrong use: SystemError.
class LayoutWriter {
 public:
  static constexpr bool kReading = false;

  void u8(std::uint8_t value) { m_out.u8(value); }
  void u16(std::uint16_t value) { m_out.u16(value); }
  void u32(std::uint32_t value) { m_out.u32(value); }
  void raw(BytesView bytes) { m_out.bytes(bytes); }
  void aid(const Aid& value) { m_out.lv(value.bytes()); }
  template <typename Container>
  void sized8(const Container& value) {
    u8(fitting<std::uint8_t>(value.size()));
    rest(value);
  }
  template <typename Container>
  void sized16(const Container& value) {
    u16(fitting<std::uint16_t>(value.size()));
    rest(value);
  }
  template <typename Container>
  void rest(const Container& value) {
    for (const auto element : value) m_out.u8(static_cast<std::uint8_t>(element));
  }
  template <typename T>
  void count8(const std::vector<T>& list, std::size_t) {
    u8(fitting<std::uint8_t>(list.size()));
  }
  template <typename T>
  void count16(const std::vector<T>& list, std::size_t) {
    u16(fitting<std::uint16_t>(list.size()));
  }
  template <typename T>
  void resize(const std::vector<T>& list, std::size_t count, std::size_t) {
    if (list.size() != count)
      throw SystemError("CAP file: a list has " + std::to_string(list.size()) + " entries, given are " + std::to_string(count));
  }
  template <typename T, typename Each>
  void until_end(const std::vector<T>& list, Each each) {
    for (const T& element : list) each(element);
  }
  template <typename Text>
  void check(bool, ErrorCode, Text) {}

  bool failed() const { return false; }
  Bytes take() { return m_out.take(); }

 private:
  template <typename Number>
  static Number fitting(std::size_t size) {
    if (size > std::numeric_limits<Number>::max())
      throw SystemError("CAP file: a list of " + std::to_string(size) + " entries has no count");
    return static_cast<Number>(size);
  }

  ByteWriter m_out;
};

}  // namespace uicclab::jcvm::cap
