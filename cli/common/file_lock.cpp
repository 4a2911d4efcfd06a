// SPDX-License-Identifier: Apache-2.0
#include "cli/common/file_lock.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>

#include "cli/common/commands.hpp"

namespace uicclab::cli {

net::Fd lock_file(const std::string& name) {
  const std::string path = name + ".lock";
  net::Fd out(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  int locked = -1;
  while (out && (locked = ::flock(out.get(), LOCK_EX)) != 0 && errno == EINTR) continue;
  if (!out || locked != 0) throw Exit{kEnvironment, "cannot lock " + path};
  return out;
}

}  // namespace uicclab::cli
