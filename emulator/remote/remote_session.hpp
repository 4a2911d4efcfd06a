// SPDX-License-Identifier: Apache-2.0
// The volatile state of remote management; all of it is lost at reset, as are the parts of an incomplete message.
#pragma once

#include <map>

#include "emulator/remote/packet_targets.hpp"
#include "emulator/remote/remote_commands.hpp"
#include "ota/sms_reassembler.hpp"

namespace uicclab::emulator {

struct RemoteSession {
  explicit RemoteSession(const Clock& clock) : messages(clock), pages(clock) {}

  ota::Reassembler messages;  ///< short messages
  ota::Reassembler pages;     ///< cell broadcasts
  PacketTargets targets;
  std::map<std::uint32_t, ScriptContext> scripts;  ///< by instance
  std::uint8_t next_reference = 0;                 ///< of concatenated messages that the card sends

  ScriptContext& script(Session& session, std::uint32_t instance) { return scripts.try_emplace(instance, session, instance).first->second; }
};

}  // namespace uicclab::emulator
