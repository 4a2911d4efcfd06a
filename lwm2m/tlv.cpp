// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/tlv.hpp"

#include "core/crypto/wiped_bytes.hpp"
#include "core/reader.hpp"
#include "core/utf8.hpp"

namespace uicclab::lwm2m {
namespace {

// Type byte: bits 8-7 type, bit 6 identifier of 16 bits, bits 5-4 bytes of the length field, bits 3-1 the length if that is 0.
constexpr std::uint8_t kLongId = 0x20;
constexpr std::size_t kMaxInlineLength = 7;

/// Bytes of the shortest length field; 0 if the type byte holds the length.
std::size_t length_size(std::size_t length) {
  if (length <= kMaxInlineLength) return 0;
  if (length <= 0xFF) return 1;
  return length <= 0xFFFF ? 2 : 3;
}

/// The number of bytes that an Integer takes.
bool is_integer_size(std::size_t size) {
  return size == 1 || size == 2 || size == 4 || size == 8;
}

}  // namespace

Result<Tlv> TlvReader::next() {
  const std::size_t start = m_base + m_offset;
  ByteReader reader(m_bytes.subspan(m_offset));
  const auto truncated = [start](const char* what) { return fail(ErrorCode::kTruncated, what, start); };

  const auto type = reader.u8();
  if (!type) return truncated("no TLV");
  Tlv tlv;
  tlv.type = static_cast<TlvType>(*type >> 6);
  tlv.offset = start;

  const bool long_id = (*type & kLongId) != 0;
  const auto id = reader.number(long_id ? 2 : 1);
  if (!id) return truncated("TLV without its identifier");
  tlv.id = static_cast<std::uint16_t>(*id);

  const std::size_t field = (*type >> 3) & 0x03;
  std::size_t length = *type & 0x07;
  const bool clean = field == 0 || length == 0;
  if (field != 0) {
    const auto number = reader.number(field);
    if (!number) return truncated("TLV without its length");
    length = static_cast<std::size_t>(*number);
  }
  const auto value = reader.bytes(length);
  if (!value) return truncated("TLV longer than its container");
  tlv.value = *value;
  tlv.canonical = clean && long_id == (tlv.id > 0xFF) && field == length_size(length);
  m_offset += reader.offset();
  return tlv;
}

template <typename Container>
void write_tlv(Container& out, TlvType type, std::uint16_t id, BytesView value) {
  if (value.size() > kMaxTlvLength) throw SystemError("write_tlv: a value of more than 16 MB");
  const std::size_t field = length_size(value.size());
  const bool long_id = id > 0xFF;
  const auto byte = [&out](std::size_t b) { out.push_back(static_cast<std::uint8_t>(b)); };
  byte(std::size_t{static_cast<std::uint8_t>(type)} << 6 | (long_id ? kLongId : 0U) | field << 3 | (field == 0 ? value.size() : 0));
  if (long_id) byte(std::size_t{id} >> 8);
  byte(id);
  for (std::size_t i = field; i-- > 0;) byte(value.size() >> (8 * i));
  out.insert(out.end(), value.begin(), value.end());
}
template void write_tlv(Bytes&, TlvType, std::uint16_t, BytesView);
template void write_tlv(crypto::WipedBytes&, TlvType, std::uint16_t, BytesView);

Bytes encode_integer(std::int64_t value) {
  std::size_t size = 8;
  if (value >= INT32_MIN && value <= INT32_MAX) size = 4;
  if (value >= INT16_MIN && value <= INT16_MAX) size = 2;
  if (value >= INT8_MIN && value <= INT8_MAX) size = 1;
  return ByteWriter().number(static_cast<std::uint64_t>(value), size).take();
}

Result<std::int64_t> decode_integer(BytesView value) {
  if (!is_integer_size(value.size())) return fail(ErrorCode::kMalformed, "an Integer of " + std::to_string(value.size()) + " bytes");
  std::uint64_t number = (value[0] & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (std::uint8_t byte : value) number = number << 8 | byte;
  return static_cast<std::int64_t>(number);
}

Bytes encode_unsigned(std::uint64_t value) {
  const std::size_t size = value <= 0xFF ? 1 : value <= 0xFFFF ? 2 : value <= 0xFFFF'FFFF ? 4 : 8;
  return ByteWriter().number(value, size).take();
}

Result<std::uint64_t> decode_unsigned(BytesView value) {
  if (!is_integer_size(value.size())) {
    return fail(ErrorCode::kMalformed, "an Unsigned Integer of " + std::to_string(value.size()) + " bytes");
  }
  return *ByteReader(value).number(value.size());
}

Result<bool> decode_boolean(BytesView value) {
  if (value.size() != 1 || value[0] > 1) return fail(ErrorCode::kMalformed, "a Boolean that is neither 00 nor 01");
  return value[0] == 1;
}

Result<std::string> decode_string(BytesView value) {
  if (const auto at = first_non_utf8(value)) return fail(ErrorCode::kMalformed, "a String that is not UTF-8", *at);
  return std::string(value.begin(), value.end());
}

Bytes encode_link(ObjectLink link) {
  return ByteWriter().u16(link.object).u16(link.instance).take();
}

Result<ObjectLink> decode_link(BytesView value) {
  if (value.size() != 4) return fail(ErrorCode::kMalformed, "an Objlnk of " + std::to_string(value.size()) + " bytes");
  ByteReader reader(value);
  const auto object = reader.u16();
  const auto instance = reader.u16();
  return ObjectLink{*object, *instance};
}

}  // namespace uicclab::lwm2m
