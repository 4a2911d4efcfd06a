// SPDX-License-Identifier: Apache-2.0
#include "emulator/runtime/file_commands.hpp"

#include <array>

#include "core/apdu.hpp"
#include "emulator/command_table.hpp"

namespace uicclab::emulator {
namespace {

// GET RESPONSE is the business of whoever asks.
constexpr std::array<std::uint8_t, 20> kFileCommands{0xA4, 0xD6, 0xDC, 0xA2, 0x32, 0x20, 0x24, 0x26, 0x28, 0x2C,
                                                     0x04, 0x44, 0xB0, 0xB2, 0xF2, 0xDB, 0xCB, 0xE0, 0xE4, 0xD4};
constexpr std::uint8_t kByDfName = 0x04;

constexpr std::size_t kLongestAnswer = 65536;

}  // namespace

StatusWord run_file_command(Execution& e) {
  if (std::ranges::find(kFileCommands, e.command.ins) == kFileCommands.end()) return sw::kInsNotSupported;
  // Which applications there are is not the sender's business (clause 7.2).
  if (e.command.ins == apdu::kSelect && e.command.p1 == kByDfName) return sw::kIncorrectP1P2;
  return execute(e);
}

DomainFileView::DomainFileView(Session& session, std::uint32_t instance, std::optional<FileId> adf)
    : m_session(session), m_instance(instance), m_security(session.nvm(), session.files(), session.runtime().registry(), instance) {
  m_channel.open = true;
  m_channel.adf = adf;
  m_channel.directory = m_channel.adf_or_mf();
}

StatusWord DomainFileView::run(const apdu::Command& command, Bytes& out) {
  out.clear();
  if (const auto refused = apdu::refuse_unless_plain(command.cla)) return *refused;
  if (!m_session.runtime().exists(m_instance)) return sw::kConditionsNotSatisfied;
  // Somebody may have deleted what was selected.
  const bool there =
      m_session.files().find(m_channel.directory) != nullptr && (!m_channel.file || m_session.files().find(*m_channel.file) != nullptr);
  if (!there) m_channel.select_directory(kMfId);
  Execution e{m_session, m_channel, kNoChannel, m_security, command, out};
  e.room = kLongestAnswer;
  return run_transaction(e, run_file_command, TransactionLevel::kScript);
}

}  // namespace uicclab::emulator
