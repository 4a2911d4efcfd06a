// SPDX-License-Identifier: Apache-2.0
// GPSystem, and the objects of the card that it gives out.
#include "applet/java/globalplatform/globalplatform.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::NativeCall;
using machine::Outcome;

namespace {

constexpr std::uint8_t kGlobalPinIdentifier = 0x11;

/// INSTALL [for install and make selectable] makes it selectable when install() has returned (GP clause 11.5.2.1).
Outcome get_card_content_state(NativeCall& call) {
  const std::uint32_t self = call.caller().instance;
  const auto entry = open_of(call).entry(self);
  const bool is_ready = entry && !session_of(call).is_installing(self);
  return call.returns(static_cast<std::int8_t>(is_ready ? entry->life_cycle : gp::kInstalled));
}

Outcome set_card_content_state(NativeCall& call) {
  const std::uint32_t self = call.caller().instance;
  if (session_of(call).is_installing(self)) return call.returns(boolean(false));
  return call.returns(boolean(open_of(call).set_state(self, self, static_cast<std::uint8_t>(call.byte_at(0)))));
}

Outcome get_card_state(NativeCall& call) {
  return call.returns(static_cast<std::int8_t>(open_of(call).card_state()));
}

template <gp::CardState kState>
Outcome change_card_state(NativeCall& call) {
  return call.returns(boolean(open_of(call).set_card_state(call.caller().instance, kState)));
}

Outcome gives(NativeCall& call, machine::ApiClass of, std::uint32_t instance) {
  const auto object = session_of(call).platform_object(call, of, instance);
  return object ? call.returns_reference(*object) : call.failed();
}

/// Services of other applications (FAMILY_CVM) are not there: the card's own PIN alone.
Outcome get_cvm(NativeCall& call) {
  if (static_cast<std::uint8_t>(call.byte_at(0)) != kGlobalPinIdentifier) return call.returns_reference(machine::kNull);
  return gives(call, kCvm, call.caller().instance);
}

Outcome get_secure_channel(NativeCall& call) {
  return gives(call, kSecureChannel, call.caller().instance);
}

Outcome set_historical_bytes(NativeCall& call) {
  const std::int8_t length = call.byte_at(2);
  constexpr std::int8_t kMost = 15;
  if (length < 1 || length > kMost) return call.returns(boolean(false));
  const auto bytes = call.read_array(0, call.short_at(1), length);
  if (!bytes) return call.failed();
  return call.returns(boolean(open_of(call).set_historical_bytes(call.caller().instance, to_bytes(*bytes))));
}

/// Of another application: with the privilege Global Registry.
Outcome get_registry_entry(NativeCall& call) {
  const std::uint32_t self = call.caller().instance;
  if (call.reference_at(0) == machine::kNull) return gives(call, kGpRegistryEntry, self);
  if (call.object_at(0) == nullptr) return call.failed();
  const BytesView named = call.bytes_in(call.reference_at(0), machine::kAid);
  const auto aid = Aid::from(named.subspan(1, named[0]));
  const auto found = aid ? open_of(call).find(*aid) : std::nullopt;
  if (!found || (*found != self && !caller_has(call, gp::Privilege::kGlobalRegistry))) return call.returns_reference(machine::kNull);
  return gives(call, kGpRegistryEntry, *found);
}

/// Services that applications register are not there (GPRegistryEntry.registerService()).
Outcome get_service(NativeCall& call) {
  return call.returns_reference(machine::kNull);
}

Outcome nothing(NativeCall& call) {
  return call.returns();
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"GPSystem", "<init>", "()V", nothing},
    {"GPSystem", "getCardContentState", "()B", get_card_content_state},
    {"GPSystem", "getCardState", "()B", get_card_state},
    {"GPSystem", "getCVM", "(B)Lorg/globalplatform/CVM;", get_cvm},
    {"GPSystem", "getSecureChannel", "()Lorg/globalplatform/SecureChannel;", get_secure_channel},
    {"GPSystem", "lockCard", "()Z", change_card_state<gp::CardState::kLocked>},
    {"GPSystem", "terminateCard", "()Z", change_card_state<gp::CardState::kTerminated>},
    {"GPSystem", "setATRHistBytes", "([BSB)Z", set_historical_bytes},
    {"GPSystem", "setCardContentState", "(B)Z", set_card_content_state},
    {"GPSystem", "getRegistryEntry", "(Ljavacard/framework/AID;)Lorg/globalplatform/GPRegistryEntry;", get_registry_entry},
    {"GPSystem", "getService", "(Ljavacard/framework/AID;S)Lorg/globalplatform/GlobalService;", get_service},
});

constexpr auto kOfPlatform = std::to_array<machine::ApiClass>({kCvm, kSecureChannel, kGpRegistryEntry});

}  // namespace

std::optional<machine::Ref> Session::platform_object(NativeCall& call, machine::ApiClass of, std::uint32_t instance) {
  const auto is_it = [&](Ref ref) { return platform_owner(ref) == instance && m_machine->is_a(ref, of); };
  Ref& known = m_platform_objects[{of.token, instance}];
  if (is_it(known)) return known;
  for (const Ref ref : m_machine->heap().stored()) {
    if (is_it(ref)) return known = ref;
  }
  const auto made = call.make(of, machine::kRuntime);
  if (!made) return std::nullopt;
  m_machine->heap().grant(*made, machine::kPermanentEntryPoint);
  call.set_number_now(*made, of, 0, static_cast<std::int32_t>(instance));
  return known = *made;
}

std::optional<std::uint32_t> Session::platform_owner(Ref ref) const {
  if (machine::Heap::is_statics(ref)) return std::nullopt;
  const machine::Object* object = m_machine->heap().find(ref);
  if (object == nullptr || !object->owner.is_runtime()) return std::nullopt;
  const bool is_one = std::ranges::any_of(kOfPlatform, [&](machine::ApiClass of) { return m_machine->is_a(ref, of); });
  return is_one ? std::optional(object->u32(0)) : std::nullopt;
}

std::uint32_t instance_of_object(NativeCall& call) {
  return call.heap().find(call.self())->u32(0);
}

bool caller_has(NativeCall& call, gp::Privilege privilege) {
  const auto entry = open_of(call).entry(call.caller().instance);
  return entry && entry->privileges.has(privilege);
}

void add_gp_system(machine::NativeTable& table) {
  table.add(kGlobalPlatform, kMethods);
}

void add_globalplatform(machine::NativeTable& table) {
  add_gp_system(table);
  add_gp_registry_entries(table);
  add_secure_channels(table);
  add_global_pin(table);
}

}  // namespace uicclab::applet::java
