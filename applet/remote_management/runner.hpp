// SPDX-License-Identifier: Apache-2.0
// Common part of both script formats: a command goes to the files or to the application, and the script continues or stops after it.
#pragma once

#include "applet/api/applet.hpp"
#include "ota/remote_apdu_compact.hpp"

namespace uicclab::applet::remote_management {

inline constexpr std::uint8_t kGsmClass = 0xA0;

class Runner {
 public:
  /// `gsm_class`: commands of class A0 are carried out too.
  Runner(RemoteCommands& commands, ota::CommandSet set, bool gsm_class) : m_commands(commands), m_set(set), m_gsm_class(gsm_class) {}

  RemoteCommands& commands() { return m_commands; }
  ota::CommandSet set() const { return m_set; }

  StatusWord run(const apdu::Command& command, Bytes& out) {
    if (m_gsm_class && command.cla == kGsmClass) return m_commands.run_gsm_command(command, out);
    return m_set == ota::CommandSet::kFiles ? m_commands.run_file_command(command, out) : m_commands.run_own_command(command, out);
  }

  /// A script ends with the first command that fails; a PIN that was wrong is a failure too, though the card counts it as carried out.
  static bool goes_on(StatusWord status) { return status.is_success() && (status.value & 0xFFF0) != sw::tries_left(0).value; }

 private:
  RemoteCommands& m_commands;
  ota::CommandSet m_set;
  bool m_gsm_class;
};

/// Clause 5.1.
Bytes run_compact(Runner& runner, const RemoteRequest& request);
/// Clause 5.2.
Bytes run_expanded(Runner& runner, Context& context, const RemoteRequest& request);

}  // namespace uicclab::applet::remote_management
