// SPDX-License-Identifier: Apache-2.0
#include "emulator/runtime/instance_context.hpp"

#include "emulator/registry/record.hpp"
#include "emulator/runtime/file_commands.hpp"

namespace uicclab::emulator {

// Of an instance that INSTALL is making nothing may stay if that fails: its number goes to the next one.
void InstanceContext::store_now(applet::Slot slot, BytesView value) {
  const bool installed = m_instance < m_session.nvm().image().instances().size() ||
                         m_session.nvm().has_final(registry_object(RegistryObject::kInstance, m_instance));
  if (!installed) return store(slot, value);
  m_session.nvm().write_now(object(slot), value);
}

bool InstanceContext::begin_transaction() {
  if (m_writes) return false;
  m_writes.emplace(m_session);
  return true;
}

bool InstanceContext::commit_transaction() {
  if (!m_writes) return false;
  m_writes->commit();
  m_writes.reset();
  return true;
}

bool InstanceContext::abort_transaction() {
  if (!m_writes) return false;
  m_writes.reset();
  return true;
}

std::optional<apdu::Command> InstanceContext::command() const {
  if (m_execution == nullptr || !m_execution->sent_class) return std::nullopt;
  apdu::Command command = m_execution->command;
  command.cla = *m_execution->sent_class;
  return command;
}

bool InstanceContext::is_active_elsewhere(bool load_file) const {
  return m_session.is_active_elsewhere(m_instance, m_channel, load_file);
}

applet::CodeServices* InstanceContext::code() {
  if (!spec().load_file) return nullptr;
  if (!m_code) m_code.emplace(m_session, this, m_instance);
  return &*m_code;
}

applet::CardManager* InstanceContext::card_manager() {
  if (!spec().module->is_security_domain()) return nullptr;
  if (!m_manager) m_manager.emplace(m_session, m_instance, m_channel, m_security);
  return &*m_manager;
}

applet::ToolkitEntry* InstanceContext::entry() {
  if (m_session.toolkit().registry().find(m_instance) == nullptr) return nullptr;
  if (!m_entry) m_entry.emplace(m_session, m_instance);
  return &*m_entry;
}

std::size_t InstanceContext::room() const {
  if (m_execution == nullptr) return Context::room();
  if (m_execution->room) return *m_execution->room;
  const apdu::Command& command = m_execution->command;
  return command.extended && command.le ? *command.le : 256;
}

StatusWord InstanceContext::process_security(const apdu::Command& command, Bytes& out) {
  const auto domain = m_session.runtime().registry().domain_of(spec());
  if (!domain || m_channel.value >= Session::kChannels) return sw::kInsNotSupported;
  if (!m_session.runtime().is_selectable(*domain)) return sw::kConditionsNotSatisfied;
  auto& secure = m_session.channels[m_channel.value].secure;
  if (!secure) secure = m_session.runtime().object(*domain).make_secure_channel();
  if (!secure) return sw::kInsNotSupported;
  InstanceContext context(m_session, *domain, m_channel, m_security);
  return secure->open(context, spec().aid, command, out);
}

applet::SecureChannel* InstanceContext::secure_channel() {
  if (m_lent_channel != nullptr) return m_lent_channel;
  if (m_channel.value >= Session::kChannels) return nullptr;
  const ChannelState& channel = m_session.channels[m_channel.value];
  return channel.instance == m_instance ? channel.secure.get() : nullptr;
}

bool InstanceContext::use_service(applet::ServiceId id, const applet::ServiceCall& call) {
  for (const std::uint32_t number : m_session.runtime().numbers()) {
    if (number == m_instance || !m_session.runtime().is_selectable(number)) continue;
    applet::Service* const service = m_session.runtime().object(number).service(spec().aid, id);
    if (service == nullptr) continue;
    InstanceContext server(m_session, number, m_channel, m_security);
    if (call(*service, server)) return true;
  }
  return false;
}

std::unique_ptr<applet::FileView> InstanceContext::open_view(const Aid& application) {
  return open_file_view(m_session, m_instance, application);
}

applet::Files* InstanceContext::files_of(const Aid& application) {
  const auto adf = m_session.runtime().open_adf(spec(), application);
  if (!adf) return nullptr;
  m_other_files.emplace(m_session.files(), *adf, at_once());
  return &*m_other_files;
}

}  // namespace uicclab::emulator
