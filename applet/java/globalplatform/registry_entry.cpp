// SPDX-License-Identifier: Apache-2.0
// GPRegistryEntry. Whoever has one may read it; what it may change is decided by who asks (OpenServices::set_state()).
#include "applet/java/globalplatform/globalplatform.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::NativeCall;
using machine::Outcome;

namespace {

OpenServices::Entry entry_of(NativeCall& call) {
  return open_of(call).entry(instance_of_object(call)).value_or(OpenServices::Entry{});
}

/// Of an application of the card's program: an object that nobody can keep, and that goes when the call of the card ends.
Outcome get_aid(NativeCall& call) {
  const std::uint32_t number = instance_of_object(call);
  if (const auto instance = session_of(call).store().instance(number)) return call.returns_reference(instance->aid);
  const auto made = call.make(machine::kAid, machine::kRuntime, machine::Lifetime::kSession);
  if (!made) return call.failed();
  call.heap().grant(*made, machine::kTemporaryEntryPoint);
  session_of(call).erase_after_call(*made);
  const Aid aid = entry_of(call).aid;
  Bytes value{static_cast<std::uint8_t>(aid.bytes().size())};
  append(value, aid.bytes());
  call.set_bytes_now(*made, machine::kAid, 0, value);
  return call.returns_reference(*made);
}

Outcome get_privileges(NativeCall& call) {
  const Bytes privileges = entry_of(call).privileges.encoded();
  if (!call.write_array(0, call.short_at(1), privileges)) return call.failed();
  return call.returns(static_cast<std::int16_t>(call.short_at(1) + static_cast<std::int16_t>(privileges.size())));
}

Outcome get_state(NativeCall& call) {
  return call.returns(static_cast<std::int8_t>(entry_of(call).life_cycle));
}

Outcome is_associated(NativeCall& call) {
  if (call.object_at(0) == nullptr) return call.failed();
  const BytesView named = call.bytes_in(call.reference_at(0), machine::kAid);
  return call.returns(boolean(equal(entry_of(call).domain.bytes(), named.subspan(1, named[0]))));
}

/// Privileges are numbered as their bits, the highest is 0.
Outcome is_privileged(NativeCall& call) {
  const std::int8_t number = call.byte_at(0);
  constexpr std::int8_t kBits = 24;
  if (number < 0 || number >= kBits) return call.returns(boolean(false));
  return call.returns(boolean((entry_of(call).privileges.bits() >> (kBits - 1 - number) & 1U) != 0));
}

Outcome set_state(NativeCall& call) {
  const auto state = static_cast<std::uint8_t>(call.byte_at(0));
  return call.returns(boolean(open_of(call).set_state(call.caller().instance, instance_of_object(call), state)));
}

/// Global services are not supported: the API has ISOException for that.
Outcome no_services(NativeCall& call) {
  return call.throws(machine::kISOException, static_cast<std::int16_t>(sw::kConditionsNotSatisfied.value));
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"GPRegistryEntry", "deregisterService", "(S)V", no_services},
    {"GPRegistryEntry", "getAID", "()Ljavacard/framework/AID;", get_aid},
    {"GPRegistryEntry", "getPrivileges", "([BS)S", get_privileges},
    {"GPRegistryEntry", "getState", "()B", get_state},
    {"GPRegistryEntry", "isAssociated", "(Ljavacard/framework/AID;)Z", is_associated},
    {"GPRegistryEntry", "isPrivileged", "(B)Z", is_privileged},
    {"GPRegistryEntry", "registerService", "(S)V", no_services},
    {"GPRegistryEntry", "setState", "(B)Z", set_state},
});

}  // namespace

void add_gp_registry_entries(machine::NativeTable& table) {
  table.layout(kGlobalPlatform, "GPRegistryEntry", {.numbers = 1});
  table.add(kGlobalPlatform, kMethods);
}

}  // namespace uicclab::applet::java
