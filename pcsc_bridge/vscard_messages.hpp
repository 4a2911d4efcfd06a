// SPDX-License-Identifier: Apache-2.0
// The VSCARD protocol between a virtual reader (QEMU's ccid-card-passthru, libcacard) and the owner of the card, as in QEMU 7.2
// (libcacard's vscard_common.h): a header of 12 bytes, big-endian: type, number of the reader, length of the payload.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab::pcsc_bridge::vscard {

enum class Type : std::uint32_t {
  kInit = 1,
  kError = 2,  ///< the answer to what we say, code 0 for success; from us: the command failed
  kReaderAdd = 3,
  kReaderRemove = 4,
  kAtr = 5,  ///< a card was inserted
  kCardRemove = 6,
  kApdu = 7,
  kFlush = 8,
  kFlushComplete = 9,
};

inline constexpr std::uint32_t kNoReader = 0xFFFFFFFF;
inline constexpr std::uint32_t kFirstReader = 0;
inline constexpr std::uint32_t kSuccess = 0;
inline constexpr std::uint32_t kGeneralError = 1;
/// Longest payload that is taken: QEMU's buffer.
inline constexpr std::size_t kMaxPayload = 65544;
/// Longest answer that QEMU 7.2 passes on. Of a longer one it says nothing to the guest, whose command then never ends.
inline constexpr std::size_t kMaxAnswer = 374;

struct Message {
  Type type{};
  std::uint32_t reader = kNoReader;
  Bytes payload;
};

Bytes encode(Type type, std::uint32_t reader, BytesView payload = {});
/// Magic "VSCD", version 0.0.2, no capabilities.
Bytes init_payload();
/// Errors: kMalformed for another magic or major version.
Result<void> check_init(BytesView payload);
/// Of a message of type kError: its code. Errors: kTruncated.
Result<std::uint32_t> error_code(BytesView payload);
Bytes error_payload(std::uint32_t code);

/// Cuts a byte stream into messages.
class MessageReader {
 public:
  void received(BytesView bytes) { append(m_buffer, bytes); }
  /// The next whole one. Errors: kRange for a payload longer than kMaxPayload; the stream cannot be read any further.
  Result<std::optional<Message>> next();

 private:
  Bytes m_buffer;
};

/// What the reader does with the card's power, which VSCARD does not say: read from what QEMU prints for `usb-ccid,debug=3`.
class PowerLog {
 public:
  enum class Action { kOn, kOff };
  /// Takes some bytes of the text; what the whole lines in it say, in order.
  std::vector<Action> received(BytesView text);

 private:
  std::string m_line;  ///< cut where it is longer than any that counts
};

}  // namespace uicclab::pcsc_bridge::vscard
