// SPDX-License-Identifier: Apache-2.0
#include "emulator/remote/remote_commands.hpp"

#include <array>

#include "emulator/command_table.hpp"
#include "emulator/gsm/gsm_class.hpp"
#include "emulator/runtime/instance_context.hpp"

namespace uicclab::emulator {
namespace {

// What remote file management has of class A0 (3GPP TS 51.011 table 9): no algorithm, no toolkit.
constexpr std::array<std::uint8_t, 15> kGsmCommands{0xA4, 0xF2, 0xB0, 0xD6, 0xB2, 0xDC, 0xA2, 0x32,
                                                    0x20, 0x24, 0x26, 0x28, 0x2C, 0x04, 0x44};

StatusWord own_command(Execution& e) {
  InstanceContext context(e.session, *e.channel.instance, e.channel_number, e.security, e.secured_by);
  return context.end_call(e.session.runtime().object(*e.channel.instance).process(context, e.command, e.out));
}

}  // namespace

void RemoteCommandPath::begin() {
  const InstanceSpec& spec = m_session.runtime().instance(m_instance);
  m_script.kept = false;
  m_script.security.forget();
  m_script.channel = ChannelState{};
  m_script.channel.open = true;
  // The MF is selected implicitly, or the ADF that the application has rights to (clauses 7.2 and 7.3).
  for (const gp::AccessParameters& entry : spec.uicc.access) {
    if (entry.adf.empty()) continue;
    const auto holder = m_session.runtime().registry().by_aid(entry.adf);
    const auto adf = holder ? m_session.runtime().instance(*holder).adf : std::nullopt;
    if (!adf) continue;
    m_script.channel.instance = holder;
    m_script.channel.adf = adf;
    m_script.channel.directory = *adf;
    break;
  }
}

bool RemoteCommandPath::resume() {
  if (!m_script.kept) return false;
  m_script.kept = false;
  const ChannelState& channel = m_script.channel;
  // Somebody may have deleted what was selected.
  const bool there =
      m_session.files().find(channel.directory) != nullptr && (!channel.file || m_session.files().find(*channel.file) != nullptr);
  return there;
}

StatusWord RemoteCommandPath::run_file_command(const apdu::Command& command, Bytes& out) {
  return run(m_script.channel, command, out, emulator::run_file_command);
}

StatusWord RemoteCommandPath::run_gsm_command(const apdu::Command& command, Bytes& out) {
  out.clear();
  if (!m_session.runtime().exists(m_instance)) return sw::kConditionsNotSatisfied;
  if (std::ranges::find(kGsmCommands, command.ins) == kGsmCommands.end()) return sw::kInsNotSupported;
  Execution e{m_session, m_script.channel, kNoChannel, m_script.security, command, out, m_secured_by};
  return gsm::run(e, TransactionLevel::kScript);
}

StatusWord RemoteCommandPath::run_own_command(const apdu::Command& command, Bytes& out) {
  ChannelState channel;
  channel.instance = m_instance;
  return run(channel, command, out, own_command);
}

StatusWord RemoteCommandPath::run(ChannelState& channel, const apdu::Command& command, Bytes& out, Handler handler) {
  out.clear();
  if (const auto refused = apdu::refuse_unless_plain(command.cla)) return *refused;
  if (!m_session.runtime().exists(m_instance)) return sw::kConditionsNotSatisfied;  // a command of this script deleted it
  Execution e{m_session, channel, kNoChannel, m_script.security, command, out, m_secured_by};
  return run_transaction(e, handler, TransactionLevel::kScript);
}

}  // namespace uicclab::emulator
