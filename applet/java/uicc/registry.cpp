// SPDX-License-Identifier: Apache-2.0
// ToolkitRegistry, ToolkitRegistrySystem and ToolkitException: ETSI TS 102 241 clause 6.7 and annex A.
#include "applet/java/framework/arrays.hpp"
#include "applet/java/uicc/access.hpp"
#include "applet/java/uicc/toolkit.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::NativeCall;
using machine::Outcome;

std::unique_ptr<ToolkitEntry> entry_of(NativeCall& call) {
  const auto number = session_of(call).registry_owner(call.self());
  auto entry = number ? session_of(call).context().code()->toolkit_entry(*number) : nullptr;
  if (entry == nullptr) toolkit_refuses(call, static_cast<std::int16_t>(ToolkitError::kRegistryError));
  return entry;
}

Outcome registry_answers(NativeCall& call, ToolkitError error) {
  return error == ToolkitError::kNone ? call.returns() : toolkit_refuses(call, static_cast<std::int16_t>(error));
}

namespace {

constexpr unsigned kInstance = 0;  // cell of a registry object: whose entry it is

Outcome ends(NativeCall& call, ToolkitError error) {
  return registry_answers(call, error);
}

template <typename T>
Outcome ends(NativeCall& call, const ToolkitResult<T>& result) {
  return result ? call.returns(static_cast<std::int16_t>(static_cast<std::int8_t>(*result))) : ends(call, result.error());
}

std::uint8_t unsigned_at(NativeCall& call, std::size_t argument) {
  return static_cast<std::uint8_t>(call.byte_at(argument));
}

// Events

Outcome set_event(NativeCall& call) {
  const auto entry = entry_of(call);
  return entry ? ends(call, entry->set_event(Event{call.short_at(0)})) : call.failed();
}

Outcome set_event_list(NativeCall& call) {
  const auto entry = entry_of(call);
  if (!entry) return call.failed();
  const auto list = elements_at(call, 0, call.short_at(1), call.short_at(2), machine::kSecurityException, 0);
  if (!list) return call.failed();
  std::vector<Event> events;
  for (std::size_t at = 0; at < list->bytes; at += 2)
    events.push_back(Event{static_cast<std::int16_t>(list->array->u16(list->offset + at))});
  return ends(call, entry->set_events(events));
}

Outcome clear_event(NativeCall& call) {
  const auto entry = entry_of(call);
  return entry ? ends(call, entry->clear_event(Event{call.short_at(0)})) : call.failed();
}

Outcome is_event_set(NativeCall& call) {
  const auto entry = entry_of(call);
  return entry ? call.returns(boolean(entry->is_set(Event{call.short_at(0)}))) : call.failed();
}

// The menu

template <bool kEnabled>
Outcome enable_menu_entry(NativeCall& call) {
  const auto entry = entry_of(call);
  return entry ? ends(call, entry->enable_menu_entry(unsigned_at(call, 0), kEnabled)) : call.failed();
}

/// (array, offset, length, next action, help, icon qualifier, icon) from this argument on. Empty: return failed().
std::optional<MenuEntry> menu_entry(NativeCall& call, std::size_t first) {
  const auto text = call.read_array(first, call.short_at(first + 1), call.short_at(first + 2));
  if (!text) return std::nullopt;
  MenuEntry entry{to_bytes(*text), unsigned_at(call, first + 3), call.boolean_at(first + 4), unsigned_at(call, first + 5), {}};
  if (const std::int16_t icon = call.short_at(first + 6); icon != 0) entry.icon = static_cast<std::uint8_t>(icon);
  return entry;
}

Outcome init_menu_entry(NativeCall& call) {
  const auto entry = entry_of(call);
  const auto item = entry ? menu_entry(call, 0) : std::nullopt;
  return item ? ends(call, entry->init_menu_entry(*item)) : call.failed();
}

Outcome change_menu_entry(NativeCall& call) {
  const auto entry = entry_of(call);
  const auto item = entry ? menu_entry(call, 1) : std::nullopt;
  return item ? ends(call, entry->change_menu_entry(unsigned_at(call, 0), *item)) : call.failed();
}

Outcome set_text_attribute(NativeCall& call) {
  const auto entry = entry_of(call);
  if (!entry) return call.failed();
  const auto attribute = call.read_array(1, call.short_at(2), call.short_at(3));
  return attribute ? ends(call, entry->set_menu_text_attribute(unsigned_at(call, 0), *attribute)) : call.failed();
}

// Timers, services, polling

Outcome allocate_timer(NativeCall& call) {
  const auto entry = entry_of(call);
  return entry ? ends(call, entry->allocate_timer()) : call.failed();
}

Outcome release_timer(NativeCall& call) {
  const auto entry = entry_of(call);
  return entry ? ends(call, entry->release_timer(unsigned_at(call, 0))) : call.failed();
}

Outcome allocate_service(NativeCall& call) {
  const auto entry = entry_of(call);
  return entry ? ends(call, entry->allocate_service()) : call.failed();
}

Outcome release_service(NativeCall& call) {
  const auto entry = entry_of(call);
  return entry ? ends(call, entry->release_service(unsigned_at(call, 0))) : call.failed();
}

Outcome request_poll_interval(NativeCall& call) {
  const auto entry = entry_of(call);
  return entry ? ends(call, entry->request_poll_interval(call.short_at(0))) : call.failed();
}

Outcome poll_interval(NativeCall& call) {
  const auto entry = entry_of(call);
  return entry ? call.returns(static_cast<std::int16_t>(entry->poll_interval())) : call.failed();
}

// Files

/// Of the event that files are registered for.
ToolkitError refuse_file_event(Event event) {
  using enum Event;
  constexpr std::array kNotAllowed{kMenuSelection, kMenuSelectionHelp, kTimerExpiration, kStatusCommand};
  if (std::ranges::find(kNotAllowed, event) != kNotAllowed.end()) return ToolkitError::kEventNotAllowed;
  return event == kExternalFileUpdate ? ToolkitError::kNone : ToolkitError::kEventNotSupported;
}

/// (event, list, offset, length, AID or null, offset, length)
template <bool kRegister>
Outcome file_event(NativeCall& call) {
  const auto entry = entry_of(call);
  if (!entry) return call.failed();
  if (const auto refused = refuse_file_event(Event{call.short_at(0)}); refused != ToolkitError::kNone) return ends(call, refused);
  const auto list = call.read_array(1, call.short_at(2), call.short_at(3));
  if (!list) return call.failed();
  const Bytes files = to_bytes(*list);
  std::optional<Aid> adf;
  if (call.reference_at(4) != machine::kNull) {
    const auto aid = call.read_array(4, call.short_at(5), call.byte_at(6));
    if (!aid) return call.failed();
    const auto read = Aid::from(*aid);
    if (!read) return call.throws(machine::kSystemException, machine::kIllegalValue);
    adf = *read;
  }
  return ends(call, kRegister ? entry->register_files(files, adf) : entry->deregister_files(files, adf));
}

/// (event, view): the file that is current in it now.
template <bool kRegister>
Outcome view_event(NativeCall& call) {
  const auto entry = entry_of(call);
  if (!entry) return call.failed();
  if (call.object_at(1) == nullptr) return call.failed();
  if (const auto refused = refuse_file_event(Event{call.short_at(0)}); refused != ToolkitError::kNone) return ends(call, refused);
  View view(call, call.reference_at(1));
  if (!view) return call.failed();
  const FileView::Current current = view.current();
  if (current.terminated) return uicc_refuses(call, kCommandNotAllowed);
  Bytes list{1};
  append(list, current.path);
  const auto adf = view.application();
  return ends(call, kRegister ? entry->register_files(list, adf) : entry->deregister_files(list, adf));
}

// ToolkitRegistrySystem, ToolkitException

Outcome get_entry(NativeCall& call) {
  const auto instance = session_of(call).instance_of(call.caller());
  if (!instance || session_of(call).context().code()->toolkit_entry(instance->context.instance) == nullptr) {
    return call.returns_reference(machine::kNull);
  }
  const auto object = session_of(call).registry_object(call, instance->context.instance);
  return object ? call.returns_reference(*object) : call.failed();
}

Outcome is_prioritized_set(NativeCall& call) {
  const auto entry = session_of(call).context().code()->toolkit_entry(call.caller().instance);
  return call.returns(boolean(entry != nullptr && entry->has_rival(Event::kProactiveHandlerAvailable)));
}

Outcome throw_it(NativeCall& call) {
  return toolkit_refuses(call, call.short_at(0));
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"ToolkitRegistry", "setEvent", "(S)V", set_event},
    {"ToolkitRegistry", "setEventList", "([SSS)V", set_event_list},
    {"ToolkitRegistry", "clearEvent", "(S)V", clear_event},
    {"ToolkitRegistry", "isEventSet", "(S)Z", is_event_set},
    {"ToolkitRegistry", "disableMenuEntry", "(B)V", enable_menu_entry<false>},
    {"ToolkitRegistry", "enableMenuEntry", "(B)V", enable_menu_entry<true>},
    {"ToolkitRegistry", "initMenuEntry", "([BSSBZBS)B", init_menu_entry},
    {"ToolkitRegistry", "changeMenuEntry", "(B[BSSBZBS)V", change_menu_entry},
    {"ToolkitRegistry", "allocateTimer", "()B", allocate_timer},
    {"ToolkitRegistry", "releaseTimer", "(B)V", release_timer},
    {"ToolkitRegistry", "requestPollInterval", "(S)V", request_poll_interval},
    {"ToolkitRegistry", "getPollInterval", "()S", poll_interval},
    {"ToolkitRegistry", "allocateServiceIdentifier", "()B", allocate_service},
    {"ToolkitRegistry", "releaseServiceIdentifier", "(B)V", release_service},
    {"ToolkitRegistry", "registerFileEvent", "(S[BSS[BSB)V", file_event<true>},
    {"ToolkitRegistry", "deregisterFileEvent", "(S[BSS[BSB)V", file_event<false>},
    {"ToolkitRegistry", "registerFileEvent", "(SLuicc/access/FileView;)V", view_event<true>},
    {"ToolkitRegistry", "deregisterFileEvent", "(SLuicc/access/FileView;)V", view_event<false>},
    {"ToolkitRegistry", "setMenuEntryTextAttribute", "(B[BSS)V", set_text_attribute},
    {"ToolkitRegistrySystem", "getEntry", "()Luicc/toolkit/ToolkitRegistry;", get_entry},
    {"ToolkitRegistrySystem", "isPrioritizedProactiveHandlerAvailableEventSet", "()Z", is_prioritized_set},
    {"ToolkitException", "<init>", "(S)V", set_exception_reason},
    {"ToolkitException", "throwIt", "(S)V", throw_it},
});

}  // namespace

/// The runtime's own object, a permanent entry point: it goes with the instance (Session::remove).
std::optional<machine::Ref> Session::registry_object(NativeCall& call, std::uint32_t instance) {
  const machine::ApiClass of = is_of_sim(call) ? kSimToolkitRegistry : kToolkitRegistry;
  const auto is_it = [&](machine::Ref ref) { return registry_owner(ref) == instance && m_machine->is_a(ref, of); };
  machine::Ref& known = m_registry_objects[{instance, is_of_sim(call)}];
  if (is_it(known)) return known;
  for (const machine::Ref ref : m_machine->heap().stored()) {
    if (is_it(ref)) return known = ref;
  }
  const auto made = call.make(of, machine::kRuntime);
  if (!made) return std::nullopt;
  m_machine->heap().grant(*made, machine::kPermanentEntryPoint);
  call.set_number_now(*made, of, kInstance, static_cast<std::int32_t>(instance));
  return known = *made;
}

std::optional<std::uint32_t> Session::registry_owner(machine::Ref ref) const {
  if (machine::Heap::is_statics(ref)) return std::nullopt;
  const machine::Object* object = m_machine->heap().find(ref);
  if (object == nullptr || !object->owner.is_runtime()) return std::nullopt;  // an applet's class may implement the interface
  if (!m_machine->is_a(ref, kToolkitRegistry) && !m_machine->is_a(ref, kSimToolkitRegistry)) return std::nullopt;
  return object->u32(0);
}

void add_toolkit_registry(machine::NativeTable& table) {
  table.layout(kToolkitPackage, "ToolkitRegistry", {.numbers = 1});
  table.add(kToolkitPackage, kMethods);
}

}  // namespace uicclab::applet::java
