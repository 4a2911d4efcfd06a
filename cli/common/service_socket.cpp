// SPDX-License-Identifier: Apache-2.0
#include "cli/common/service_socket.hpp"

#include <cerrno>
#include <cstdlib>

#include <sys/stat.h>
#include <unistd.h>

#include "cli/common/commands.hpp"

namespace uicclab::cli {

std::string default_service_socket() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");  // NOLINT(concurrency-mt-unsafe): before any thread
  const std::string base = runtime != nullptr && *runtime != '\0' ? runtime : "/tmp";
  const std::string directory = base + "/uicclab-" + std::to_string(getuid());
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) throw Exit{kEnvironment, "cannot make the directory " + directory};
  struct stat info {};
  if (lstat(directory.c_str(), &info) != 0 || !S_ISDIR(info.st_mode) || info.st_uid != getuid() || (info.st_mode & 0077) != 0) {
    throw Exit{kEnvironment, directory + " is not a private directory of this user; give another place with --socket"};
  }
  return directory + "/pcscd.comm";
}

}  // namespace uicclab::cli
