// SPDX-License-Identifier: Apache-2.0
// Answer to reset: ISO/IEC 7816-3 clause 8.2; ETSI TS 102 221 clause 6.3.
#pragma once

#include <cstdint>
#include <optional>

#include "core/bytes.hpp"
#include "core/card_port.hpp"
#include "core/result.hpp"

namespace uicclab {

/// What an answer to reset says to the one who will speak with the card.
struct AtrInfo {
  /// T of the first offered protocol (TD1, or 0 without one); in specific mode the protocol of TA2.
  std::uint8_t first_protocol = 0;
  /// One bit for each T that is offered: 0x01 for T=0, 0x02 for T=1.
  std::uint16_t offered = 1;
  /// TA2 is there: the card is in specific mode and takes no PPS (clause 8.3).
  bool specific_mode = false;
  /// First byte after T=15, if there is one: clock stop in bits 8 and 7 (00 not supported), supply voltage classes in bits 6 to 1, A, B, C
  /// from bit 1 on (clause 8.3, TA for T=15).
  std::optional<std::uint8_t> clock_and_class;
  BytesView historical;

  bool offers(Protocol protocol) const { return (offered >> static_cast<unsigned>(protocol) & 1U) != 0; }
};

inline constexpr std::size_t kMaxAtrSize = 33;

/// Takes an answer to reset of 2 to 33 bytes apart; `historical` points into it.
/// Errors: kMalformed (TS), kTruncated, kTrailing, kRange (longer than 33 bytes), kMismatch (TCK).
Result<AtrInfo> parse_atr(BytesView atr);

/// An answer to reset with other historical bytes, 0 to 15 of them: T0 and TCK follow. Errors: those of parse_atr(), kRange.
Result<Bytes> with_historical_bytes(BytesView atr, BytesView historical);

}  // namespace uicclab
