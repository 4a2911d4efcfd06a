// SPDX-License-Identifier: Apache-2.0
// javacard.framework.service without RMI: BasicService and Dispatcher. Services pass the command on in the APDU buffer (Common Service
// Format): CLA INS P1 P2 Lc data, and when it is processed CLA INS SW1 SW2 La data.
#include "applet/java/framework/framework.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::Cell;
using machine::kNull;
using machine::NativeCall;
using machine::Outcome;

namespace {

constexpr machine::ApiClass kService{"javacard/framework/service", 0};
constexpr machine::ApiClass kDispatcher{"javacard/framework/service", 6};
constexpr machine::ApiClass kServiceException{"javacard/framework/service", 7};

/// Reasons of ServiceException.
enum Reason : std::int16_t { kIllegalParam = 1, kTableFull, kDataTooLong, kNoAccessIn, kNoAccessOut };

constexpr std::size_t kP1 = 2;
constexpr std::size_t kP2 = 3;
constexpr std::size_t kStatus = 2;
constexpr std::size_t kLength = 4;
constexpr std::int16_t kData = 5;
constexpr std::int16_t kMostOut = 256;

Outcome refuse(NativeCall& call, Reason reason) {
  return call.throws(kServiceException, reason);
}

ApduState& state_of(NativeCall& call) {
  return session_of(call).apdu();
}

machine::Object& buffer_of(NativeCall& call) {
  return *call.heap().find(session_of(call).apdu_buffer());
}

/// Argument 0 is the APDU that is processed; another one has no buffer behind it.
template <Outcome (*kMethod)(NativeCall&)>
Outcome with_apdu(NativeCall& call) {
  if (call.object_at(0) == nullptr) return call.failed();
  const machine::Ref card = session_of(call).apdu_object();
  return card != kNull && call.reference_at(0) == card ? kMethod(call) : call.throws(machine::kSecurityException);
}

// BasicService

Outcome nothing(NativeCall& call) {
  return call.returns();
}

Outcome no(NativeCall& call) {
  return call.returns(boolean(false));
}

bool is_processed(NativeCall& call) {
  return state_of(call).state >= ApduState::kOutgoing;
}

Outcome receive_in_data(NativeCall& call) {
  const ApduState& apdu = state_of(call);
  if (apdu.state != ApduState::kInitial && apdu.state != ApduState::kFullIncoming) return refuse(call, kNoAccessIn);
  if (apdu.incoming.size() > Session::kBuffer - static_cast<std::size_t>(kData)) return refuse(call, kDataTooLong);
  if (apdu.state == ApduState::kInitial) receive_into_buffer(call, kData);
  return call.returns(static_cast<std::int16_t>(apdu.incoming.size()));
}

void process_it(NativeCall& call) {
  if (!is_processed(call)) state_of(call).state = ApduState::kOutgoing;
}

Outcome set_processed(NativeCall& call) {
  process_it(call);
  return call.returns();
}

Outcome is_processed_method(NativeCall& call) {
  return call.returns(boolean(is_processed(call)));
}

void put_length(NativeCall& call, std::int16_t length) {
  state_of(call).has_256 = length == kMostOut;
  call.heap().write_now(buffer_of(call), kLength, std::array{static_cast<std::uint8_t>(length)});
}

void put_status(NativeCall& call, std::int16_t status) {
  const auto bits = static_cast<std::uint16_t>(status);
  call.heap().write_now(buffer_of(call), kStatus, std::array{static_cast<std::uint8_t>(bits >> 8), static_cast<std::uint8_t>(bits)});
}

std::int16_t length_of(NativeCall& call) {
  const std::uint8_t length = buffer_of(call).body[kLength];
  return length == 0 && state_of(call).has_256 ? kMostOut : std::int16_t{length};
}

std::int16_t status_of(NativeCall& call) {
  return static_cast<std::int16_t>(buffer_of(call).u16(kStatus));
}

Outcome set_output_length(NativeCall& call) {
  const std::int16_t length = call.short_at(1);
  if (length < 0 || length > kMostOut) return refuse(call, kIllegalParam);
  put_length(call, length);
  return call.returns();
}

Outcome output_length(NativeCall& call) {
  return is_processed(call) ? call.returns(length_of(call)) : refuse(call, kNoAccessOut);
}

Outcome set_status_word(NativeCall& call) {
  put_status(call, call.short_at(1));
  return call.returns();
}

Outcome status_word(NativeCall& call) {
  return is_processed(call) ? call.returns(status_of(call)) : refuse(call, kNoAccessOut);
}

Outcome fail_it(NativeCall& call) {
  process_it(call);
  put_length(call, 0);
  put_status(call, call.short_at(1));
  return call.returns(boolean(true));
}

Outcome succeed(NativeCall& call) {
  process_it(call);
  put_status(call, static_cast<std::int16_t>(sw::kOk.value));
  return call.returns(boolean(true));
}

Outcome succeed_with(NativeCall& call) {
  process_it(call);
  put_status(call, call.short_at(1));
  return call.returns(boolean(true));
}

Outcome byte_in_buffer(NativeCall& call, std::size_t offset) {
  return call.returns(std::int16_t{static_cast<std::int8_t>(buffer_of(call).body[offset])});
}

template <std::size_t kOffset>
Outcome header_byte(NativeCall& call) {
  const ApduState& apdu = state_of(call);
  const bool is_parameter = kOffset == kP1 || kOffset == kP2;
  const bool may = apdu.state == ApduState::kInitial || apdu.state == ApduState::kFullIncoming;
  return is_parameter && !may ? refuse(call, kNoAccessIn) : byte_in_buffer(call, kOffset);
}

Outcome selecting_applet(NativeCall& call) {
  return call.returns(boolean(session_of(call).is_selecting()));
}

// Dispatcher: services, and the phase of each; in the order in which they came. Phases are one more than the token of their method.

constexpr unsigned kServices = 0;
constexpr unsigned kPhases = 1;
constexpr std::int8_t kInputData = 1;
constexpr std::int8_t kOutputData = 3;

Outcome make_dispatcher(NativeCall& call) {
  const std::int16_t most = call.short_at(0);
  if (most < 0) return refuse(call, kIllegalParam);
  const machine::Context owner = call.heap().find(call.self())->owner;
  const auto services = call.make_object_array(kService, most, owner);
  if (!services || !call.set_reference(call.self(), kDispatcher, kServices, *services)) return call.failed();
  const auto phases = call.make_array(jcvm::code::kTypeByte, most, owner);
  return phases && call.set_reference(call.self(), kDispatcher, kPhases, *phases) ? call.returns() : call.failed();
}

struct Table {
  machine::Object* services = nullptr;  ///< null: the constructor was not run
  machine::Object* phases = nullptr;

  /// A constructor that is called once more, and fails between the two, leaves arrays of different lengths.
  std::size_t size() const { return services == nullptr || phases == nullptr ? 0 : std::min(services->length, phases->length); }
  machine::Ref service(std::size_t place) const { return services->u32(4 * place); }
  std::int8_t phase(std::size_t place) const { return static_cast<std::int8_t>(phases->body[place]); }
};

Table table_of(NativeCall& call) {
  return {call.heap().find(call.reference_in(call.self(), kDispatcher, kServices)),
          call.heap().find(call.reference_in(call.self(), kDispatcher, kPhases))};
}

bool is_phase(std::int8_t phase) {
  return phase >= kInputData && phase <= kOutputData;
}

/// Where argument 0 is registered for the phase of argument 1; the first free place if it is not, or the table's size.
std::size_t place_of(NativeCall& call, const Table& table, bool& found) {
  std::size_t free = table.size();
  for (std::size_t i = 0; i < table.size(); ++i) {
    found = table.service(i) == call.reference_at(0) && table.phase(i) == call.byte_at(1);
    if (found) return i;
    if (table.service(i) == kNull && free == table.size()) free = i;
  }
  return free;
}

/// Both writes or none, also without a transaction of the applet's: what counts is the reference, which comes last.
bool put(NativeCall& call, const Table& table, std::size_t place, machine::Ref service, std::int8_t phase) {
  const bool done = call.heap().write(*table.phases, place, std::array{static_cast<std::uint8_t>(phase)}) &&
                    call.heap().write_reference(*table.services, 4 * place, service);
  if (!done) call.throws(machine::kTransactionException, machine::kTransactionBufferFull);
  return done;
}

Outcome add_service(NativeCall& call) {
  if (call.reference_at(0) == kNull || !is_phase(call.byte_at(1))) return refuse(call, kIllegalParam);
  if (call.object_at(0) == nullptr) return call.failed();
  const Table table = table_of(call);
  bool found = false;
  std::size_t place = place_of(call, table, found);
  if (found) return call.returns();
  if (place == table.size()) return refuse(call, kTableFull);
  return put(call, table, place, call.reference_at(0), call.byte_at(1)) ? call.returns() : call.failed();
}

/// What comes behind it moves down, so that the order stays.
Outcome remove_service(NativeCall& call) {
  if (call.reference_at(0) == kNull || !is_phase(call.byte_at(1))) return refuse(call, kIllegalParam);
  const Table table = table_of(call);
  bool found = false;
  const std::size_t place = place_of(call, table, found);
  if (!found) return call.returns();
  const bool own = !call.heap().in_transaction();
  if (own) call.heap().begin();
  for (std::size_t i = place; i < table.size(); ++i) {
    const bool last = i + 1 == table.size();
    if (put(call, table, i, last ? kNull : table.service(i + 1), last ? std::int8_t{0} : table.phase(i + 1))) continue;
    if (own) session_of(call).abort_transaction();
    return call.failed();
  }
  if (own) call.heap().commit();
  return call.returns();
}

/// What the services have left in the buffer goes to the terminal.
void send_answer(NativeCall& call) {
  ApduState& apdu = state_of(call);
  const std::int16_t length = std::min(length_of(call), apdu.most);
  apdu.promised = length;
  send_to_terminal(call, BytesView(buffer_of(call).body).subspan(kData, static_cast<std::size_t>(length)));
}

/// dispatch() answers with the exception of a service; process() makes a status of each outcome.
template <bool kAll>
Outcome dispatch(NativeCall& call) {
  constexpr std::uint8_t kAsked = 1;
  Cell& phase = call.scratch(0);
  Cell& place = call.scratch(1);
  if (call.step() == kAsked) {
    if (call.caught() != kNull) {
      return kAll ? call.throws(machine::kISOException, static_cast<std::int16_t>(sw::kNoPreciseDiagnosis.value))
                  : call.returns_reference(call.caught());
    }
    ++place.value;
    if ((call.result().number & 0xFF) != 0) place = Cell::of(0x7FFF);  // the phase is complete
  } else {
    phase = Cell::of(kAll ? std::int16_t{kInputData} : std::int16_t{call.byte_at(1)});
    place = Cell::of(0);
    if (!is_phase(static_cast<std::int8_t>(phase.value))) return refuse(call, kIllegalParam);
  }
  const Table table = table_of(call);
  for (; phase.value <= kOutputData; ++phase.value, place.value = 0) {
    if (phase.value == kOutputData && state_of(call).state != ApduState::kOutgoing) break;
    for (; static_cast<std::size_t>(place.value) < table.size(); ++place.value) {
      const auto at = static_cast<std::size_t>(place.value);
      if (table.service(at) == kNull || table.phase(at) != phase.value) continue;
      const std::array<Cell, 1> arguments{Cell::reference(call.reference_at(0))};
      return call.calls_interface(table.service(at), kService, static_cast<std::uint8_t>(phase.value - 1), arguments, kAsked,
                                  NativeCall::Catch::kAll);
    }
  }
  if (state_of(call).state != ApduState::kOutgoing) {
    return kAll ? call.throws(machine::kISOException, static_cast<std::int16_t>(sw::kInsNotSupported.value))
                : call.returns_reference(kNull);
  }
  const std::int16_t status = status_of(call);
  send_answer(call);
  if (kAll && static_cast<std::uint16_t>(status) == sw::kOk.value) return call.returns();
  return call.throws(machine::kISOException, status);
}

Outcome throw_it(NativeCall& call) {
  return call.throws(kServiceException, call.short_at(0));
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"BasicService", "<init>", "()V", nothing},
    {"BasicService", "processDataIn", "(Ljavacard/framework/APDU;)Z", no},
    {"BasicService", "processCommand", "(Ljavacard/framework/APDU;)Z", no},
    {"BasicService", "processDataOut", "(Ljavacard/framework/APDU;)Z", no},
    {"BasicService", "receiveInData", "(Ljavacard/framework/APDU;)S", with_apdu<receive_in_data>},
    {"BasicService", "setProcessed", "(Ljavacard/framework/APDU;)V", with_apdu<set_processed>},
    {"BasicService", "isProcessed", "(Ljavacard/framework/APDU;)Z", with_apdu<is_processed_method>},
    {"BasicService", "setOutputLength", "(Ljavacard/framework/APDU;S)V", with_apdu<set_output_length>},
    {"BasicService", "getOutputLength", "(Ljavacard/framework/APDU;)S", with_apdu<output_length>},
    {"BasicService", "setStatusWord", "(Ljavacard/framework/APDU;S)V", with_apdu<set_status_word>},
    {"BasicService", "getStatusWord", "(Ljavacard/framework/APDU;)S", with_apdu<status_word>},
    {"BasicService", "fail", "(Ljavacard/framework/APDU;S)Z", with_apdu<fail_it>},
    {"BasicService", "succeed", "(Ljavacard/framework/APDU;)Z", with_apdu<succeed>},
    {"BasicService", "succeedWithStatusWord", "(Ljavacard/framework/APDU;S)Z", with_apdu<succeed_with>},
    {"BasicService", "getCLA", "(Ljavacard/framework/APDU;)B", with_apdu<header_byte<0>>},
    {"BasicService", "getINS", "(Ljavacard/framework/APDU;)B", with_apdu<header_byte<1>>},
    {"BasicService", "getP1", "(Ljavacard/framework/APDU;)B", with_apdu<header_byte<kP1>>},
    {"BasicService", "getP2", "(Ljavacard/framework/APDU;)B", with_apdu<header_byte<kP2>>},
    {"BasicService", "selectingApplet", "()Z", selecting_applet},
    {"Dispatcher", "<init>", "(S)V", make_dispatcher},
    {"Dispatcher", "addService", "(Ljavacard/framework/service/Service;B)V", add_service},
    {"Dispatcher", "removeService", "(Ljavacard/framework/service/Service;B)V", remove_service},
    {"Dispatcher", "dispatch", "(Ljavacard/framework/APDU;B)Ljava/lang/Exception;", with_apdu<dispatch<false>>},
    {"Dispatcher", "process", "(Ljavacard/framework/APDU;)V", with_apdu<dispatch<true>>},
    {"ServiceException", "<init>", "(S)V", set_exception_reason},
    {"ServiceException", "throwIt", "(S)V", throw_it},
});

}  // namespace

void add_services(machine::NativeTable& table) {
  table.layout("javacard/framework/service", "Dispatcher", {.references = 2});
  table.add("javacard/framework/service", kMethods);
}

}  // namespace uicclab::applet::java
