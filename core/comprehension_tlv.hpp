// SPDX-License-Identifier: Apache-2.0
// COMPREHENSION-TLV: ETSI TS 101 220 clause 7.1.1. The coding of CAT data objects (ETSI TS 102 223 annex C).
#pragma once

#include <cstdint>
#include <optional>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab::ctlv {

/// One data object. `tag` is without the comprehension-required bit; a three-byte tag (7F xx xx) gives 15 bits.
struct Tlv {
  std::uint16_t tag = 0;
  bool comprehension_required = false;
  BytesView value;
  std::size_t offset = 0;
};

/// Walks a sequence; lengths of one to four bytes (00-7F, 81, 82, 83).
class Reader {
 public:
  explicit Reader(BytesView bytes) : m_bytes(bytes) {}
  bool empty() const { return m_offset >= m_bytes.size(); }
  /// Errors: kTruncated; kMalformed for the reserved tags 00, 80, FF and 7F0000 and for other length forms.
  Result<Tlv> next();

 private:
  BytesView m_bytes;
  std::size_t m_offset = 0;
};

/// First data object with this tag, whatever its comprehension-required bit.
std::optional<BytesView> find(BytesView sequence, std::uint16_t tag);

/// Appends a data object; tags of up to 7E are one byte (with the CR bit as bit 8), larger ones three.
/// Throws SystemError for a tag that is not 1 to 7FFF.
void write(Bytes& out, std::uint16_t tag, BytesView value, bool comprehension_required = true);

}  // namespace uicclab::ctlv
