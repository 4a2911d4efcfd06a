// SPDX-License-Identifier: Apache-2.0
#include "pcsc_bridge/wire.hpp"

#include <PCSC/pcsclite.h>
#include <PCSC/reader.h>
#include <doctest/doctest.h>

using namespace uicclab;
using namespace uicclab::pcsc_bridge;

static_assert(static_cast<LONG>(wire::Rv::kSharingViolation) == SCARD_E_SHARING_VIOLATION);
static_assert(static_cast<LONG>(wire::Rv::kCancelled) == SCARD_E_CANCELLED);
static_assert(static_cast<LONG>(wire::Rv::kInvalidHandle) == SCARD_E_INVALID_HANDLE);
static_assert(static_cast<LONG>(wire::Rv::kInvalidParameter) == SCARD_E_INVALID_PARAMETER);
static_assert(static_cast<LONG>(wire::Rv::kNoMemory) == SCARD_E_NO_MEMORY);
static_assert(static_cast<LONG>(wire::Rv::kInsufficientBuffer) == SCARD_E_INSUFFICIENT_BUFFER);
static_assert(static_cast<LONG>(wire::Rv::kUnknownReader) == SCARD_E_UNKNOWN_READER);
static_assert(static_cast<LONG>(wire::Rv::kNoSmartcard) == SCARD_E_NO_SMARTCARD);
static_assert(static_cast<LONG>(wire::Rv::kProtoMismatch) == SCARD_E_PROTO_MISMATCH);
static_assert(static_cast<LONG>(wire::Rv::kInvalidValue) == SCARD_E_INVALID_VALUE);
static_assert(static_cast<LONG>(wire::Rv::kNotTransacted) == SCARD_E_NOT_TRANSACTED);
static_assert(static_cast<LONG>(wire::Rv::kServiceStopped) == SCARD_E_SERVICE_STOPPED);
static_assert(static_cast<LONG>(wire::Rv::kUnsupportedFeature) == SCARD_E_UNSUPPORTED_FEATURE);
static_assert(static_cast<LONG>(wire::Rv::kUnresponsiveCard) == SCARD_W_UNRESPONSIVE_CARD);
static_assert(static_cast<LONG>(wire::Rv::kUnpoweredCard) == SCARD_W_UNPOWERED_CARD);
static_assert(static_cast<LONG>(wire::Rv::kResetCard) == SCARD_W_RESET_CARD);
static_assert(static_cast<LONG>(wire::Rv::kRemovedCard) == SCARD_W_REMOVED_CARD);
static_assert(wire::kMaxBuffer == MAX_BUFFER_SIZE_EXTENDED && wire::kAttributeSize == MAX_BUFFER_SIZE);
static_assert(wire::kReaderNameSize == MAX_READERNAME && wire::kAtrSize == MAX_ATR_SIZE);

namespace {

Bytes message(wire::Command command, std::uint32_t size, BytesView rest = {}) {
  Bytes out;
  wire::write(out, wire::Header{size, command});
  append(out, rest);
  return out;
}

}  // namespace

TEST_CASE("wire: the size of a message is known from its header, or from what it announces") {
  CHECK(*wire::message_size({}) == 0);
  CHECK(*wire::message_size(Bytes(7)) == 0);
  CHECK(*wire::message_size(message(wire::Command::kVersion, 12)) == 20);
  CHECK(*wire::message_size(message(wire::Command::kWait, 0)) == 8);

  Bytes transmit;
  wire::Transmit body;
  body.send_size = 5;
  wire::write(transmit, body);
  const auto whole = message(wire::Command::kTransmit, sizeof(body), transmit);
  CHECK(*wire::message_size(BytesView(whole).first(39)) == 0);
  CHECK(*wire::message_size(whole) == 45);
}

TEST_CASE("wire: a message that lies about its size or its command is refused") {
  CHECK(wire::message_size(message(wire::Command::kVersion, 13)).error().code == ErrorCode::kMalformed);
  CHECK(wire::message_size(message(wire::Command::kWait, 8)).error().code == ErrorCode::kMalformed);
  CHECK(wire::message_size(message(wire::Command::kTransmit, 0xFFFFFFFF)).error().code == ErrorCode::kMalformed);
  for (std::uint32_t unknown : {0U, 3U, 0x0CU, 0x0EU, 0x18U, 0xFFFFFFFFU}) {
    CHECK(wire::message_size(message(static_cast<wire::Command>(unknown), 0)).error().code == ErrorCode::kUnsupported);
  }
  for (std::uint32_t size : {std::uint32_t{wire::kMaxBuffer} + 1, 0xFFFFFFFFU}) {
    Bytes body;
    wire::Transmit transmit;
    transmit.send_size = size;
    wire::write(body, transmit);
    CHECK(wire::message_size(message(wire::Command::kTransmit, sizeof(transmit), body)).error().code == ErrorCode::kRange);
    body.clear();
    wire::Control control;
    control.send_size = size;
    wire::write(body, control);
    CHECK(wire::message_size(message(wire::Command::kControl, sizeof(control), body)).error().code == ErrorCode::kRange);
  }
}
