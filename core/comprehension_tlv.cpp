// SPDX-License-Identifier: Apache-2.0
#include "core/comprehension_tlv.hpp"

#include "core/ber_tlv.hpp"
#include "core/reader.hpp"

namespace uicclab::ctlv {

Result<Tlv> Reader::next() {
  ByteReader in(m_bytes.subspan(m_offset));
  const auto first = in.u8();
  if (!first) return fail(ErrorCode::kTruncated, "a tag is missing", m_offset);
  if (*first == 0x00 || *first == 0x80 || *first == 0xFF) return fail(ErrorCode::kMalformed, "a reserved tag", m_offset);

  Tlv tlv;
  tlv.offset = m_offset;
  if (*first == 0x7F) {
    const auto wide = in.u16();
    if (!wide) return fail(ErrorCode::kTruncated, "the three-byte tag ends too early", m_offset + in.offset());
    tlv.tag = static_cast<std::uint16_t>(*wide & 0x7FFF);
    tlv.comprehension_required = (*wide & 0x8000) != 0;
    if (tlv.tag == 0) return fail(ErrorCode::kMalformed, "a reserved tag", m_offset);
  } else {
    tlv.tag = static_cast<std::uint16_t>(*first & 0x7F);
    tlv.comprehension_required = (*first & 0x80) != 0;
  }

  const auto head = in.u8();
  if (!head) return fail(ErrorCode::kTruncated, "the length is missing", m_offset + in.offset());
  std::size_t length = *head;
  if (length >= 0x80) {
    if (length < 0x81 || length > 0x83)
      return fail(ErrorCode::kMalformed, "a length form that is not 81, 82 or 83", m_offset + in.offset() - 1);
    const auto wide = in.number(length & 0x7F);
    if (!wide) return fail(ErrorCode::kTruncated, "the length ends too early", m_offset + in.offset());
    length = static_cast<std::size_t>(*wide);
  }
  const auto value = in.bytes(length);
  if (!value) return fail(ErrorCode::kTruncated, "the value ends too early", m_offset + in.offset());
  tlv.value = *value;
  m_offset += in.offset();
  return tlv;
}

std::optional<BytesView> find(BytesView sequence, std::uint16_t tag) {
  Reader reader(sequence);
  while (!reader.empty()) {
    const auto tlv = reader.next();
    if (!tlv) return std::nullopt;
    if (tlv->tag == tag) return tlv->value;
  }
  return std::nullopt;
}

void write(Bytes& out, std::uint16_t tag, BytesView value, bool comprehension_required) {
  if (tag == 0 || tag > 0x7FFF) throw SystemError("COMPREHENSION-TLV: a tag that has no coding");
  const std::uint16_t cr = comprehension_required ? 1 : 0;
  if (tag < 0x7F) {
    ber::write_header(out, static_cast<ber::Tag>(tag | (cr << 7)), value.size());
  } else {
    out.push_back(0x7F);
    const auto wide = static_cast<std::uint16_t>(tag | (cr << 15));
    out.push_back(static_cast<std::uint8_t>(wide >> 8));
    ber::write_header(out, static_cast<std::uint8_t>(wide), value.size());
  }
  append(out, value);
}

}  // namespace uicclab::ctlv
