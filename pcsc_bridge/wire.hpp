// SPDX-License-Identifier: Apache-2.0
// The socket protocol between libpcsclite and its service, versions 4:4 (pcsc-lite 1.8.24) to 4:6 (2.5.0).
// Every request is a Header and the structure of its command, then the bytes it announces (transmit, control); every answer is the same
// structure filled in, without a header. Numbers are in the machine's own order: both ends run on one machine.
// Layouts and numbers are facts of pcsc-lite (src/winscard_msg.h, src/eventhandler.h, src/PCSC/pcsclite.h.in, src/PCSC/reader.h).
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab::pcsc_bridge::wire {

inline constexpr std::int32_t kMajor = 4;
inline constexpr std::int32_t kOldestMinor = 4;
inline constexpr std::int32_t kNewestMinor = 6;
/// From this minor on a client asks for the number of readers first, and WAIT answers nothing.
inline constexpr std::int32_t kSizedArrayMinor = 6;

inline constexpr std::size_t kReaderNameSize = 128;  ///< with its terminator
inline constexpr std::size_t kAtrSize = 33;
inline constexpr std::size_t kReadersBefore46 = 16;
inline constexpr std::size_t kAttributeSize = 264;
/// An extended APDU of 65,535 data bytes with its header, Lc and Le.
inline constexpr std::size_t kMaxBuffer = 4 + 3 + 65536 + 3 + 2;

enum class Command : std::uint32_t {
  kEstablish = 0x01,
  kRelease = 0x02,
  kConnect = 0x04,
  kReconnect = 0x05,
  kDisconnect = 0x06,
  kBegin = 0x07,
  kEnd = 0x08,
  kTransmit = 0x09,
  kControl = 0x0A,
  kStatus = 0x0B,
  kCancel = 0x0D,
  kGetAttribute = 0x0F,
  kSetAttribute = 0x10,
  kVersion = 0x11,
  kReadersState = 0x12,
  kWait = 0x13,
  kStopWaiting = 0x14,
  kReaderEvents = 0x15,  ///< since 4:5
  kReadersSize = 0x16,   ///< since 4:6
  kReadersArray = 0x17,  ///< since 4:6
};

/// Results; the names are those of the SCARD_ constants.
enum class Rv : std::uint32_t {
  kSuccess = 0,
  kCancelled = 0x80100002,
  kInvalidHandle = 0x80100003,
  kInvalidParameter = 0x80100004,
  kNoMemory = 0x80100006,
  kInsufficientBuffer = 0x80100008,
  kUnknownReader = 0x80100009,
  kSharingViolation = 0x8010000B,
  kNoSmartcard = 0x8010000C,
  kProtoMismatch = 0x8010000F,
  kInvalidValue = 0x80100011,
  kNotTransacted = 0x80100016,
  kReaderUnavailable = 0x80100017,
  kServiceStopped = 0x8010001E,
  kUnsupportedFeature = 0x8010001F,
  kUnresponsiveCard = 0x80100066,
  kUnpoweredCard = 0x80100067,
  kResetCard = 0x80100068,
  kRemovedCard = 0x80100069,
};

enum Share : std::uint32_t { kExclusive = 1, kShared = 2, kDirect = 3 };
enum Disposition : std::uint32_t { kLeave = 0, kReset = 1, kUnpower = 2, kEject = 3 };
/// Bits; kAnyOld is what clients of long ago send for "T=0 or T=1".
enum ProtocolBit : std::uint32_t { kNone = 0, kT0 = 1, kT1 = 2, kRaw = 4, kAnyOld = 0x1000 };
/// Bits of ReaderState::state.
enum StateBit : std::uint32_t { kAbsent = 0x02, kPresent = 0x04, kSwallowed = 0x08, kPowered = 0x10, kNegotiable = 0x20 };
inline constexpr std::int32_t kSharingExclusive = -1;

struct Header {
  std::uint32_t size = 0;  ///< of the structure, without what is announced in it
  Command command{};
};

struct Version {
  std::int32_t major = kMajor;
  std::int32_t minor = kNewestMinor;
  Rv rv{};
};
struct Establish {
  std::uint32_t scope = 0;
  std::uint32_t context = 0;
  Rv rv{};
};
struct Release {
  std::uint32_t context = 0;
  Rv rv{};
};
struct Connect {
  std::uint32_t context = 0;
  std::array<char, kReaderNameSize> reader{};
  std::uint32_t share = 0;
  std::uint32_t protocols = 0;
  std::int32_t card = 0;
  std::uint32_t active_protocol = 0;
  Rv rv{};
};
struct Reconnect {
  std::int32_t card = 0;
  std::uint32_t share = 0;
  std::uint32_t protocols = 0;
  std::uint32_t initialization = 0;
  std::uint32_t active_protocol = 0;
  Rv rv{};
};
struct Disconnect {
  std::int32_t card = 0;
  std::uint32_t disposition = 0;
  Rv rv{};
};
struct Begin {
  std::int32_t card = 0;
  Rv rv{};
};
struct End {
  std::int32_t card = 0;
  std::uint32_t disposition = 0;
  Rv rv{};
};
struct Transmit {  // `send_size` bytes follow; in the answer `receive_size` bytes if it succeeded
  std::int32_t card = 0;
  std::uint32_t send_protocol = 0;
  std::uint32_t send_pci_size = 0;
  std::uint32_t send_size = 0;
  std::uint32_t receive_protocol = 0;
  std::uint32_t receive_pci_size = 0;
  std::uint32_t receive_size = 0;
  Rv rv{};
};
struct Control {  // `send_size` bytes follow; in the answer `returned` bytes if it succeeded
  std::int32_t card = 0;
  std::uint32_t code = 0;
  std::uint32_t send_size = 0;
  std::uint32_t receive_size = 0;
  std::uint32_t returned = 0;
  Rv rv{};
};
struct Status {
  std::int32_t card = 0;
  Rv rv{};
};
struct Cancel {
  std::uint32_t context = 0;
  Rv rv{};
};
struct Attribute {
  std::int32_t card = 0;
  std::uint32_t id = 0;
  std::array<std::uint8_t, kAttributeSize> value{};
  std::uint32_t size = 0;
  Rv rv{};
};
/// The answer to STOP_WAITING, and what a waiting client gets when something changed.
struct WaitEnd {
  std::uint32_t timeout = 0;
  Rv rv{};
};
struct ReaderEvents {
  std::uint32_t events = 0;
  Rv rv{};
};
struct ReaderState {
  std::array<char, kReaderNameSize> name{};
  std::uint32_t event_counter = 0;
  std::uint32_t state = 0;
  std::int32_t sharing = 0;
  std::array<std::uint8_t, kAtrSize> atr{};
  std::array<std::uint8_t, 3> padding{};
  std::uint32_t atr_size = 0;
  std::uint32_t protocol = 0;
};

static_assert(sizeof(Header) == 8 && sizeof(Version) == 12 && sizeof(Establish) == 12 && sizeof(Release) == 8);
static_assert(sizeof(Connect) == 152 && sizeof(Reconnect) == 24 && sizeof(Disconnect) == 12 && sizeof(Begin) == 8 && sizeof(End) == 12);
static_assert(sizeof(Transmit) == 32 && sizeof(Control) == 24 && sizeof(Status) == 8 && sizeof(Cancel) == 8 && sizeof(Attribute) == 280);
static_assert(sizeof(WaitEnd) == 8 && sizeof(ReaderEvents) == 8 && sizeof(ReaderState) == 184);

/// The structure at the beginning of `bytes`, which has at least its size.
template <typename T>
T read(BytesView bytes) {
  static_assert(std::is_trivially_copyable_v<T>);
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

template <typename T>
void write(Bytes& out, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  const auto* first = reinterpret_cast<const std::uint8_t*>(&value);
  out.insert(out.end(), first, first + sizeof(T));
}

/// How many bytes the message has that begins here; 0 if more bytes are needed to say.
/// Errors: kUnsupported (no such command), kMalformed (the size is not that of the command), kRange (announces more than kMaxBuffer).
Result<std::size_t> message_size(BytesView begin);

}  // namespace uicclab::pcsc_bridge::wire
