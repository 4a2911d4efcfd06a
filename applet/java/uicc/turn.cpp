// SPDX-License-Identifier: Apache-2.0
// A toolkit applet gets an event, waits in ProactiveHandler.send(), and continues: ETSI TS 102 241 clauses 6.4 and 6.7.
#include "applet/java/session_call.hpp"
#include "applet/java/uicc/toolkit.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::Cell;
using machine::Lifetime;
using machine::NativeCall;
using machine::Outcome;

/// What the applet wants to be told through: getShareableInterfaceObject(null, 1) of it; in the SIM API itself. kNull: nothing.
machine::Ref Session::toolkit_object(const Instance& instance) {
  if (m_machine->is_a(instance.applet, kSimToolkitInterface)) return instance.applet;
  constexpr std::uint8_t kGetShareable = 5;
  constexpr std::int16_t kToolkit = 1;
  machine::Thread thread(*m_machine);
  const std::array<Cell, 2> arguments{Cell::reference(machine::kNull), Cell::of(kToolkit)};
  if (!m_machine->call_virtual(thread, instance.applet, machine::kApplet, kGetShareable, arguments)) return machine::kNull;
  std::uint64_t budget = m_byte_codes;
  const machine::RunState state = m_machine->run(thread, budget);
  const Ref object = state == machine::RunState::kFinished ? thread.result().ref() : machine::kNull;
  bool aborted = false;
  settle(thread, state, aborted);
  return !aborted && m_machine->is_a(object, kToolkitInterface) ? object : machine::kNull;
}

Handled Session::on_event(applet::Context& context, const EventCall& event) {
  CodeServices& services = *context.code();
  const Call call(*this, services, &context);
  const auto instance = m_store.instance(services.self().value_or(0));
  if (!instance) return Handled::kIgnored;
  const Ref object = toolkit_object(*instance);
  auto activation = std::make_unique<Activation>(*m_machine, *instance, event);
  const std::array<Cell, 1> arguments{Cell::of(static_cast<std::int16_t>(event.event))};
  const bool of_sim = m_machine->is_a(object, kSimToolkitInterface);
  const machine::ApiClass& interface = of_sim ? kSimToolkitInterface : kToolkitInterface;
  if (!m_machine->call_interface(activation->thread, object, interface, 0, arguments)) return Handled::kIgnored;
  return go_on(context, std::move(activation), event.answer);
}

Handled Session::on_terminal_response(applet::Context& context, BytesView response) {
  CodeServices& services = *context.code();
  const Call call(*this, services, &context);
  if (m_parked == nullptr || m_parked->instance.context.instance != services.self()) return Handled::kDone;
  m_parked->response.clear();
  uicclab::append(m_parked->response.bytes, response);
  return go_on(context, std::move(m_parked), nullptr);
}

/// Of the exceptions only ISOException 9300 reaches the terminal: the toolkit is busy.
Handled Session::go_on(applet::Context& context, std::unique_ptr<Activation> activation, EnvelopeAnswer* answer) {
  activation->event.answer = answer;
  activation->may_answer = activation->may_answer && answer != nullptr;
  activation->may_send = context.toolkit().may_send();
  m_activation = activation.get();
  std::uint64_t budget = m_byte_codes;
  const machine::RunState state = m_machine->run(activation->thread, budget);
  m_activation = nullptr;
  if (state == machine::RunState::kWaiting) {
    for (const Ref array : std::exchange(m_global_arrays, {})) m_machine->heap().erase(array);
    m_parked = std::move(activation);
    m_parks = true;
    return Handled::kWaiting;
  }
  bool aborted = false;
  const StatusWord status = settle(activation->thread, state, aborted);
  if (status == sw::kBusy && answer != nullptr) answer->refuse_as_busy();
  if (std::exchange(m_deletion, false)) collect();
  return Handled::kDone;
}

/// Another instance than the one that waits is in the middle of a call that it made.
bool Session::is_on_parked_stack(std::uint32_t instance) const {
  if (m_parked == nullptr || m_parked->instance.context.instance == instance) return false;
  return std::ranges::any_of(m_parked->thread.frames(), [&](const auto& frame) { return frame.context.instance == instance; });
}

std::optional<HandlerKind> Session::handler_kind(Ref object) const {
  const auto found = std::ranges::find(m_handlers, object);
  if (object == machine::kNull || found == m_handlers.end()) return std::nullopt;
  return static_cast<HandlerKind>(static_cast<std::size_t>(found - m_handlers.begin()) % kHandlerKinds);
}

Outcome Session::give_handler(NativeCall& call, HandlerKind kind) {
  if (m_activation == nullptr || m_activation->list(kind) == nullptr) return toolkit_refuses(call, kHandlerNotAvailable);
  constexpr std::array<machine::ApiClass, kHandlerKinds> kOfSim{
      {{kSimToolkitPackage, 8}, {kSimToolkitPackage, 6}, {kSimToolkitPackage, 10}, {kSimToolkitPackage, 5}}};
  constexpr std::array<machine::ApiClass, kHandlerKinds> kClasses{kUsatEnvelopeHandler, kEnvelopeResponseHandler, kProactiveHandler,
                                                                  kProactiveResponseHandler};
  const auto place = static_cast<std::size_t>(kind) + (is_of_sim(call) ? kHandlerKinds : 0);
  if (m_machine->heap().find(m_handlers[place]) == nullptr) {
    const machine::ApiClass& of = (is_of_sim(call) ? kOfSim : kClasses)[static_cast<std::size_t>(kind)];
    m_handlers[place] = m_machine->make(of, machine::kRuntime, Lifetime::kSession);
    m_machine->heap().grant(m_handlers[place], machine::kTemporaryEntryPoint);
  }
  return call.returns_reference(m_handlers[place]);
}

machine::Ref Session::volatile_array() {
  constexpr std::uint32_t kSize = 256;
  if (m_machine->heap().find(m_volatile_array) == nullptr) {
    m_volatile_array = m_machine->make_array(jcvm::code::kTypeByte, kSize, machine::kRuntime, Lifetime::kSession);
    m_machine->heap().grant(m_volatile_array, machine::kGlobalArray);
  }
  return m_volatile_array;
}

}  // namespace uicclab::applet::java
