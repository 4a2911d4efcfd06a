// SPDX-License-Identifier: Apache-2.0
// The class byte of a command: ISO/IEC 7816-4 clause 5.1.1; ETSI TS 102 221 clause 10.1.1; GlobalPlatform Card Specification v2.3.1 clause
// 11.1.4. The one place that knows its bits.
//   0X, 8X (1X, 9X, AX, BX): channels 0 to 3 in bits 2-1, secure messaging in bits 4-3
//   4X, 6X, CX, EX:          channels 4 to 19 in bits 4-1, secure messaging in bit 6
//   bit 8: not interindustry; bit 5: command chaining, in both codings
#pragma once

#include <cstdint>
#include <optional>

#include "core/status_word.hpp"

namespace uicclab::apdu {

/// Of channels 4 to 19.
constexpr bool is_further_class(std::uint8_t cla) {
  return (cla & 0x40) != 0;
}

/// The logical channel that a class byte addresses.
constexpr std::uint8_t channel_of(std::uint8_t cla) {
  return static_cast<std::uint8_t>(is_further_class(cla) ? 4 + (cla & 0x0F) : cla & 0x03);
}

/// Bit 8: not of the interindustry classes.
constexpr bool is_proprietary(std::uint8_t cla) {
  return (cla & 0x80) != 0;
}

/// Secure messaging, of whatever format.
constexpr bool is_secured(std::uint8_t cla) {
  return (cla & (is_further_class(cla) ? 0x20 : 0x0C)) != 0;
}

/// GlobalPlatform's secure messaging: 04-07, 84-87 and so on; 6X and EX on channels 4 to 19.
constexpr bool is_secured_by_globalplatform(std::uint8_t cla) {
  return is_further_class(cla) ? is_secured(cla) : (cla & 0x0C) == 0x04;
}

/// `cla` with the bits of GlobalPlatform's secure messaging.
constexpr std::uint8_t secured_class(std::uint8_t cla) {
  return static_cast<std::uint8_t>(is_further_class(cla) ? cla | 0x20 : (cla & ~0x0C) | 0x04);
}

/// `cla` without secure messaging.
constexpr std::uint8_t plain_class(std::uint8_t cla) {
  return static_cast<std::uint8_t>(cla & (is_further_class(cla) ? ~0x20 : ~0x0C));
}

/// `cla` (of channel 0) rewritten for a channel of 0 to 19.
constexpr std::uint8_t cla_for_channel(std::uint8_t cla, std::uint8_t channel) {
  if (channel < 4) return static_cast<std::uint8_t>((cla & 0xFC) | channel);
  return static_cast<std::uint8_t>((cla & 0x90) | 0x40 | (is_secured(cla) ? 0x20 : 0) | (channel - 4));
}

/// The reverse: `cla` as on channel 0. Secure messaging on channels 4 to 19 has one bit: it becomes GlobalPlatform's.
constexpr std::uint8_t cla_on_basic_channel(std::uint8_t cla) {
  if (!is_further_class(cla)) return static_cast<std::uint8_t>(cla & 0xFC);
  return static_cast<std::uint8_t>((cla & 0x90) | (is_secured(cla) ? 0x04 : 0));
}

/// The classes of ETSI TS 102 221 tables 10.3 and 10.4: no chaining, and neither 2X nor AX.
constexpr bool is_of_uicc(std::uint8_t cla) {
  return (cla & 0x10) == 0 && (is_further_class(cla) || (cla & 0x20) == 0);
}

/// Where there are neither channels nor secure messaging: nothing for 00 and 80, else what the command answers.
constexpr std::optional<StatusWord> refuse_unless_plain(std::uint8_t cla) {
  if ((cla & 0x7F) == 0) return std::nullopt;
  return is_secured(cla) ? sw::kSecureMessagingNotSupported : sw::kClaNotSupported;
}

}  // namespace uicclab::apdu
