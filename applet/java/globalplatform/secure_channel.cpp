// SPDX-License-Identifier: Apache-2.0
// SecureChannel: the session that the security domain keeps for the applet (applet/api/secure_channel.hpp), which protects commands and
// answers when the applet asks for it. While a domain passes STORE DATA on it is the domain's own, by its level and its cipher.
#include "applet/api/secure_channel.hpp"

#include "applet/java/globalplatform/globalplatform.hpp"
#include "core/apdu.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::NativeCall;
using machine::Outcome;

namespace {

constexpr std::uint8_t kInitializeUpdate = 0x50;
constexpr std::uint8_t kExternalAuthenticate = 0x82;
constexpr std::uint8_t kAuthenticated = 0x80;
constexpr std::uint8_t kOfAnswers = 0x30;  ///< R_MAC, R_ENCRYPTION
constexpr std::size_t kHeader = 5;
constexpr std::size_t kExtendedHeader = 7;

Outcome refuse(NativeCall& call, StatusWord status) {
  return call.throws(machine::kISOException, static_cast<std::int16_t>(status.value));
}

/// A method for the application that the object was given to, and no other; its arguments are checked first.
template <Outcome (*kMethod)(NativeCall&)>
Outcome of_owner(NativeCall& call) {
  return call.caller().instance == instance_of_object(call) ? kMethod(call) : call.throws(machine::kSecurityException);
}

/// Null: no session was begun on this channel.
SecureChannel* session_now(NativeCall& call) {
  applet::Context& context = session_of(call).context();
  return context.code()->self() == instance_of_object(call) ? context.secure_channel() : nullptr;
}

/// In a command with secure messaging, or an answer to it.
bool is_aborted(const SecureChannel* channel) {
  return channel != nullptr && channel->is_aborted();
}

std::optional<BytesView> range(NativeCall& call) {
  return call.read_array(0, call.short_at(1), call.short_at(2));
}

/// What the card's buffer has; received first if the applet did not. INITIALIZE UPDATE and EXTERNAL AUTHENTICATE are short
/// commands.
Outcome process_security(NativeCall& call) {
  Session& session = session_of(call);
  if (call.object_at(0) == nullptr) return call.failed();
  if (session.apdu_object() == machine::kNull || call.reference_at(0) != session.apdu_object()) {
    return call.throws(machine::kSecurityException);
  }
  // The command is the selected application's; another one that it called has no session in it.
  if (session.context().code()->self() != instance_of_object(call)) return refuse(call, sw::kConditionsNotSatisfied);
  const auto buffer = [&] { return BytesView(call.heap().find(session.apdu_buffer())->body); };
  const std::uint8_t cla = buffer()[0];
  const std::uint8_t ins = buffer()[1];
  if (!apdu::is_proprietary(cla)) return refuse(call, sw::kClaNotSupported);
  if (ins != kInitializeUpdate && ins != kExternalAuthenticate) return refuse(call, sw::kInsNotSupported);
  if (session.apdu().state == ApduState::kInitial) receive_into_buffer(call, session.apdu().data_at);
  const auto at = static_cast<std::size_t>(session.apdu().data_at);
  const std::size_t size = at == kHeader ? buffer()[4] : std::size_t{buffer()[5]} << 8 | buffer()[6];
  if (session.apdu().incoming.size() != size || at + size > buffer().size()) return refuse(call, sw::kWrongLength);
  const Bytes copy = to_bytes(buffer());
  const apdu::Command command{cla, ins, copy[2], copy[3], BytesView(copy).subspan(at, size), 256, false};
  Bytes out;
  const StatusWord answer = session.context().process_security(command, out);
  if (answer != sw::kOk) return refuse(call, answer);
  call.heap().write_now(*call.heap().find(session.apdu_buffer()), at, out);
  return call.returns(static_cast<std::int16_t>(out.size()));
}

Outcome unwrap(NativeCall& call) {
  const auto given = range(call);
  if (!given) return call.failed();
  SecureChannel* const channel = session_now(call);
  if (is_aborted(channel)) return refuse(call, sw::kConditionsNotSatisfied);
  const bool as_it_is = channel == nullptr || channel->level() == 0 || given->empty() || !apdu::is_secured((*given)[0]);
  if (as_it_is) return call.returns(call.short_at(2));
  const Bytes secured = to_bytes(*given);
  apdu::Command command;
  std::size_t at = kHeader;
  if (secured.size() < kHeader) return refuse(call, sw::kWrongLength);
  std::size_t size = secured[4];
  if (size == 0 && secured.size() > kExtendedHeader) {
    at = kExtendedHeader;
    size = std::size_t{secured[5]} << 8 | secured[6];
    command.extended = true;
  }
  // Le may follow.
  if (secured.size() < at + size) return refuse(call, sw::kWrongLength);
  command.cla = secured[0];
  command.ins = secured[1];
  command.p1 = secured[2];
  command.p2 = secured[3];
  command.data = BytesView(secured).subspan(at, size);
  const auto plain = channel->unwrap(command);
  if (!plain) return refuse(call, plain.error());
  Bytes out{plain->cla, plain->ins, plain->p1, plain->p2};
  if (command.extended) out.insert(out.end(), {0, static_cast<std::uint8_t>(plain->data.size() >> 8)});
  out.push_back(static_cast<std::uint8_t>(plain->data.size()));
  append(out, plain->data);
  return call.write_array(0, call.short_at(1), out) ? call.returns(static_cast<std::int16_t>(out.size())) : call.failed();
}

/// The status word at the end is protected with the data, and taken off.
Outcome wrap(NativeCall& call) {
  constexpr std::int16_t kStatus = 2;
  const std::int16_t length = call.short_at(2);
  const auto given = range(call);
  if (!given) return call.failed();
  if (length < kStatus) return refuse(call, sw::kWrongLength);
  SecureChannel* const channel = session_now(call);
  if (is_aborted(channel)) return refuse(call, sw::kConditionsNotSatisfied);
  const auto size = static_cast<std::int16_t>(length - kStatus);
  if (channel == nullptr || (channel->level() & kOfAnswers) == 0) return call.returns(size);
  const BytesView status = given->subspan(static_cast<std::size_t>(size));
  const StatusWord answer{static_cast<std::uint16_t>(status[0] << 8 | status[1])};
  Bytes data = to_bytes(given->first(static_cast<std::size_t>(size)));
  channel->wrap(data, answer);
  return call.write_array(0, call.short_at(1), data) ? call.returns(static_cast<std::int16_t>(data.size())) : call.failed();
}

template <Result<Bytes> (SecureChannel::*kCipher)(BytesView)>
Outcome cipher(NativeCall& call) {
  const auto given = range(call);
  if (!given) return call.failed();
  SecureChannel* const channel = session_now(call);
  if (channel == nullptr || !channel->is_open()) return refuse(call, sw::kConditionsNotSatisfied);
  call.charge(given->size());
  const auto done = (channel->*kCipher)(to_bytes(*given));
  if (!done) return refuse(call, done.error().code == ErrorCode::kRefused ? sw::kConditionsNotSatisfied : sw::kWrongLength);
  return call.write_array(0, call.short_at(1), *done) ? call.returns(static_cast<std::int16_t>(done->size())) : call.failed();
}

Outcome reset_security(NativeCall& call) {
  if (SecureChannel* const channel = session_now(call)) channel->terminate();
  return call.returns();
}

Outcome get_security_level(NativeCall& call) {
  const SecureChannel* const channel = session_now(call);
  const bool is_open = channel != nullptr && channel->is_open();
  return call.returns(static_cast<std::int8_t>(is_open ? channel->level() | kAuthenticated : 0));
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"SecureChannel", "processSecurity", "(Ljavacard/framework/APDU;)S", of_owner<process_security>},
    {"SecureChannel", "wrap", "([BSS)S", of_owner<wrap>},
    {"SecureChannel", "unwrap", "([BSS)S", of_owner<unwrap>},
    {"SecureChannel", "decryptData", "([BSS)S", of_owner<cipher<&SecureChannel::decrypt>>},
    {"SecureChannel", "encryptData", "([BSS)S", of_owner<cipher<&SecureChannel::encrypt>>},
    {"SecureChannel", "resetSecurity", "()V", of_owner<reset_security>},
    {"SecureChannel", "getSecurityLevel", "()B", of_owner<get_security_level>},
});

}  // namespace

void add_secure_channels(machine::NativeTable& table) {
  table.layout(kGlobalPlatform, "SecureChannel", {.numbers = 1});
  table.add(kGlobalPlatform, kMethods);
}

}  // namespace uicclab::applet::java
