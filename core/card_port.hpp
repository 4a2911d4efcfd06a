// SPDX-License-Identifier: Apache-2.0
// The one interface of the house: everything that talks to a card talks to a CardPort, everything that is a card is a CardPort.
#pragma once

#include <cstdint>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab {

/// Answer to reset: ISO/IEC 7816-3 clause 8; ETSI TS 102 221 clause 6.3. At most 33 bytes.
using Atr = Bytes;

/// Transmission protocols of a UICC (ETSI TS 102 221 clause 7.2).
enum class Protocol : std::uint8_t { kT0 = 0, kT1 = 1 };

/// A card, or a port in front of one. Not thread-safe: one caller at a time.
class CardPort {
 public:
  virtual ~CardPort() = default;
  CardPort() = default;
  CardPort(const CardPort&) = delete;
  CardPort& operator=(const CardPort&) = delete;

  /// Power on, or warm reset of a card that is on. All volatile state is gone after it; the protocol is the first one of the ATR.
  /// Errors: kIo if there is no card, or it does not answer.
  virtual Result<Atr> reset() = 0;

  /// One command in, data and status word out (at least two bytes). What a card refuses is a status word, not an error.
  /// Under T=0 a command of case 4 answers 61xx, and one of case 2 with another Le 6Cxx; under T=1 the data comes at once.
  /// Errors: kIo if the card is not powered, was removed, or the way to it broke.
  virtual Result<Bytes> transmit(BytesView command) = 0;

  /// Power off. A card that is off is only its NVM.
  virtual void power_off() = 0;

  /// Protocol and parameter selection (ISO/IEC 7816-3 clause 9), to be called after reset() and before the first command.
  /// Errors: kUnsupported if the ATR does not offer it. A port that cannot choose stays with T=0.
  virtual Result<void> select_protocol(Protocol protocol) {
    if (protocol == Protocol::kT0) return {};
    return fail(ErrorCode::kUnsupported, "this card speaks T=0 only");
  }

  /// What the answers of transmit() look like: those of T=0, where data waits for GET RESPONSE, or those of T=1, where it comes at once. A
  /// port that fetches the data itself says T=1, whatever is spoken below.
  virtual Protocol protocol() const { return Protocol::kT0; }
};

}  // namespace uicclab
