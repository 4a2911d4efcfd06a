// SPDX-License-Identifier: Apache-2.0
// The runtime's services for an instance during one call: applet::Context over the session.
#pragma once

#include "emulator/cat/registry_entry.hpp"
#include "emulator/execution.hpp"
#include "emulator/registry/content_manager.hpp"
#include "emulator/runtime/card_code.hpp"
#include "emulator/runtime/directory_files.hpp"
#include "emulator/transaction.hpp"

namespace uicclab::emulator {

class InstanceContext final : public applet::Context, private applet::Toolkit {
 public:
  /// `secured_by` and `commands` for what came in a secured packet.
  InstanceContext(Session& session, std::uint32_t instance, Channel channel, const SecurityContext& security,
                  std::optional<KeyVersion> secured_by = {}, applet::RemoteCommands* commands = nullptr)
      : m_session(session),
        m_instance(instance),
        m_channel(channel),
        m_security(security),
        m_secured_by(secured_by),
        m_commands(commands) {}
  /// For the command that runs.
  InstanceContext(const Execution& e, std::uint32_t instance)
      : m_session(e.session),
        m_instance(instance),
        m_channel(e.channel_number),
        m_security(e.security),
        m_secured_by(e.secured_by),
        m_commands(nullptr),
        m_execution(&e) {}

  const Aid& aid() const override { return spec().aid; }
  Channel channel() const override { return m_channel; }
  std::optional<apdu::Command> command() const override;
  Protocol protocol() const override { return m_session.protocol; }
  bool is_active_elsewhere(bool load_file) const override;
  std::optional<BytesView> load(applet::Slot slot) const override { return m_session.nvm().read(object(slot)); }
  void store(applet::Slot slot, BytesView value) override {
    m_session.nvm().write(object(slot), value);
    settle();
  }
  void erase(applet::Slot slot) override {
    m_session.nvm().erase(object(slot));
    settle();
  }
  void store_now(applet::Slot slot, BytesView value) override;
  bool begin_transaction() override;
  bool commit_transaction() override;
  bool abort_transaction() override;
  applet::Files& files() override {
    if (!m_files) m_files.emplace(m_session.files(), root(), at_once());
    return *m_files;
  }
  applet::Files* files_of(const Aid& application) override;
  std::unique_ptr<applet::FileView> open_view(const Aid& application) override;
  applet::Toolkit& toolkit() override { return *this; }
  Random& random() override { return m_session.random; }
  const Clock& clock() const override { return m_session.clock; }
  bool is_satisfied(KeyReference key) const override { return m_security.is_satisfied(key, root()); }
  applet::CodeServices* code() override;
  applet::CardManager* card_manager() override;
  applet::RemoteCommands* remote_commands() override { return m_commands; }
  std::optional<KeyVersion> secured_by() const override { return m_secured_by; }
  StatusWord process_security(const apdu::Command& command, Bytes& out) override;
  applet::SecureChannel* secure_channel() override;
  bool use_service(applet::ServiceId id, const applet::ServiceCall& call) override;
  std::uint8_t secure_channel_level() const override { return m_security.secure_channel_level(); }
  std::size_t room() const override;
  bool fits(std::size_t size) const override { return m_execution == nullptr || m_execution->le_fits(size); }

  /// The session of the domain that passes a command on to this instance; null: none.
  void lend_channel(applet::SecureChannel* session) { m_lent_channel = session; }
  /// `answer`, unless the instance has left its own transaction open: that is aborted, and the command fails.
  StatusWord end_call(StatusWord answer) { return abort_transaction() ? sw::kNoPreciseDiagnosis : answer; }

 private:
  const InstanceSpec& spec() const { return m_session.runtime().instance(m_instance); }
  FileId root() const { return spec().adf.value_or(kMfId); }
  ObjectId object(applet::Slot slot) const { return {Space::kApplet, m_instance, slot.value}; }

  /// The transaction that seals each write of the instance; null if they are final with the command.
  Transaction* at_once() const { return spec().module->writes_at_once() ? m_session.transaction : nullptr; }
  void settle() {
    if (Transaction* const transaction = at_once()) transaction->seal();
  }

  bool send(BytesView proactive_command) override { return m_session.toolkit().send(m_instance, proactive_command); }
  applet::ToolkitError refusal(BytesView proactive_command) const override {
    return m_session.toolkit().refusal(m_instance, proactive_command);
  }
  bool may_send() const override { return m_session.toolkit().may_send(m_instance); }
  applet::ToolkitEntry* entry() override;
  BytesView terminal_profile() const override { return m_session.cat.terminal_profile(); }

  Session& m_session;
  std::uint32_t m_instance;
  Channel m_channel;
  const SecurityContext& m_security;
  std::optional<KeyVersion> m_secured_by;
  applet::RemoteCommands* m_commands;
  const Execution* m_execution = nullptr;
  applet::SecureChannel* m_lent_channel = nullptr;
  std::optional<ApplicationWrites> m_writes;  ///< the instance's own transaction
  std::optional<DirectoryFiles> m_files;      ///< these five are made when they are asked for
  std::optional<DirectoryFiles> m_other_files;
  std::optional<ContentManager> m_manager;
  std::optional<CardCode> m_code;
  std::optional<RegistryEntry> m_entry;
};

}  // namespace uicclab::emulator
