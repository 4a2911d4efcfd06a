// SPDX-License-Identifier: Apache-2.0
// One application's entry in the toolkit registry, as the application changes it: uicc.toolkit.ToolkitRegistry, ETSI TS 102 241.
#pragma once

#include "emulator/cat/toolkit_record.hpp"

namespace uicclab::emulator {

struct Session;

class RegistryEntry final : public applet::ToolkitEntry {
 public:
  /// `draft`: changes go there and are not written; else the instance has an entry.
  RegistryEntry(Session& session, std::uint32_t instance, ToolkitRecord* draft = nullptr)
      : m_session(session), m_instance(instance), m_draft(draft) {}

  bool is_set(applet::Event event) const override { return record().is_set(event); }
  bool has_rival(applet::Event event) const override;
  applet::ToolkitError set_events(std::span<const applet::Event> events) override;
  applet::ToolkitError clear_event(applet::Event event) override;

  applet::ToolkitResult<std::uint8_t> init_menu_entry(const applet::MenuEntry& entry) override;
  applet::ToolkitError change_menu_entry(std::uint8_t identifier, const applet::MenuEntry& entry) override;
  applet::ToolkitError enable_menu_entry(std::uint8_t identifier, bool enabled) override;
  applet::ToolkitError set_menu_text_attribute(std::uint8_t identifier, BytesView attribute) override;
  std::optional<std::size_t> menu_index(std::uint8_t identifier) const override;
  void set_menu_title(std::string_view title) override;

  applet::ToolkitResult<std::uint8_t> allocate_timer() override;
  applet::ToolkitError release_timer(std::uint8_t timer) override;
  std::uint8_t timers() const override { return record().timers; }
  applet::ToolkitResult<std::uint8_t> allocate_service() override;
  applet::ToolkitError release_service(std::uint8_t service) override;

  applet::ToolkitError request_poll_interval(int seconds) override;
  int poll_interval() const override;

  applet::ToolkitError register_files(BytesView list, const std::optional<Aid>& adf) override;
  applet::ToolkitError deregister_files(BytesView list, const std::optional<Aid>& adf) override;

 private:
  const ToolkitRecord& record() const;
  void save(ToolkitRecord record);
  gp::ToolkitParameters parameters() const;
  /// The files that a list names; nothing: it is no list.
  static std::optional<std::vector<ToolkitRecord::Watched>> files_of(BytesView list, const std::optional<Aid>& adf);

  Session& m_session;
  std::uint32_t m_instance;
  ToolkitRecord* m_draft;
};

}  // namespace uicclab::emulator
