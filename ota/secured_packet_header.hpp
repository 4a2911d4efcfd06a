// SPDX-License-Identifier: Apache-2.0
// Header fields of secured packets: ETSI TS 102 225 clauses 5.1 (command packet), 5.1.1 (SPI), 5.1.2 (KIc), 5.1.3 (KID), 5.1.4
// (counter) and 5.2 (response packet); 3GPP TS 31.115 clause 4 (their form in short messages).
#pragma once

#include <compare>
#include <string_view>

#include "core/types.hpp"

namespace uicclab::ota {

/// Check that a packet carries: none, redundancy check, cryptographic checksum, digital signature.
enum class Check : std::uint8_t { kNone = 0, kRc = 1, kCc = 2, kDs = 3 };

/// What the counter of a command is for.
enum class CounterMode : std::uint8_t {
  kNone = 0,       ///< there is none; the field is ignored
  kUnchecked = 1,  ///< no replay and sequence check
  kHigher = 2,     ///< higher than the last one
  kOneHigher = 3   ///< exactly one higher
};

/// When a response packet (proof of receipt) is wanted.
enum class PorMode : std::uint8_t { kNever = 0, kAlways = 1, kOnError = 2, kReserved = 3 };

/// Security parameter indicator. Reserved bits are kept and mean nothing (clause 5.1.1).
struct Spi {
  std::uint8_t first = 0;   ///< of the command
  std::uint8_t second = 0;  ///< of the response

  constexpr Check check() const { return static_cast<Check>(first & 0x03); }
  constexpr bool ciphered() const { return (first & 0x04) != 0; }
  constexpr CounterMode counter_mode() const { return static_cast<CounterMode>((first >> 3) & 0x03); }

  constexpr PorMode por() const { return static_cast<PorMode>(second & 0x03); }
  constexpr Check por_check() const { return static_cast<Check>((second >> 2) & 0x03); }
  constexpr bool por_ciphered() const { return (second & 0x10) != 0; }
  /// As an SMS-SUBMIT instead of the data of the SMS-DELIVER-REPORT (3GPP TS 31.115 clause 4.4).
  constexpr bool por_by_submit() const { return (second & 0x20) != 0; }

  bool operator==(const Spi&) const = default;
};

/// What the header of a command packet says in clear.
struct PacketHeader {
  Spi spi;
  std::uint8_t kic = 0;  ///< algorithm in the low half, key version in the high one
  std::uint8_t kid = 0;
  Tar tar;

  bool operator==(const PacketHeader&) const = default;
};

/// Counter of five octets.
struct Cntr {
  static constexpr std::size_t kSize = 5;
  static constexpr std::uint64_t kMax = 0xFF'FFFF'FFFF;  ///< a counter with this value is blocked (clause 5.1.4)
  std::uint64_t value = 0;
  auto operator<=>(const Cntr&) const = default;
};

/// Response status (ETSI TS 102 225 table 5; 0B and 0C: 3GPP TS 31.115 clause 4.4).
enum class ResponseStatus : std::uint8_t {
  kOk = 0x00,
  kCheckFailed = 0x01,
  kCntrLow = 0x02,
  kCntrHigh = 0x03,
  kCntrBlocked = 0x04,
  kCipheringError = 0x05,
  kUnidentifiedSecurityError = 0x06,
  kMemory = 0x07,
  kMoreTime = 0x08,
  kTarUnknown = 0x09,
  kInsufficientSecurityLevel = 0x0A,
  kBySubmit = 0x0B,  ///< the response proper comes as an SMS-SUBMIT
  kByUssd = 0x0C     ///< the response proper comes by USSD
};

/// In plain words, for people; also of reserved and proprietary values.
std::string_view meaning(ResponseStatus status);

/// Every field of the SPI1 is at least that of the minimum security level of an application (ETSI TS 102 226 clause 8.2.1.3.2.4.2).
bool meets_minimum_security(std::uint8_t spi1, std::uint8_t minimum);

}  // namespace uicclab::ota
