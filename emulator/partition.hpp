// SPDX-License-Identifier: Apache-2.0
// The part of a powered card that belongs to one image: its memory, files, keys, applications and their toolkit registrations. A card
// has one partition or several (profiles of an eUICC), of which one is in use.
#pragma once

#include <memory>

#include "emulator/cat/toolkit_runtime.hpp"
#include "emulator/fs/file_system.hpp"
#include "emulator/runtime/runtime.hpp"
#include "emulator/security/access_control.hpp"
#include "emulator/security/security_context.hpp"

namespace uicclab::emulator {

struct RemoteSession;

struct Partition {
  Partition(Session& session, Nvm& nvm_);
  ~Partition();
  Partition(const Partition&) = delete;
  Partition& operator=(const Partition&) = delete;

  Nvm& nvm;
  FileSystem files;
  AccessControl access;
  TerminalSecurity security;
  Runtime runtime;
  ToolkitRuntime toolkit;
  std::unique_ptr<RemoteSession> remote;  ///< made at its first use: most cards never get a secured packet
  bool stale = false;                     ///< what is kept of the NVM could not be read again
};

}  // namespace uicclab::emulator
