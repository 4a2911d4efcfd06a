// SPDX-License-Identifier: Apache-2.0
// Proactive commands as a terminal takes them: ETSI TS 102 223 clauses 6.6 (structure), 6.10 (erroneous messages), 8.6 (command details),
// 8.7 (device identities), 9.4 (types).
#pragma once

#include <optional>
#include <vector>

#include "core/bytes.hpp"

namespace uicclab::terminal {

/// Types of commands that a terminal does something with (clause 9.4).
enum class Type : std::uint8_t {
  kRefresh = 0x01,
  kMoreTime = 0x02,
  kPollInterval = 0x03,
  kPollingOff = 0x04,
  kSetUpEventList = 0x05,
  kSetUpCall = 0x10,
  kSendSs = 0x11,
  kSendUssd = 0x12,
  kSendShortMessage = 0x13,
  kSendDtmf = 0x14,
  kPlayTone = 0x20,
  kDisplayText = 0x21,
  kGetInkey = 0x22,
  kGetInput = 0x23,
  kSelectItem = 0x24,
  kSetUpMenu = 0x25,
  kProvideLocalInformation = 0x26,
  kTimerManagement = 0x27,
  kSetUpIdleModeText = 0x28,
  kLanguageNotification = 0x35,
  kOpenChannel = 0x40,
  kCloseChannel = 0x41,
  kReceiveData = 0x42,
  kSendData = 0x43,
  kGetChannelStatus = 0x44,
};

/// Tags of data objects, without the comprehension bit (ETSI TS 101 220 table 7.23).
namespace tag {
inline constexpr std::uint16_t kCommandDetails = 0x01;
inline constexpr std::uint16_t kDevices = 0x02;
inline constexpr std::uint16_t kResult = 0x03;
inline constexpr std::uint16_t kDuration = 0x04;
inline constexpr std::uint16_t kAlphaIdentifier = 0x05;
inline constexpr std::uint16_t kAddress = 0x06;
inline constexpr std::uint16_t kSsString = 0x09;
inline constexpr std::uint16_t kUssdString = 0x0A;
inline constexpr std::uint16_t kSmsTpdu = 0x0B;
inline constexpr std::uint16_t kTextString = 0x0D;
inline constexpr std::uint16_t kItem = 0x0F;
inline constexpr std::uint16_t kItemIdentifier = 0x10;
inline constexpr std::uint16_t kResponseLength = 0x11;
inline constexpr std::uint16_t kFileList = 0x12;
inline constexpr std::uint16_t kLocation = 0x13;
inline constexpr std::uint16_t kImei = 0x14;
inline constexpr std::uint16_t kHelpRequest = 0x15;
inline constexpr std::uint16_t kEventList = 0x19;
inline constexpr std::uint16_t kTimerIdentifier = 0x24;
inline constexpr std::uint16_t kTimerValue = 0x25;
inline constexpr std::uint16_t kDateTime = 0x26;
inline constexpr std::uint16_t kDtmfString = 0x2C;
inline constexpr std::uint16_t kLanguage = 0x2D;
inline constexpr std::uint16_t kAid = 0x2F;
inline constexpr std::uint16_t kBearerDescription = 0x35;
inline constexpr std::uint16_t kChannelData = 0x36;
inline constexpr std::uint16_t kChannelDataLength = 0x37;
inline constexpr std::uint16_t kChannelStatus = 0x38;
inline constexpr std::uint16_t kBufferSize = 0x39;
inline constexpr std::uint16_t kTransportLevel = 0x3C;
inline constexpr std::uint16_t kOtherAddress = 0x3E;
inline constexpr std::uint16_t kAccessTechnology = 0x3F;
inline constexpr std::uint16_t kImeisv = 0x62;
inline constexpr std::uint16_t kBatteryState = 0x63;
}  // namespace tag

/// General results (clause 8.12); some have a byte of additional information.
namespace result {
inline constexpr std::uint8_t kPerformed = 0x00;
inline constexpr std::uint8_t kMissingInformation = 0x02;
inline constexpr std::uint8_t kAdditionalFilesRead = 0x03;
inline constexpr std::uint8_t kModified = 0x07;
inline constexpr std::uint8_t kNoUserResponse = 0x12;
inline constexpr std::uint8_t kTerminalUnable = 0x20;
inline constexpr std::uint8_t kNetworkUnable = 0x21;
inline constexpr std::uint8_t kTimerContradiction = 0x24;
inline constexpr std::uint8_t kBeyondCapabilities = 0x30;
inline constexpr std::uint8_t kTypeNotUnderstood = 0x31;
inline constexpr std::uint8_t kDataNotUnderstood = 0x32;
inline constexpr std::uint8_t kValuesMissing = 0x36;
inline constexpr std::uint8_t kBipError = 0x3A;
}  // namespace result

/// Device identities (clause 8.7).
namespace device {
inline constexpr std::uint8_t kKeypad = 0x01;
inline constexpr std::uint8_t kChannel = 0x20;  ///< and the channel's number, 1 to 7
inline constexpr std::uint8_t kCard = 0x81;
inline constexpr std::uint8_t kTerminal = 0x82;
inline constexpr std::uint8_t kNetwork = 0x83;
}  // namespace device

/// A parsed command.
struct ProactiveCommand {
  struct Object {
    std::uint16_t tag = 0;
    Bytes value;
  };

  Bytes details = Bytes(3);  ///< number, type, qualifier; zeros if the command has none
  bool details_required = true;
  std::uint8_t source = 0;
  std::uint8_t destination = 0;
  std::vector<Object> objects;  ///< all others, in order
  Bytes bytes;                  ///< as it was fetched

  std::uint8_t type() const { return details[1]; }
  std::uint8_t qualifier() const { return details[2]; }
  bool is(Type wanted) const { return type() == static_cast<std::uint8_t>(wanted); }
  /// The first data object with this tag.
  const Bytes* find(std::uint16_t wanted) const;
};

struct Taken {
  ProactiveCommand command;
  /// Why the terminal cannot carry it out, as general result: 30, 31, 32 or 36; nothing if it can.
  std::optional<std::uint8_t> refused;
};

/// Whatever was fetched: 32 for bytes that break the coding or an unknown data object that requires comprehension, 36 without a mandatory
/// one, 31 for a type that ETSI TS 102 223 does not have, 30 for one that this terminal cannot do.
Taken take(BytesView fetched);

}  // namespace uicclab::terminal
