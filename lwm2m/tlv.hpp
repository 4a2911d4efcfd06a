// SPDX-License-Identifier: Apache-2.0
// LwM2M TLV: OMA-TS-LightweightM2M 1.0 clause 6.4.3 and its appendix C (data types).
#pragma once

#include <cstdint>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab::lwm2m {

/// Bits 8 and 7 of the type byte.
enum class TlvType : std::uint8_t { kObjectInstance = 0, kResourceInstance = 1, kMultipleResource = 2, kResource = 3 };

/// One element; `value` points into the input.
struct Tlv {
  TlvType type = TlvType::kResource;
  std::uint16_t id = 0;
  BytesView value;
  std::size_t offset = 0;  ///< of the type byte, in the input
  bool canonical = true;   ///< identifier and length have their shortest forms
};

/// The largest value: a length of 24 bits.
inline constexpr std::size_t kMaxTlvLength = 0xFF'FFFF;

/// Walks a sequence of elements. Takes identifiers and lengths in any form, also longer than they need to be, and ignores the three
/// low bits of the type byte where a length field follows it.
class TlvReader {
 public:
  /// `base` is added to the reported offsets, for a sequence inside another.
  explicit TlvReader(BytesView bytes, std::size_t base = 0) : m_bytes(bytes), m_base(base) {}

  bool empty() const { return m_offset >= m_bytes.size(); }
  /// Errors: kTruncated, with the offset of the element that does not end.
  Result<Tlv> next();

 private:
  BytesView m_bytes;
  std::size_t m_base;
  std::size_t m_offset = 0;
};

/// Appends one element, identifier and length in their shortest forms. Throws SystemError over kMaxTlvLength bytes.
template <typename Container>
void write_tlv(Container& out, TlvType type, std::uint16_t id, BytesView value);

/// Integer and Time (appendix C): two's complement in the fewest of 1, 2, 4 and 8 bytes.
Bytes encode_integer(std::int64_t value);
/// Errors: kMalformed for another length than 1, 2, 4 or 8.
Result<std::int64_t> decode_integer(BytesView value);
/// Unsigned Integer, in the fewest of 1, 2, 4 and 8 bytes.
Bytes encode_unsigned(std::uint64_t value);
Result<std::uint64_t> decode_unsigned(BytesView value);
/// Errors: kMalformed for another byte than 00 or 01.
Result<bool> decode_boolean(BytesView value);
/// UTF-8 without 00, overlong forms and surrogates. Errors: kMalformed with the offset of the first byte that does not belong.
Result<std::string> decode_string(BytesView value);

/// Object link: object and object instance.
struct ObjectLink {
  std::uint16_t object = 0;
  std::uint16_t instance = 0;
  bool operator==(const ObjectLink&) const = default;
};
Bytes encode_link(ObjectLink link);
/// Errors: kMalformed for another length than 4.
Result<ObjectLink> decode_link(BytesView value);

}  // namespace uicclab::lwm2m
