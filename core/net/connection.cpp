// SPDX-License-Identifier: Apache-2.0
#include "core/net/connection.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <system_error>

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "core/net/address.hpp"

namespace uicclab::net {

namespace {

/// Waits for a connection under way, or for `stop`. The error of the connection, 0 for none.
int wait_connected(int socket, const Event& stop, int patience) {
  std::array<pollfd, 2> wait{pollfd{socket, POLLOUT, 0}, pollfd{stop.fd(), POLLIN, 0}};
  int ready = -1;
  while ((ready = ::poll(wait.data(), wait.size(), patience)) < 0) {
    if (errno != EINTR) return errno;
  }
  if (ready == 0) return ETIMEDOUT;
  if (wait[1].revents != 0) return ECANCELED;
  int error = 0;
  socklen_t size = sizeof(error);
  return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

}  // namespace

bool send_all(int socket, BytesView bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return true;
}

Fd connect_tcp(const std::string& host, std::uint16_t port, const Event& stop, std::string& why, int patience) {
  const auto found = resolve(host, port, SOCK_STREAM);
  if (!found) {
    why = found.error().text;
    return Fd{};
  }
  for (const addrinfo* address = found->get(); address != nullptr; address = address->ai_next) {
    Fd socket(::socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->ai_protocol));
    int error = socket && ::connect(socket.get(), address->ai_addr, address->ai_addrlen) == 0 ? 0 : errno;
    if (socket && error == EINPROGRESS) error = wait_connected(socket.get(), stop, patience);
    if (error == 0 && ::fcntl(socket.get(), F_SETFL, 0) == 0) return socket;
    why = std::generic_category().message(error);
  }
  return Fd{};
}

Fd connect_unix(const std::string& path, std::string& why) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    why = "the path of a socket must have 1 to " + std::to_string(sizeof(address.sun_path) - 1) + " bytes";
    return Fd{};
  }
  std::ranges::copy(path, address.sun_path);
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket && ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) return socket;
  why = std::generic_category().message(errno);
  return Fd{};
}

void Pause::wait(const Event& stop) {
  pollfd wait{stop.fd(), POLLIN, 0};
  (void)::poll(&wait, 1, m_milliseconds);
  m_milliseconds = std::min(2 * m_milliseconds, kLongest);
}

}  // namespace uicclab::net
