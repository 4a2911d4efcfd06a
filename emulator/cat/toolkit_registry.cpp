// SPDX-License-Identifier: Apache-2.0
#include "emulator/cat/toolkit_registry.hpp"

#include <algorithm>

#include "core/reader.hpp"
#include "emulator/cat/registry_entry.hpp"
#include "emulator/runtime/instance_context.hpp"

namespace uicclab::emulator {
namespace {

// Objects of Space::kToolkit: one for each instance, its number as the owner, and the order of the menu.
constexpr std::uint32_t kEntry = 1;
constexpr ObjectId kMenuOrder{Space::kToolkit, 0xFFFFFF, 0};

/// The first identifier that the card chooses by itself (the lower ones are for install parameters).
constexpr std::uint8_t kFirstChosen = 0x80;

constexpr ObjectId entry_object(std::uint32_t instance) {
  return {Space::kToolkit, instance, kEntry};
}

std::vector<ToolkitRegistry::Place> read_order(BytesView object) {
  std::vector<ToolkitRegistry::Place> order;
  for (ByteReader in(object); !in.empty();) {
    const auto instance = in.u32();
    const auto index = in.u8();
    if (!index) throw damaged("order of the toolkit menu");
    order.push_back({*instance, *index});
  }
  return order;
}

std::optional<std::uint8_t> free_identifier(const std::vector<std::uint8_t>& used) {
  for (unsigned id = kFirstChosen; id <= 0xFF; ++id) {
    if (std::ranges::find(used, id) == used.end()) return static_cast<std::uint8_t>(id);
  }
  return std::nullopt;
}

}  // namespace

const applet::ToolkitModule* ToolkitRegistry::toolkit_module(const InstanceSpec& spec) {
  return dynamic_cast<const applet::ToolkitModule*>(spec.module.get());
}

gp::ToolkitParameters ToolkitRegistry::parameters(const InstanceSpec& spec) {
  if (spec.uicc.toolkit) return *spec.uicc.toolkit;
  const auto* module = toolkit_module(spec);
  return module != nullptr ? module->default_toolkit() : gp::ToolkitParameters{};
}

const ToolkitRecord* ToolkitRegistry::find(std::uint32_t instance) {
  const auto& all = records();
  const auto it = all.find(instance);
  return it == all.end() ? nullptr : &it->second;
}

const std::vector<ToolkitRegistry::Place>& ToolkitRegistry::menu() {
  if (!m_loaded) load();
  return m_menu;
}

std::optional<ToolkitRegistry::Place> ToolkitRegistry::menu_entry(std::uint8_t identifier) {
  for (const Place& place : menu()) {
    if (item(place).identifier == identifier) return place;
  }
  return std::nullopt;
}

bool ToolkitRegistry::may_be_triggered(std::uint32_t instance) const {
  return m_session.runtime().exists(instance) && m_session.runtime().is_selectable(instance);
}

std::vector<std::uint32_t> ToolkitRegistry::registered(applet::Event event) {
  std::vector<std::pair<std::uint8_t, std::uint32_t>> found;
  for (const auto& [instance, record] : records()) {
    if (!record.is_set(event) || !may_be_triggered(instance)) continue;
    found.emplace_back(parameters(m_session.runtime().instance(instance)).priority, instance);
  }
  // Clause 6.6: equal levels by the time of installation, the newest first; numbers of instances only go up.
  std::ranges::sort(found, [](const auto& a, const auto& b) { return a.first != b.first ? a.first < b.first : a.second > b.second; });
  std::vector<std::uint32_t> instances;
  for (const auto& [priority, instance] : found) instances.push_back(instance);
  return instances;
}

void ToolkitRegistry::store(std::uint32_t instance, ToolkitRecord record) {
  m_session.nvm().write(entry_object(instance), record.encoded());
  m_records.insert_or_assign(instance, std::move(record));
  m_session.cat.state().change().outdated = true;
}

std::vector<std::uint8_t> ToolkitRegistry::identifiers_in_use() {
  std::vector<std::uint8_t> used;
  for (const std::uint32_t number : m_session.runtime().numbers()) {
    const InstanceSpec& spec = m_session.runtime().instance(number);
    const auto record = m_records.find(number);
    if (record != m_records.end()) {
      for (const auto& item : record->second.menu) used.push_back(item.identifier);
    } else if (spec.uicc.toolkit && toolkit_module(spec) == nullptr) {
      for (const auto& entry : spec.uicc.toolkit->menu) used.push_back(entry.id);
    }
  }
  return used;
}

bool ToolkitRegistry::settle_identifiers(std::vector<gp::ToolkitParameters::MenuEntry>& menu) {
  (void)records();
  std::vector<std::uint8_t> used = identifiers_in_use();
  for (const auto& entry : menu) {
    if (entry.id == 0) continue;
    if (entry.id >= kFirstChosen || std::ranges::find(used, entry.id) != used.end()) return false;
    used.push_back(entry.id);
  }
  for (auto& entry : menu) {
    if (entry.id != 0) continue;
    const auto id = free_identifier(used);
    if (!id) return false;
    entry.id = *id;
    used.push_back(*id);
  }
  return true;
}

/// What it has before it registers for anything. Identifiers that its module only wishes for, or a profile gives twice, are replaced.
ToolkitRecord ToolkitRegistry::draft_of(const InstanceSpec& spec) {
  ToolkitRecord draft = ToolkitRecord::from(parameters(spec));
  std::vector<std::uint8_t> used = identifiers_in_use();
  for (auto& item : draft.menu) {
    const bool taken = item.identifier == 0 || std::ranges::find(used, item.identifier) != used.end();
    if (taken) item.identifier = free_identifier(used).value_or(0);
    used.push_back(item.identifier);
  }
  return draft;
}

std::optional<ToolkitRecord> ToolkitRegistry::enrolled(std::uint32_t instance, ToolkitRecord draft) {
  InstanceContext context(m_session, instance, Channel{0}, m_session.security());
  RegistryEntry entry(m_session, instance, &draft);
  const auto* module = toolkit_module(m_session.runtime().instance(instance));
  if (module->enrol(context, entry) != applet::ToolkitError::kNone) return std::nullopt;
  return draft;
}

// An absolute position among the entries that are there, those that are not shown included; what is beyond the end, and 00, is the end.
void ToolkitRegistry::place_entries(std::uint32_t instance, const ToolkitRecord& record) {
  for (std::size_t i = 0; i < record.menu.size(); ++i) {
    const Place place{instance, static_cast<std::uint8_t>(i)};
    if (std::ranges::find(m_menu, place) != m_menu.end()) continue;
    const std::size_t position = record.menu[i].position;
    const bool inside = position != 0 && position <= m_menu.size();
    m_menu.insert(inside ? m_menu.begin() + static_cast<std::ptrdiff_t>(position - 1) : m_menu.end(), place);
  }
}

bool ToolkitRegistry::install(std::uint32_t instance) {
  const InstanceSpec& spec = m_session.runtime().instance(instance);
  if (toolkit_module(spec) == nullptr) return true;
  (void)records();  // this instance among them, as a draft, if they were not read before
  m_records.erase(instance);
  std::erase_if(m_menu, [&](const Place& place) { return place.instance == instance; });
  auto record = enrolled(instance, draft_of(spec));
  if (!record) return false;
  place_entries(instance, *record);
  ByteWriter order;
  for (const Place& place : m_menu) order.u32(place.instance).u8(place.index);
  m_session.nvm().write(kMenuOrder, order.view());
  store(instance, *std::move(record));
  return true;
}

void ToolkitRegistry::load() {
  m_loaded = true;  // an application that enrols may ask
  try {
    read();
  } catch (...) {
    m_loaded = false;
    throw;
  }
}

void ToolkitRegistry::read() {
  m_records.clear();
  m_menu.clear();
  for (const std::uint32_t number : m_session.runtime().numbers()) {
    const InstanceSpec& spec = m_session.runtime().instance(number);
    if (toolkit_module(spec) == nullptr) continue;
    const auto kept = m_session.nvm().read(entry_object(number));
    // A module that refuses its own profile has no registrations.
    auto record = kept ? ToolkitRecord::decode(*kept) : enrolled(number, draft_of(spec)).value_or(ToolkitRecord{});
    if (!record) throw damaged("toolkit record of instance " + std::to_string(number));
    m_records.insert_or_assign(number, *std::move(record));
  }
  if (const auto order = m_session.nvm().read(kMenuOrder)) m_menu = read_order(*order);
  std::erase_if(m_menu, [&](const Place& place) {
    const auto it = m_records.find(place.instance);
    return it == m_records.end() || place.index >= it->second.menu.size();
  });
  for (const auto& [instance, record] : m_records) place_entries(instance, record);
}

}  // namespace uicclab::emulator
