// SPDX-License-Identifier: Apache-2.0
// BER-TLV: ETSI TS 101 220 clause 7.1; ISO/IEC 7816-4 clause 5.2; ISO/IEC 8825-1.
#pragma once

#include <cstdint>
#include <optional>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab::ber {

/// A tag of one to three bytes as on the wire: 0x62, 0x9F7F, 0xDF8101.
using Tag = std::uint32_t;

/// One data object; `value` and `whole` point into the input.
struct Tlv {
  Tag tag = 0;
  BytesView value;
  BytesView whole;         ///< tag, length and value
  std::size_t offset = 0;  ///< of the tag, in the input
  /// Bit 6 of the first tag byte: the value is itself a sequence of data objects.
  bool constructed() const;
};

/// Walks a sequence of data objects. Definite lengths of up to four bytes; an indefinite length is refused.
class Reader {
 public:
  explicit Reader(BytesView bytes) : m_bytes(bytes) {}

  bool empty() const { return m_offset >= m_bytes.size(); }
  std::size_t offset() const { return m_offset; }
  BytesView rest() const { return m_bytes.subspan(m_offset); }

  /// The next data object. Errors: kTruncated, kMalformed (tag longer than three bytes, indefinite length), with the offset.
  Result<Tlv> next();

 private:
  BytesView m_bytes;
  std::size_t m_offset = 0;
};

/// Parses the first data object of `bytes`; what follows it is ignored.
Result<Tlv> first(BytesView bytes);

/// Parses one data object with this tag that fills `bytes` to the end.
Result<Tlv> only(BytesView bytes, Tag tag);

/// First data object with this tag on the top level of `sequence`; nothing if it is absent or the coding breaks before it.
std::optional<BytesView> find(BytesView sequence, Tag tag);

/// find() along a path of nested tags: `find_path(fcp, {0x62, 0xA5, 0x80})`.
std::optional<BytesView> find_path(BytesView sequence, std::initializer_list<Tag> path);

/// Bytes that `write_header` will need for this tag and length.
std::size_t header_size(Tag tag, std::size_t length);
/// Appends tag and shortest definite length.
void write_header(Bytes& out, Tag tag, std::size_t length);
/// Makes what `out` has from `begin` on the value of a data object: puts the header before it.
void enclose(Bytes& out, std::size_t begin, Tag tag);
/// Appends a whole data object.
void write(Bytes& out, Tag tag, BytesView value);
/// A whole data object.
Bytes encode(Tag tag, BytesView value);

}  // namespace uicclab::ber
