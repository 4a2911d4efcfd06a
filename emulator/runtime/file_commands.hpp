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

/// applet::FileView for an instance.
class DomainFileView final : public applet::FileView {
 public:
  /// Begins in the MF, or in this ADF; in an ADF 7FFF means it. `session` outlives it.
  DomainFileView(Session& session, std::uint32_t instance, std::optional<FileId> adf);
  StatusWord run(const apdu::Command& command, Bytes& out) override;

 private:
  Session& m_session;
  std::uint32_t m_instance;
  ChannelState m_channel;
  DomainSecurity m_security;
};

}  // namespace uicclab::emulator
