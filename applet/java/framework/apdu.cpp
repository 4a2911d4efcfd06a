// SPDX-License-Identifier: Apache-2.0
// APDU: JCRE clause 9.4. Its state is the session's (ApduState).
#include "core/apdu.hpp"

#include "applet/java/framework/framework.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::NativeCall;
using machine::Outcome;

namespace {

// Reasons of APDUException
constexpr std::int16_t kIllegalUse = 1;
constexpr std::int16_t kBufferBounds = 2;
constexpr std::int16_t kBadLength = 3;

// T=1 has blocks of up to 254 bytes (ISO/IEC 7816-3 clause 11.4.2); T=0 comes byte by byte, and goes out in up to 256 with a status word.
constexpr std::int16_t kBlock = 254;
constexpr std::int16_t kOutOfT0 = 258;

ApduState& state_of(NativeCall& call) {
  return session_of(call).apdu();
}

machine::Object& buffer_of(NativeCall& call) {
  return *call.heap().find(session_of(call).apdu_buffer());
}

Outcome refuse(NativeCall& call, std::int16_t reason) {
  return call.throws(machine::kAPDUException, reason);
}

/// A method of the object that process() gets; one that a bent file has made has no buffer behind it.
template <Outcome (*kMethod)(NativeCall&)>
Outcome of_card(NativeCall& call) {
  const machine::Ref card = session_of(call).apdu_object();
  return card != machine::kNull && call.self() == card ? kMethod(call) : call.throws(machine::kSecurityException);
}

Outcome get_buffer(NativeCall& call) {
  return call.returns_reference(session_of(call).apdu_buffer());
}

template <std::int16_t kValue>
Outcome constant(NativeCall& call) {
  return call.returns(kValue);
}

Outcome protocol(NativeCall& call) {
  return call.returns(static_cast<std::int16_t>(session_of(call).context().protocol()));
}

bool is_t1(NativeCall& call) {
  return session_of(call).context().protocol() == Protocol::kT1;
}

std::int16_t in_block(NativeCall& call) {
  return is_t1(call) ? kBlock : std::int16_t{1};
}

Outcome in_block_size(NativeCall& call) {
  return call.returns(in_block(call));
}

Outcome out_block_size(NativeCall& call) {
  return call.returns(is_t1(call) ? kBlock : kOutOfT0);
}

Outcome wait_extension(NativeCall& call) {
  return state_of(call).no_chaining ? refuse(call, kIllegalUse) : call.returns();
}

/// Only the applet that is selected has it (APDU.getCurrentAPDU).
bool may_have(NativeCall& call) {
  const auto selected = call.selected();
  return session_of(call).apdu_object() != machine::kNull && selected && selected->package == call.caller().package;
}

Outcome current_apdu(NativeCall& call) {
  return may_have(call) ? call.returns_reference(session_of(call).apdu_object()) : call.throws(machine::kSecurityException);
}

Outcome current_buffer(NativeCall& call) {
  return may_have(call) ? get_buffer(call) : call.throws(machine::kSecurityException);
}

// What comes in: as much at a time as fits into the buffer.

Outcome receive(NativeCall& call, std::int16_t offset) {
  return call.returns(receive_into_buffer(call, offset));
}

Outcome set_incoming_and_receive(NativeCall& call) {
  const ApduState& apdu = state_of(call);
  return apdu.state == ApduState::kInitial ? receive(call, apdu.data_at) : refuse(call, kIllegalUse);
}

/// BUFFER_BOUNDS: no room for a block, if as much is still to come.
Outcome receive_bytes(NativeCall& call) {
  const ApduState& apdu = state_of(call);
  if (apdu.state != ApduState::kFullIncoming && apdu.state != ApduState::kPartialIncoming) return refuse(call, kIllegalUse);
  const std::int32_t offset = call.short_at(0);
  const auto left = static_cast<std::int32_t>(apdu.incoming.size() - apdu.received);
  const std::int32_t least = std::min<std::int32_t>(left, in_block(call));
  if (offset < 0 || offset + least > static_cast<std::int32_t>(Session::kBuffer)) return refuse(call, kBufferBounds);
  return receive(call, call.short_at(0));
}

Outcome incoming_length(NativeCall& call) {
  const ApduState& apdu = state_of(call);
  if (apdu.state == ApduState::kInitial) return refuse(call, kIllegalUse);
  return call.returns(static_cast<std::int16_t>(apdu.incoming.size()));
}

Outcome offset_cdata(NativeCall& call) {
  return state_of(call).state == ApduState::kInitial ? refuse(call, kIllegalUse) : call.returns(state_of(call).data_at);
}

// What goes out

Outcome set_outgoing(NativeCall& call) {
  ApduState& apdu = state_of(call);
  if (apdu.state >= ApduState::kOutgoing) return refuse(call, kIllegalUse);
  apdu.state = ApduState::kOutgoing;
  return call.returns(apdu.le);
}

Outcome set_outgoing_no_chaining(NativeCall& call) {
  ApduState& apdu = state_of(call);
  if (apdu.state < ApduState::kOutgoing) apdu.no_chaining = true;
  return set_outgoing(call);
}

Outcome set_outgoing_length(NativeCall& call) {
  ApduState& apdu = state_of(call);
  if (apdu.state != ApduState::kOutgoing) return refuse(call, kIllegalUse);
  const std::int16_t length = call.short_at(0);
  if (length < 0 || length > apdu.most) return refuse(call, kBadLength);
  constexpr std::int16_t kStatus = 2;
  if (apdu.no_chaining && is_t1(call) && length > kBlock - kStatus) return refuse(call, kBadLength);
  apdu.promised = length;
  apdu.state = length == 0 ? ApduState::kFullOutgoing : ApduState::kLengthKnown;
  return call.returns();
}

Outcome send(NativeCall& call, BytesView bytes) {
  send_to_terminal(call, bytes);
  return call.returns();
}

/// setOutgoingLength() was called, and this is not more than what it said.
bool may_send(const ApduState& apdu, std::int16_t length) {
  if (apdu.state < ApduState::kLengthKnown) return false;
  return static_cast<std::int32_t>(apdu.sent.size()) + length <= apdu.promised;
}

std::optional<BytesView> in_buffer(NativeCall& call, std::int16_t offset, std::int16_t length) {
  const BytesView buffer = buffer_of(call).body;
  if (offset < 0 || length < 0 || std::int32_t{offset} + length > static_cast<std::int32_t>(buffer.size())) return std::nullopt;
  return buffer.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(length));
}

Outcome send_bytes(NativeCall& call) {
  const auto bytes = in_buffer(call, call.short_at(0), call.short_at(1));
  if (!bytes) return refuse(call, kBufferBounds);
  if (!may_send(state_of(call), call.short_at(1))) return refuse(call, kIllegalUse);
  return bytes->empty() ? call.returns() : send(call, *bytes);
}

Outcome send_bytes_long(NativeCall& call) {
  const auto bytes = call.read_array(0, call.short_at(1), call.short_at(2));
  if (!bytes) return call.failed();
  if (!may_send(state_of(call), call.short_at(2))) return refuse(call, kIllegalUse);
  return bytes->empty() ? call.returns() : send(call, *bytes);
}

Outcome set_outgoing_and_send(NativeCall& call) {
  ApduState& apdu = state_of(call);
  if (apdu.state >= ApduState::kOutgoing) return refuse(call, kIllegalUse);
  const auto bytes = in_buffer(call, call.short_at(0), call.short_at(1));
  if (!bytes) return refuse(call, kBufferBounds);
  if (call.short_at(1) > state_of(call).most) return refuse(call, kBadLength);
  apdu.promised = call.short_at(1);
  return send(call, *bytes);
}

// The class byte, as it came

std::uint8_t cla_of(NativeCall& call) {
  return buffer_of(call).body[0];
}

Outcome cla_channel(NativeCall& call) {
  return call.returns(static_cast<std::int16_t>(session_of(call).context().channel().value));
}

Outcome is_command_chaining(NativeCall& call) {
  constexpr std::uint8_t kChaining = 0x10;
  return call.returns(boolean((cla_of(call) & kChaining) != 0));
}

/// ISO/IEC 7816-4: two bits of channels 0 to 3, one of channels 4 to 19.
Outcome is_secure_messaging(NativeCall& call) {
  const std::uint8_t cla = cla_of(call);
  return call.returns(boolean(apdu::is_secured(cla)));
}

Outcome is_interindustry(NativeCall& call) {
  return call.returns(boolean((cla_of(call) & 0x80) == 0));
}

Outcome is_valid_cla(NativeCall& call) {
  const std::uint8_t cla = cla_of(call);
  return call.returns(boolean(cla != 0xFF && (cla & 0xE0) != 0x20));
}

Outcome current_state(NativeCall& call) {
  return call.returns(static_cast<std::int16_t>(state_of(call).state));
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"APDU", "getInBlockSize", "()S", in_block_size},
    {"APDU", "getOutBlockSize", "()S", out_block_size},
    {"APDU", "getProtocol", "()B", protocol},
    {"APDU", "waitExtension", "()V", wait_extension},
    {"APDU", "getCurrentAPDU", "()Ljavacard/framework/APDU;", current_apdu},
    {"APDU", "getCurrentAPDUBuffer", "()[B", current_buffer},
    {"APDU", "getCLAChannel", "()B", cla_channel},
    {"APDU", "getBuffer", "()[B", of_card<get_buffer>},
    {"APDU", "getNAD", "()B", constant<0>},
    {"APDU", "receiveBytes", "(S)S", of_card<receive_bytes>},
    {"APDU", "sendBytes", "(SS)V", of_card<send_bytes>},
    {"APDU", "sendBytesLong", "([BSS)V", of_card<send_bytes_long>},
    {"APDU", "setIncomingAndReceive", "()S", of_card<set_incoming_and_receive>},
    {"APDU", "setOutgoing", "()S", of_card<set_outgoing>},
    {"APDU", "setOutgoingAndSend", "(SS)V", of_card<set_outgoing_and_send>},
    {"APDU", "setOutgoingLength", "(S)V", of_card<set_outgoing_length>},
    {"APDU", "setOutgoingNoChaining", "()S", of_card<set_outgoing_no_chaining>},
    {"APDU", "getCurrentState", "()B", of_card<current_state>},
    {"APDU", "isCommandChainingCLA", "()Z", of_card<is_command_chaining>},
    {"APDU", "isSecureMessagingCLA", "()Z", of_card<is_secure_messaging>},
    {"APDU", "isISOInterindustryCLA", "()Z", of_card<is_interindustry>},
    {"APDU", "getIncomingLength", "()S", of_card<incoming_length>},
    {"APDU", "getOffsetCdata", "()S", of_card<offset_cdata>},
    {"APDU", "isValidCLA", "()Z", of_card<is_valid_cla>},
});

}  // namespace

std::int16_t receive_into_buffer(NativeCall& call, std::int16_t offset) {
  ApduState& apdu = state_of(call);
  const std::size_t left = apdu.incoming.size() - apdu.received;
  const std::size_t size = std::min(left, Session::kBuffer - static_cast<std::size_t>(offset));
  call.heap().write_now(buffer_of(call), static_cast<std::size_t>(offset), BytesView(apdu.incoming).subspan(apdu.received, size));
  apdu.received += size;
  apdu.state = apdu.received == apdu.incoming.size() ? ApduState::kFullIncoming : ApduState::kPartialIncoming;
  return static_cast<std::int16_t>(size);
}

void send_to_terminal(NativeCall& call, BytesView bytes) {
  ApduState& apdu = state_of(call);
  append(apdu.sent, bytes);
  apdu.state = static_cast<std::int32_t>(apdu.sent.size()) == apdu.promised ? ApduState::kFullOutgoing : ApduState::kPartialOutgoing;
}

void add_apdu(machine::NativeTable& table) {
  table.add("javacard/framework", kMethods);
}

}  // namespace uicclab::applet::java
