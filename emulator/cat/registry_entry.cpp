// SPDX-License-Identifier: Apache-2.0
#include "emulator/cat/registry_entry.hpp"

#include <algorithm>
#include <bit>

#include "core/reader.hpp"
#include "emulator/cat/events.hpp"
#include "emulator/transaction.hpp"

namespace uicclab::emulator {
namespace {

using applet::ToolkitError;
using applet::ToolkitResult;

constexpr unsigned kTimers = 8;
constexpr unsigned kServices = 8;
constexpr std::size_t kAttribute = 4;
constexpr std::size_t kLongestPath = 0xFF;  // ToolkitRecord::encoded() has a byte for its length
constexpr std::size_t kMostFiles = 0xFF;    // as many as one list can name

tl::unexpected<ToolkitError> refuse(ToolkitError error) {
  return tl::unexpected(error);
}

/// The lowest bit that is not set in `taken`; nothing: all `count` are.
std::optional<std::uint8_t> free_bit(unsigned taken, unsigned count) {
  for (unsigned bit = 0; bit < count; ++bit) {
    if (((taken >> bit) & 1U) == 0) return static_cast<std::uint8_t>(bit);
  }
  return std::nullopt;
}

std::uint8_t with_bit(std::uint8_t bits, unsigned bit, bool on) {
  const unsigned mask = 1U << bit;
  return static_cast<std::uint8_t>(on ? bits | mask : bits & ~mask);
}

/// Its entries say whether it is told of requests for help.
void follow_help(ToolkitRecord& record) {
  const bool any = std::ranges::any_of(record.menu, [](const auto& item) { return item.initialised && item.entry.help; });
  record.set(applet::Event::kMenuSelectionHelp, any);
}

}  // namespace

const ToolkitRecord& RegistryEntry::record() const {
  return m_draft != nullptr ? *m_draft : *m_session.toolkit().registry().find(m_instance);
}

void RegistryEntry::save(ToolkitRecord record) {
  if (m_draft != nullptr) {
    *m_draft = std::move(record);
    return;
  }
  m_session.toolkit().registry().store(m_instance, std::move(record));
  const bool at_once = m_session.runtime().instance(m_instance).module->writes_at_once();
  if (at_once && m_session.transaction != nullptr) m_session.transaction->seal();
}

gp::ToolkitParameters RegistryEntry::parameters() const {
  return ToolkitRegistry::parameters(m_session.runtime().instance(m_instance));
}

bool RegistryEntry::has_rival(applet::Event event) const {
  const std::uint8_t own = parameters().priority;
  return std::ranges::any_of(m_session.toolkit().registry().registered(event), [&](std::uint32_t other) {
    return other != m_instance && ToolkitRegistry::parameters(m_session.runtime().instance(other)).priority <= own;
  });
}

ToolkitError RegistryEntry::set_events(std::span<const applet::Event> events) {
  ToolkitRecord changed = record();
  for (const applet::Event event : events) {
    const EventRule* rule = rule_of(event);
    if (rule == nullptr) return ToolkitError::kEventNotSupported;
    if (rule->registering == Registering::kByMethod) return ToolkitError::kEventNotAllowed;
    if (rule->needs_tar && Registry::tars(m_session.runtime().instance(m_instance)).empty()) return ToolkitError::kTarNotDefined;
    if (rule->exclusive && !changed.is_set(event)) {
      for (const auto& [instance, other] : m_session.toolkit().registry().records()) {
        if (instance != m_instance && other.is_set(event)) return ToolkitError::kEventAlreadyRegistered;
      }
    }
    changed.set(event, true);
  }
  if (changed.events != record().events) save(std::move(changed));
  return ToolkitError::kNone;
}

ToolkitError RegistryEntry::clear_event(applet::Event event) {
  const EventRule* rule = rule_of(event);
  if (rule == nullptr) return ToolkitError::kEventNotSupported;
  const bool of_files = event == applet::Event::kExternalFileUpdate;  // all of them at once
  if (rule->registering == Registering::kByMethod && !of_files) return ToolkitError::kEventNotAllowed;
  if (!record().is_set(event)) return ToolkitError::kNone;
  ToolkitRecord changed = record();
  changed.set(event, false);
  if (of_files) changed.files.clear();
  save(std::move(changed));
  return ToolkitError::kNone;
}

ToolkitResult<std::uint8_t> RegistryEntry::init_menu_entry(const applet::MenuEntry& entry) {
  ToolkitRecord changed = record();
  const auto next = std::ranges::find(changed.menu, false, &ToolkitRecord::Item::initialised);
  if (next == changed.menu.end() || next->identifier == 0) return refuse(ToolkitError::kRegistryError);
  if (entry.text.size() > parameters().max_menu_text) return refuse(ToolkitError::kAllowedLengthExceeded);
  next->initialised = true;
  next->entry = entry;
  const std::uint8_t identifier = next->identifier;
  changed.set(applet::Event::kMenuSelection, true);
  follow_help(changed);
  save(std::move(changed));
  return identifier;
}

ToolkitError RegistryEntry::change_menu_entry(std::uint8_t identifier, const applet::MenuEntry& entry) {
  const auto index = menu_index(identifier);
  if (!index) return ToolkitError::kMenuEntryNotFound;
  if (entry.text.size() > parameters().max_menu_text) return ToolkitError::kAllowedLengthExceeded;
  ToolkitRecord changed = record();
  changed.menu[*index].entry = entry;
  changed.menu[*index].enabled = true;
  follow_help(changed);
  save(std::move(changed));
  return ToolkitError::kNone;
}

ToolkitError RegistryEntry::enable_menu_entry(std::uint8_t identifier, bool enabled) {
  const auto index = menu_index(identifier);
  if (!index) return ToolkitError::kMenuEntryNotFound;
  if (record().menu[*index].enabled == enabled) return ToolkitError::kNone;
  ToolkitRecord changed = record();
  changed.menu[*index].enabled = enabled;
  save(std::move(changed));
  return ToolkitError::kNone;
}

ToolkitError RegistryEntry::set_menu_text_attribute(std::uint8_t identifier, BytesView attribute) {
  const auto index = menu_index(identifier);
  if (!index) return ToolkitError::kMenuEntryNotFound;
  if (attribute.size() != kAttribute) return ToolkitError::kBadInputParameter;
  ToolkitRecord changed = record();
  changed.menu[*index].attribute = to_bytes(attribute);
  save(std::move(changed));
  return ToolkitError::kNone;
}

std::optional<std::size_t> RegistryEntry::menu_index(std::uint8_t identifier) const {
  const auto& menu = record().menu;
  for (std::size_t i = 0; i < menu.size(); ++i) {
    if (menu[i].initialised && menu[i].identifier == identifier) return i;
  }
  return std::nullopt;
}

void RegistryEntry::set_menu_title(std::string_view title) {
  constexpr std::size_t kLongest = 60;  // what leaves room for entries in one FETCH
  ToolkitRecord changed = record();
  changed.title = title.substr(0, kLongest);
  save(std::move(changed));
}

ToolkitResult<std::uint8_t> RegistryEntry::allocate_timer() {
  unsigned taken = record().timers;
  for (const auto& [instance, other] : m_session.toolkit().registry().records()) taken |= other.timers;
  const bool at_limit = static_cast<unsigned>(std::popcount(record().timers)) >= parameters().max_timers;
  const auto bit = free_bit(taken, kTimers);
  if (at_limit || !bit) return refuse(ToolkitError::kNoTimerAvailable);
  ToolkitRecord changed = record();
  changed.timers = with_bit(changed.timers, *bit, true);
  changed.set(applet::Event::kTimerExpiration, true);
  save(std::move(changed));
  return static_cast<std::uint8_t>(*bit + 1);
}

ToolkitError RegistryEntry::release_timer(std::uint8_t timer) {
  if (timer == 0 || timer > kTimers || ((record().timers >> (timer - 1)) & 1) == 0) return ToolkitError::kInvalidTimerId;
  ToolkitRecord changed = record();
  changed.timers = with_bit(changed.timers, timer - 1U, false);
  if (changed.timers == 0) changed.set(applet::Event::kTimerExpiration, false);
  save(std::move(changed));
  return ToolkitError::kNone;
}

ToolkitResult<std::uint8_t> RegistryEntry::allocate_service() {
  unsigned taken = record().services;
  for (const auto& [instance, other] : m_session.toolkit().registry().records()) taken |= other.services;
  const bool at_limit = static_cast<unsigned>(std::popcount(record().services)) >= parameters().max_services;
  const auto bit = free_bit(taken, kServices);
  if (at_limit || !bit) return refuse(ToolkitError::kNoServiceIdAvailable);
  ToolkitRecord changed = record();
  changed.services = with_bit(changed.services, *bit, true);
  changed.set(applet::Event::kLocalConnection, true);
  save(std::move(changed));
  return *bit;
}

ToolkitError RegistryEntry::release_service(std::uint8_t service) {
  if (service >= kServices || ((record().services >> service) & 1) == 0) return ToolkitError::kInvalidServiceId;
  ToolkitRecord changed = record();
  changed.services = with_bit(changed.services, service, false);
  if (changed.services == 0) changed.set(applet::Event::kLocalConnection, false);
  save(std::move(changed));
  return ToolkitError::kNone;
}

ToolkitError RegistryEntry::request_poll_interval(int seconds) {
  if (seconds < kSystemPolling || seconds > kMaxPolling) return ToolkitError::kRegistryError;
  ToolkitRecord changed = record();
  changed.polling = static_cast<std::int16_t>(seconds);
  changed.set(applet::Event::kStatusCommand, seconds != kNoPolling);
  save(std::move(changed));
  return ToolkitError::kNone;
}

int RegistryEntry::poll_interval() const {
  if (record().polling == kNoPolling) return 0;
  const int granted = m_session.cat.now().poll_interval;
  return granted != 0 ? granted : std::max<int>(record().polling, 0);
}

// Number of files, then their paths one behind the other, each from 3F00, through an ADF as 7FFF, or from there: a path ends where the next
// begins.
std::optional<std::vector<ToolkitRecord::Watched>> RegistryEntry::files_of(BytesView list, const std::optional<Aid>& adf) {
  ByteReader in(list);
  const auto count = in.u8();
  if (!count || *count == 0 || in.remaining() % 2 != 0) return std::nullopt;
  std::vector<ToolkitRecord::Watched> files;
  bool at_mf = false;
  while (!in.empty()) {
    const Fid fid{*in.u16()};
    const bool to_adf = adf && fid == kAdfFid;
    if (fid == kMfFid || (to_adf && !at_mf)) files.push_back({});
    if (files.empty()) return std::nullopt;
    if (to_adf) files.back().adf = adf;
    if (fid != kMfFid && !to_adf) files.back().path.push_back(fid);
    if (files.back().path.size() > kLongestPath) return std::nullopt;
    at_mf = fid == kMfFid;
  }
  if (files.size() != *count) return std::nullopt;
  return files;
}

ToolkitError RegistryEntry::register_files(BytesView list, const std::optional<Aid>& adf) {
  const auto files = files_of(list, adf);
  if (!files) return ToolkitError::kBadInputParameter;
  ToolkitRecord changed = record();
  for (const ToolkitRecord::Watched& file : *files) {
    if (std::ranges::find(changed.files, file) == changed.files.end()) changed.files.push_back(file);
  }
  if (changed.files.size() > kMostFiles) return ToolkitError::kRegistryError;
  changed.set(applet::Event::kExternalFileUpdate, true);
  save(std::move(changed));
  return ToolkitError::kNone;
}

ToolkitError RegistryEntry::deregister_files(BytesView list, const std::optional<Aid>& adf) {
  const auto files = files_of(list, adf);
  if (!files) return ToolkitError::kBadInputParameter;
  ToolkitRecord changed = record();
  std::erase_if(changed.files, [&](const ToolkitRecord::Watched& file) { return std::ranges::find(*files, file) != files->end(); });
  changed.set(applet::Event::kExternalFileUpdate, !changed.files.empty());
  save(std::move(changed));
  return ToolkitError::kNone;
}

}  // namespace uicclab::emulator
