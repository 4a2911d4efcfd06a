// SPDX-License-Identifier: Apache-2.0
// Commands out of secured packets on the card's one command path: applet::RemoteCommands over the session.
#pragma once

#include "emulator/execution.hpp"
#include "emulator/runtime/file_commands.hpp"

namespace uicclab::emulator {

/// The state of the scripts of one application: their own selection and verified PINs.
struct ScriptContext {
  ScriptContext(Session& session, std::uint32_t instance)
      : security(session.nvm(), session.files(), session.runtime().registry(), instance) {}

  ChannelState channel;
  DomainSecurity security;
  bool kept = false;  ///< the next script of a chain may go on here
};

class RemoteCommandPath final : public applet::RemoteCommands {
 public:
  RemoteCommandPath(Session& session, ScriptContext& script, std::uint32_t instance, KeyVersion secured_by)
      : m_session(session), m_script(script), m_instance(instance), m_secured_by(secured_by) {}

  void begin() override;
  bool resume() override;
  void keep() override { m_script.kept = true; }
  StatusWord run_file_command(const apdu::Command& command, Bytes& out) override;
  StatusWord run_gsm_command(const apdu::Command& command, Bytes& out) override;
  StatusWord run_own_command(const apdu::Command& command, Bytes& out) override;

  KeyVersion secured_by() const { return m_secured_by; }

 private:
  StatusWord run(ChannelState& channel, const apdu::Command& command, Bytes& out, Handler handler);

  Session& m_session;
  ScriptContext& m_script;
  std::uint32_t m_instance;
  KeyVersion m_secured_by;
};

}  // namespace uicclab::emulator
