// SPDX-License-Identifier: Apache-2.0
// A listening UNIX socket in the file system that only its owner can connect to.
#pragma once

#include <string>

#include "core/net/fd.hpp"

namespace uicclab::pcsc_bridge {

/// Listens at `path` with mode 0600 and removes the file at its end. A socket without a listener is replaced.
class UnixListener {
 public:
  /// Errors: SystemError if the path is too long (over 107 bytes), its directory is missing or others can rename files in it,
  /// somebody listens there already, or the file is no socket.
  explicit UnixListener(std::string path);
  ~UnixListener();
  UnixListener(const UnixListener&) = delete;
  UnixListener& operator=(const UnixListener&) = delete;

  int fd() const { return m_fd.get(); }
  const std::string& path() const { return m_path; }

 private:
  std::string m_path;
  net::Fd m_fd;
  unsigned long m_device = 0;
  unsigned long m_inode = 0;
};

}  // namespace uicclab::pcsc_bridge
