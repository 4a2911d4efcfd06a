// SPDX-License-Identifier: Apache-2.0
// The toolkit registry: the registrations of all applications, the order of the menu, and the allocated resources. ETSI TS 102 241
// clause 6.7; ETSI TS 102 226 clause 8.2.1.3.2.2.1.
//
// What lies in NVM is read at the first question of a session. An instance of a profile has nothing there until it changes its entry:
// until then its entry is what its module says (ToolkitModule::enrol), the same in each session and on each card.
#pragma once

#include <map>

#include "applet/api/toolkit_module.hpp"
#include "emulator/cat/toolkit_record.hpp"
#include "emulator/nvm/nvm.hpp"

namespace uicclab::emulator {

struct InstanceSpec;
struct Session;

class ToolkitRegistry {
 public:
  /// An entry of the menu.
  struct Place {
    std::uint32_t instance = 0;
    std::uint8_t index = 0;
    bool operator==(const Place&) const = default;
  };

  explicit ToolkitRegistry(Session& session) : m_session(session) {}

  /// No application of the card is one of the toolkit.
  bool empty() { return records().empty(); }
  const std::map<std::uint32_t, ToolkitRecord>& records() {
    if (!m_loaded) load();
    return m_records;
  }
  /// Null: not an application of the toolkit.
  const ToolkitRecord* find(std::uint32_t instance);
  /// The whole menu in its order, entries that are not shown as well.
  const std::vector<Place>& menu();
  std::optional<Place> menu_entry(std::uint8_t identifier);
  const ToolkitRecord::Item& item(const Place& place) { return records().at(place.instance).menu[place.index]; }
  /// The receivers of an event, in order: lower priority levels first, at equal level the newest instance.
  std::vector<std::uint32_t> registered(applet::Event event);
  /// The instance is there, and its life cycle state and that of the card let it take part.
  bool may_be_triggered(std::uint32_t instance) const;
  /// Toolkit parameters of an instance: its own or those of its module.
  static gp::ToolkitParameters parameters(const InstanceSpec& spec);

  /// A changed entry, a write of the instance.
  void store(std::uint32_t instance, ToolkitRecord record);

  /// INSTALL: identifiers of menu entries that are left open are chosen (80 and up). False: one is not allowed, or taken already.
  bool settle_identifiers(std::vector<gp::ToolkitParameters::MenuEntry>& menu);
  /// INSTALL has added this instance: its entry is made. False: the application refuses its parameters.
  bool install(std::uint32_t instance);

  /// NVM or the instances changed: everything is read again at the next question.
  void forget() noexcept { m_loaded = false; }

 private:
  static const applet::ToolkitModule* toolkit_module(const InstanceSpec& spec);
  void load();
  void read();
  ToolkitRecord draft_of(const InstanceSpec& spec);
  std::optional<ToolkitRecord> enrolled(std::uint32_t instance, ToolkitRecord draft);
  std::vector<std::uint8_t> identifiers_in_use();
  void place_entries(std::uint32_t instance, const ToolkitRecord& record);

  Session& m_session;
  bool m_loaded = false;
  std::map<std::uint32_t, ToolkitRecord> m_records;
  std::vector<Place> m_menu;
};

}  // namespace uicclab::emulator
