// SPDX-License-Identifier: Apache-2.0
// Commands on files by the access domains of an application, used by remote file management and by applications.
#pragma once

#include "applet/api/file_view.hpp"
#include "emulator/execution.hpp"
#include "emulator/security/domain_security.hpp"

namespace uicclab::emulator {

/// Channel number of commands that come on no channel of the terminal's.
inline constexpr Channel kNoChannel{0xFF};

/// A handler: the command, if it is one of remote file management (ETSI TS 102 226 tables 7.1 and 7.2); 6D00, and 6A86 for SELECT by name.
StatusWord run_file_command(Execution& e);

/// applet::FileView for an instance. What is not in its file system cannot be selected (6A82).
class DomainFileView final : public applet::FileView {
 public:
  /// Begins in the MF, or in this ADF; in an ADF 7FFF means it. `session` outlives it.
  DomainFileView(Session& session, std::uint32_t instance, std::optional<FileId> adf,
                 DomainSecurity::Domains domains = DomainSecurity::Domains::kByOperation);
  ~DomainFileView() override;
  DomainFileView(const DomainFileView&) = delete;
  DomainFileView& operator=(const DomainFileView&) = delete;

  StatusWord run(const apdu::Command& command, Bytes& out) override;
  StatusWord select(Sfi sfi) override;
  StatusWord update(const apdu::Command& command, std::size_t offset) override;
  Current current() const override;
  Position position() const override;
  void restore(const Position& position) override;

 private:
  StatusWord run(const apdu::Command& command, Bytes& out, Handler handler, std::optional<std::size_t> part_at);
  bool exists(FileId file) const { return m_session.files().is_in(file, m_channel.adf_or_mf()); }

  Session& m_session;
  std::uint32_t m_instance;
  ChannelState m_channel;
  DomainSecurity m_security;
};

/// Of the shared file system (no AID) or an application's ADF; null: there is no such ADF.
std::unique_ptr<applet::FileView> open_file_view(Session& session, std::uint32_t instance, const Aid& application,
                                                 DomainSecurity::Domains domains = DomainSecurity::Domains::kByOperation);

}  // namespace uicclab::emulator
