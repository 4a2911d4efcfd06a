// SPDX-License-Identifier: Apache-2.0
#include "pcsc_bridge/unix_listener.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/result.hpp"

namespace uicclab::pcsc_bridge {

namespace {

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    throw SystemError("socket path '" + path + "': it must have 1 to " + std::to_string(sizeof(address.sun_path) - 1) + " bytes");
  }
  std::ranges::copy(path, address.sun_path);
  return address;
}

net::Fd new_socket() {
  net::Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) net::throw_errno("socket");
  return fd;
}

/// Nobody but its owner and root may be able to put another socket in the place of ours.
void check_directory(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  const std::string directory = parent.empty() ? "." : parent.string();
  struct stat info {};
  if (::stat(directory.c_str(), &info) != 0) net::throw_errno("directory '" + directory + "' of the socket");
  if (!S_ISDIR(info.st_mode)) throw SystemError("'" + directory + "' is not a directory");
  if (info.st_uid != ::geteuid() && info.st_uid != 0) {
    throw SystemError("directory '" + directory + "' belongs to another user; choose one of your own for the socket");
  }
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (info.st_mode & S_ISVTX) == 0) {
    throw SystemError("directory '" + directory + "' can be written by others; choose one of your own for the socket");
  }
}

/// Removes a socket file left behind by a service that is gone.
void remove_stale(const std::string& path, const sockaddr_un& address) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return;
    net::throw_errno("'" + path + "'");
  }
  if (!S_ISSOCK(info.st_mode)) throw SystemError("'" + path + "' exists and is not a socket; remove it or choose another path");
  const net::Fd probe = new_socket();
  if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    throw SystemError("a service listens at '" + path + "' already");
  }
  if (errno != ECONNREFUSED) net::throw_errno("socket '" + path + "' is in use");
  if (::unlink(path.c_str()) != 0) net::throw_errno("cannot remove the stale socket '" + path + "'");
}

}  // namespace

UnixListener::UnixListener(std::string path) : m_path(std::move(path)) {
  const auto address = address_of(m_path);
  check_directory(m_path);
  remove_stale(m_path, address);
  m_fd = new_socket();
  if (::bind(m_fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    net::throw_errno("cannot make '" + m_path + "'");
  struct stat info {};
  // Nobody can connect before listen(), so the mode is right from the first moment that counts.
  if (::chmod(m_path.c_str(), S_IRUSR | S_IWUSR) != 0 || ::lstat(m_path.c_str(), &info) != 0 || ::listen(m_fd.get(), SOMAXCONN) != 0) {
    const int error = errno;
    ::unlink(m_path.c_str());
    errno = error;
    net::throw_errno("cannot listen at '" + m_path + "'");
  }
  m_device = info.st_dev;
  m_inode = info.st_ino;
}

UnixListener::~UnixListener() {
  struct stat info {};
  if (::lstat(m_path.c_str(), &info) == 0 && info.st_dev == m_device && info.st_ino == m_inode) ::unlink(m_path.c_str());
}

}  // namespace uicclab::pcsc_bridge
