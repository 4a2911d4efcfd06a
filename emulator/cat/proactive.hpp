// SPDX-License-Identifier: Apache-2.0
// Proactive commands as far as the card looks into them: ETSI TS 102 223 clauses 6.6, 8.6 and 9.4.
#pragma once

#include <cstdint>
#include <optional>

#include "core/bytes.hpp"

namespace uicclab::emulator {

/// Types of commands (clause 9.4).
namespace command_type {
inline constexpr std::uint8_t kPollInterval = 0x03;
inline constexpr std::uint8_t kPollingOff = 0x04;
inline constexpr std::uint8_t kSetUpEventList = 0x05;
inline constexpr std::uint8_t kSetUpMenu = 0x25;
inline constexpr std::uint8_t kTimerManagement = 0x27;
inline constexpr std::uint8_t kOpenChannel = 0x40;
inline constexpr std::uint8_t kCloseChannel = 0x41;
inline constexpr std::uint8_t kReceiveData = 0x42;
inline constexpr std::uint8_t kSendData = 0x43;
inline constexpr std::uint8_t kDeclareService = 0x47;
}  // namespace command_type

/// Tags of data objects (ETSI TS 101 220 table 7.23).
namespace object_tag {
inline constexpr std::uint16_t kDetails = 0x01;
inline constexpr std::uint16_t kDevices = 0x02;
inline constexpr std::uint16_t kResult = 0x03;
inline constexpr std::uint16_t kDuration = 0x04;
inline constexpr std::uint16_t kAlphaIdentifier = 0x05;
inline constexpr std::uint16_t kItem = 0x0F;
inline constexpr std::uint16_t kItemIdentifier = 0x10;
inline constexpr std::uint16_t kFileList = 0x12;
inline constexpr std::uint16_t kHelpRequest = 0x15;
inline constexpr std::uint16_t kNextActions = 0x18;
inline constexpr std::uint16_t kEventList = 0x19;
inline constexpr std::uint16_t kItemIcons = 0x1F;
inline constexpr std::uint16_t kTimerIdentifier = 0x24;
inline constexpr std::uint16_t kAid = 0x2F;
inline constexpr std::uint16_t kChannelStatus = 0x38;
inline constexpr std::uint16_t kServiceRecord = 0x41;
inline constexpr std::uint16_t kTextAttribute = 0x50;
inline constexpr std::uint16_t kItemTextAttributes = 0x51;
}  // namespace object_tag

inline constexpr std::uint8_t kUiccDevice = 0x81;
inline constexpr std::uint8_t kTerminalDevice = 0x82;
inline constexpr std::uint8_t kFirstChannelDevice = 0x21;
inline constexpr std::uint8_t kLastChannelDevice = 0x27;

struct ProactiveView {
  std::uint8_t type = 0;
  std::uint8_t qualifier = 0;
  std::uint8_t destination = 0;
  BytesView objects;

  /// Nothing: bytes whose details cannot be found.
  static std::optional<ProactiveView> of(BytesView command);
  /// The BIP channel that it is for, from 1.
  std::optional<std::uint8_t> channel() const;
};

/// A command of the card itself, from the UICC to the terminal: number 1.
Bytes system_command(std::uint8_t type, std::uint8_t qualifier, BytesView objects);
/// The first byte of the result says that the command was performed (clause 8.12).
bool is_performed(BytesView response);

}  // namespace uicclab::emulator
