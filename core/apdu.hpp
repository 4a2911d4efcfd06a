// SPDX-License-Identifier: Apache-2.0
// Command and response APDUs: ISO/IEC 7816-3 clause 12; ETSI TS 102 221 clauses 7.3 and 10.1.
#pragma once

#include <cstdint>
#include <optional>

#include "core/bytes.hpp"
#include "core/class_byte.hpp"
#include "core/result.hpp"
#include "core/status_word.hpp"

namespace uicclab::apdu {

/// The instructions that every layer knows, to follow a selection or to put an answer together (ISO/IEC 7816-4 table 5).
inline constexpr std::uint8_t kSelect = 0xA4, kGetResponse = 0xC0;

/// What a command carries: 1 nothing, 2 Le, 3 data, 4 data and Le (ISO/IEC 7816-3 clause 12.1).
enum class Case { k1 = 1, k2, k3, k4 };

/// A parsed command. `data` points into the bytes that were parsed.
struct Command {
  std::uint8_t cla = 0;
  std::uint8_t ins = 0;
  std::uint8_t p1 = 0;
  std::uint8_t p2 = 0;
  BytesView data;
  /// Bytes expected at most: 1 to 256, extended 1 to 65536 (a coded 00 is the maximum); absent in cases 1 and 3.
  std::optional<std::uint32_t> le;
  bool extended = false;

  Case kind() const {
    if (data.empty()) return le ? Case::k2 : Case::k1;
    return le ? Case::k4 : Case::k3;
  }
  /// P1 and P2 as one number.
  std::uint16_t p1p2() const { return static_cast<std::uint16_t>((p1 << 8) | p2); }
  /// Le was coded as 00 (or extended 0000): as much as there is.
  bool le_is_maximum() const { return le && *le == (extended ? 65536U : 256U); }
};

/// Takes a command APDU apart. A T=0 header of five bytes with P3 reads as case 2, which is what it looks like on the wire.
/// Errors: kTruncated (under four bytes, or less data than Lc says), kTrailing (more than Lc and Le say), with the offset.
Result<Command> parse(BytesView bytes);

/// The shortest coding of a command; extended if the data or Le need it or `extended` is set.
/// Throws SystemError for more than 65535 bytes of data, or an Le that is not 1 to 65536.
Bytes encode(const Command& command);

/// A response: data and status word.
struct Response {
  Bytes data;
  StatusWord status;
};

/// Splits what a card sent. Errors: kTruncated under two bytes.
Result<Response> parse_response(BytesView bytes);

}  // namespace uicclab::apdu
