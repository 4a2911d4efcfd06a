// SPDX-License-Identifier: Apache-2.0
// Package sim.toolkit (3GPP TS 43.019 annex A), the toolkit's API of SIMs, over the same toolkit: most methods are those of uicc.toolkit
// and uicc.usim.toolkit by name and descriptor. An applet that implements ToolkitInterface is triggered itself.
#include "applet/java/uicc/toolkit.hpp"
#include "core/ber_tlv.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::NativeCall;
using machine::Outcome;

bool is_of_sim(NativeCall& call) {
  return call.thread().frames().back().method->module->name == kSimToolkitPackage;
}

namespace {

template <HandlerKind kKind>
Outcome get_the_handler(NativeCall& call) {
  return session_of(call).give_handler(call, kKind);
}

/// 9F, or 9E: the terminal reports an error to the network.
bool is_success(NativeCall& call) {
  return static_cast<std::uint8_t>(call.byte_at(0)) != 0x9E;
}

Outcome post(NativeCall& call) {
  Handler list(call);
  return list ? post_answer(call, list->bytes, is_success(call)) : call.failed();
}

Outcome post_as_ber_tlv(NativeCall& call) {
  Handler list(call);
  if (!list) return call.failed();
  return post_answer(call, ber::encode(static_cast<std::uint8_t>(call.byte_at(1)), list->bytes), is_success(call));
}

Outcome envelope_tag(NativeCall& call) {
  Handler list(call);
  return list ? call.returns(static_cast<std::int16_t>(static_cast<std::int8_t>(list->tag))) : call.failed();
}

/// Also before Applet.register(): applets for SIMs make their menu in the constructor.
Outcome get_entry(NativeCall& call) {
  const std::uint32_t instance = call.caller().instance;
  if (session_of(call).context().code()->toolkit_entry(instance) == nullptr) return call.returns_reference(machine::kNull);
  const auto object = session_of(call).registry_object(call, instance);
  return object ? call.returns_reference(*object) : call.failed();
}

Outcome set_event(NativeCall& call) {
  const auto entry = entry_of(call);
  return entry ? registry_answers(call, entry->set_event(Event{call.byte_at(0)})) : call.failed();
}

Outcome set_event_list(NativeCall& call) {
  const auto entry = entry_of(call);
  if (!entry) return call.failed();
  const auto list = call.read_array(0, call.short_at(1), call.short_at(2));
  if (!list) return call.failed();
  std::vector<Event> events;
  for (const std::uint8_t event : *list) events.push_back(Event{static_cast<std::int8_t>(event)});
  return registry_answers(call, entry->set_events(events));
}

Outcome clear_event(NativeCall& call) {
  const auto entry = entry_of(call);
  return entry ? registry_answers(call, entry->clear_event(Event{call.byte_at(0)})) : call.failed();
}

Outcome is_event_set(NativeCall& call) {
  const auto entry = entry_of(call);
  return entry ? call.returns(boolean(entry->is_set(Event{call.byte_at(0)}))) : call.failed();
}

Outcome throw_it(NativeCall& call) {
  return call.throws(kSimToolkitException, call.short_at(0));
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"EnvelopeHandler", "getTheHandler", "()Lsim/toolkit/EnvelopeHandler;", get_the_handler<HandlerKind::kEnvelope>},
    {"EnvelopeHandler", "getEnvelopeTag", "()B", envelope_tag},
    {"EnvelopeResponseHandler", "getTheHandler", "()Lsim/toolkit/EnvelopeResponseHandler;",
     get_the_handler<HandlerKind::kEnvelopeResponse>},
    {"EnvelopeResponseHandler", "post", "(B)V", post},
    {"EnvelopeResponseHandler", "postAsBERTLV", "(BB)V", post_as_ber_tlv},
    {"ProactiveHandler", "getTheHandler", "()Lsim/toolkit/ProactiveHandler;", get_the_handler<HandlerKind::kProactive>},
    {"ProactiveResponseHandler", "getTheHandler", "()Lsim/toolkit/ProactiveResponseHandler;",
     get_the_handler<HandlerKind::kProactiveResponse>},
    {"ToolkitRegistry", "getEntry", "()Lsim/toolkit/ToolkitRegistry;", get_entry},
    {"ToolkitRegistry", "setEvent", "(B)V", set_event},
    {"ToolkitRegistry", "setEventList", "([BSS)V", set_event_list},
    {"ToolkitRegistry", "clearEvent", "(B)V", clear_event},
    {"ToolkitRegistry", "isEventSet", "(B)Z", is_event_set},
    {"ToolkitException", "<init>", "(S)V", set_exception_reason},
    {"ToolkitException", "throwIt", "(S)V", throw_it},
});

/// A class of the SIM API, and the one whose methods it has.
struct Twin {
  std::string_view name;
  std::string_view package;
  std::string_view of;
};

constexpr auto kTwins = std::to_array<Twin>({
    {"EnvelopeHandler", kUsimToolkitPackage, "USATEnvelopeHandler"},
    {"EnvelopeResponseHandler", kToolkitPackage, "EnvelopeResponseHandler"},
    {"ProactiveHandler", kToolkitPackage, "ProactiveHandler"},
    {"ProactiveResponseHandler", kToolkitPackage, "ProactiveResponseHandler"},
    {"ToolkitRegistry", kToolkitPackage, "ToolkitRegistry"},
    {"MEProfile", kToolkitPackage, "TerminalProfile"},
});

}  // namespace

void add_sim_toolkit(machine::NativeTable& table) {
  for (const std::string_view name : {"EnvelopeHandler", "EnvelopeResponseHandler", "ProactiveHandler", "ProactiveResponseHandler"}) {
    table.layout(kSimToolkitPackage, name, {});
  }
  table.layout(kSimToolkitPackage, "ToolkitRegistry", {.numbers = 1});
  for (const Twin& twin : kTwins) table.same_as(kSimToolkitPackage, twin.name, twin.package, twin.of);
  table.add(kSimToolkitPackage, kMethods);
}

}  // namespace uicclab::applet::java
