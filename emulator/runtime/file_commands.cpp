// SPDX-License-Identifier: Apache-2.0
#include "emulator/runtime/file_commands.hpp"

#include <array>

#include "core/apdu.hpp"
#include "core/reader.hpp"
#include "emulator/command_table.hpp"
#include "emulator/commands/handlers.hpp"

namespace uicclab::emulator {
namespace {

// GET RESPONSE is the business of whoever asks.
constexpr std::array<std::uint8_t, 20> kFileCommands{0xA4, 0xD6, 0xDC, 0xA2, 0x32, 0x20, 0x24, 0x26, 0x28, 0x2C,
                                                     0x04, 0x44, 0xB0, 0xB2, 0xF2, 0xDB, 0xCB, 0xE0, 0xE4, 0xD4};
constexpr std::uint8_t kByDfName = 0x04;
constexpr std::uint8_t kUpdateBinary = 0xD6;

constexpr std::size_t kLongestAnswer = 65536;

/// What leads out of the view's file system is not found in it.
StatusWord run_view_command(Execution& e) {
  const StatusWord status = run_file_command(e);
  return status.is_success() && !e.files().is_in(e.channel.directory, e.channel.adf_or_mf()) ? sw::kFileNotFound : status;
}

/// P1: the short identifier.
StatusWord select_by_sfi(Execution& e) {
  StatusWord status;
  const auto file = e.target(e.command.p1, status);
  if (!file) return status;
  const FileHeader& header = e.files().header(*file);
  e.channel.select_file(*file, header);
  return header.life_cycle == LifeCycle::kTerminated ? sw::kFileTerminated : sw::kOk;
}

StatusWord update_part(Execution& e) {
  return e.command.ins == kUpdateBinary ? commands::update_binary(e) : commands::update_record(e);
}

}  // namespace

StatusWord run_file_command(Execution& e) {
  if (std::ranges::find(kFileCommands, e.command.ins) == kFileCommands.end()) return sw::kInsNotSupported;
  // Which applications there are is not the sender's business (clause 7.2).
  if (e.command.ins == apdu::kSelect && e.command.p1 == kByDfName) return sw::kIncorrectP1P2;
  return execute(e);
}

DomainFileView::DomainFileView(Session& session, std::uint32_t instance, std::optional<FileId> adf, DomainSecurity::Domains domains)
    : m_session(session),
      m_instance(instance),
      m_security(session.nvm(), session.files(), session.runtime().registry(), instance, domains) {
  m_channel.open = true;
  m_channel.adf = adf;
  m_channel.directory = m_channel.adf_or_mf();
  session.views.push_back(&m_channel);
}

DomainFileView::~DomainFileView() {
  std::erase(m_session.views, &m_channel);
}

StatusWord DomainFileView::run(const apdu::Command& command, Bytes& out) {
  if (const auto refused = apdu::refuse_unless_plain(command.cla)) {
    out.clear();
    return *refused;
  }
  return run(command, out, run_view_command, std::nullopt);
}

StatusWord DomainFileView::run(const apdu::Command& command, Bytes& out, Handler handler, std::optional<std::size_t> part_at) {
  out.clear();
  if (!m_session.runtime().exists(m_instance)) return sw::kConditionsNotSatisfied;
  // Somebody may have deleted what was selected.
  if (!exists(m_channel.adf_or_mf())) return sw::kFileNotFound;
  if (!exists(m_channel.directory) || (m_channel.file && !exists(*m_channel.file))) m_channel.select_directory(m_channel.adf_or_mf());
  Execution e{m_session, m_channel, kNoChannel, m_security, command, out};
  e.room = kLongestAnswer;
  e.part_at = part_at;
  return run_transaction(e, handler, TransactionLevel::kScript);
}

StatusWord DomainFileView::select(Sfi sfi) {
  if (sfi.value == 0) return sw::kFileNotFound;
  apdu::Command command;
  command.ins = apdu::kSelect;
  command.p1 = sfi.value;
  Bytes out;
  return run(command, out, select_by_sfi, std::nullopt);
}

StatusWord DomainFileView::update(const apdu::Command& command, std::size_t offset) {
  Bytes out;
  return run(command, out, update_part, offset);
}

applet::FileView::Current DomainFileView::current() const {
  FileId file = m_channel.file.value_or(m_channel.directory);
  if (!exists(file)) file = m_channel.adf_or_mf();
  if (m_session.files().find(file) == nullptr) return {};
  const FileHeader& header = m_session.files().header(file);
  return {m_session.files().path_of(file), is_terminated(m_session.files(), header), header.record_length};
}

// The directory, the EF (0: none, as the MF is no EF) and the record pointer.
applet::FileView::Position DomainFileView::position() const {
  ByteWriter out;
  out.u32(m_channel.directory.value).u32(m_channel.file.value_or(FileId{0}).value).u8(m_channel.record);
  Position position{};
  std::ranges::copy(out.view(), position.begin());
  return position;
}

void DomainFileView::restore(const Position& position) {
  ByteReader in(position);
  const FileId directory{*in.u32()};
  const FileId file{*in.u32()};
  m_channel.select_directory(exists(directory) ? directory : m_channel.adf_or_mf());
  if (file == FileId{0} || !exists(file) || is_directory(m_session.files().header(file).kind)) return;
  m_channel.select_file(file, m_session.files().header(file));
  m_channel.record = *in.u8();
}

std::unique_ptr<applet::FileView> open_file_view(Session& session, std::uint32_t instance, const Aid& application,
                                                 DomainSecurity::Domains domains) {
  if (application.empty()) return std::make_unique<DomainFileView>(session, instance, std::nullopt, domains);
  const auto holder = session.runtime().registry().by_aid(application);
  const auto adf = holder ? session.runtime().instance(*holder).adf : std::nullopt;
  return adf ? std::make_unique<DomainFileView>(session, instance, adf, domains) : nullptr;
}

}  // namespace uicclab::emulator
