// What both script formats share: a command goes to the files or to the application, and whether the script goes on after it.
#pragma once

#include "applet/api/applet.hpp"
#include "ota/remote_apdu_compact.hpp"

namespace uicclab::applet::remote_management {

class Runner {
 public:
  Runner(RemoteCommands& commands, ota::CommandSet set) : m_commands(commands), m_set(set) {}

  RemoteCommands& commands() { return m_commands; }
  ota::CommandSet set() const { return m_set; }

  StatusWord run(const apdu::Command& command, Bytes& out) {
    return m_set == ota::CommandSet::kFiles ? m_commands.run_file_command(command, out) : m_commands.run_own_command(command, out);
  }

  /// A script ends with the first command that fails; a PIN that was wrong is a failure too, though the card counts it as carried out.
  static bool goes_on(StatusWord status) { return status.is_success() && (status.value & 0xFFF0) != sw::tries_left(0).value; }

 private:
  RemoteCommands& m_commands;
  ota::CommandSet m_set;
};

/// Clause 5.1.
Bytes run_compact(Runner& runner, const RemoteRequest& request);
/// Clause 5.2.
Bytes run_expanded(Runner& runner, Context& context, const RemoteRequest& request);

}  // namespace uicclab::applet::remote_management
