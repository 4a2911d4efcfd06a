// SPDX-License-Identifier: Apache-2.0
#include "terminal/loopback.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace uicclab::terminal {
namespace {

constexpr std::size_t kMaxDatagram = 65536;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

const sockaddr* generic(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

net::Fd new_socket(Transport transport, int flags) {
  return net::Fd(::socket(AF_INET, (transport == Transport::kUdp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | flags, 0));
}

tl::unexpected<Error> failed(const char* what) {
  return fail(ErrorCode::kIo, std::string(what) + ": " + std::strerror(errno));
}

bool readable(const PatientSocket& socket, std::chrono::milliseconds timeout) {
  pollfd wait{socket.get(), POLLIN, 0};
  return ::poll(&wait, 1, static_cast<int>(timeout.count())) > 0;
}

/// What a peer that reads nothing may let pile up.
constexpr std::size_t kMaxWaiting = 1U << 20;

/// The number of bytes sent, 0 if the peer takes none now; nothing if it is gone.
std::optional<std::size_t> send_some(int socket, BytesView data) {
  while (true) {
    const auto sent = ::send(socket, data.data(), data.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return static_cast<std::size_t>(sent);
    if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
    if (errno != EINTR) return std::nullopt;
  }
}

}  // namespace

bool PatientSocket::send(BytesView data) {
  while (!m_waiting.empty()) {
    const auto sent = send_some(get(), m_waiting);
    if (!sent) return false;
    if (*sent == 0) break;
    m_waiting.erase(m_waiting.begin(), m_waiting.begin() + static_cast<std::ptrdiff_t>(*sent));
  }
  if (m_waiting.empty()) {
    do {
      const auto sent = send_some(get(), data);
      if (!sent) return false;
      if (*sent == 0) break;
      data = data.subspan(*sent);
    } while (!data.empty());
  }
  append(m_waiting, data);
  return m_waiting.size() <= kMaxWaiting;
}

Result<Link> Link::open(Transport transport, std::uint16_t port) {
  net::Fd socket = new_socket(transport, 0);
  if (!socket) return failed("no socket");
  const sockaddr_in address = loopback(port);
  if (::connect(socket.get(), generic(address), sizeof(address)) != 0) return failed("no connection");
  return Link(transport, std::move(socket));
}

bool Link::send(BytesView data) {
  return m_socket.send(data);
}

std::optional<Bytes> Link::receive(std::chrono::milliseconds timeout, bool& closed) {
  if (m_transport == Transport::kTcp && !m_socket.send({})) {
    closed = true;
    return std::nullopt;
  }
  if (!readable(m_socket, timeout)) return std::nullopt;
  Bytes data(kMaxDatagram);
  const auto got = ::recv(m_socket.get(), data.data(), data.size(), MSG_DONTWAIT);
  if (got < 0 || (got == 0 && m_transport == Transport::kTcp)) {
    closed = got == 0 || (errno != EAGAIN && errno != EINTR);
    return std::nullopt;
  }
  data.resize(static_cast<std::size_t>(got));
  return data;
}

Result<LoopbackServer> LoopbackServer::listen(Transport transport, std::optional<Bytes> answer) {
  LoopbackServer out;
  out.m_transport = transport;
  out.m_answer = std::move(answer);
  out.m_socket = new_socket(transport, SOCK_NONBLOCK);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof(address);
  if (!out.m_socket || ::bind(out.m_socket.get(), generic(address), sizeof(address)) != 0 ||
      (transport == Transport::kTcp && ::listen(out.m_socket.get(), SOMAXCONN) != 0) ||
      ::getsockname(out.m_socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return failed("no server");
  }
  out.m_port = ntohs(address.sin_port);
  return out;
}

void LoopbackServer::serve() {
  Bytes data(kMaxDatagram);
  if (m_transport == Transport::kUdp) {
    for (;;) {
      sockaddr_in from{};
      socklen_t size = sizeof(from);
      const auto got = ::recvfrom(m_socket.get(), data.data(), data.size(), MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&from), &size);
      if (got < 0) return;
      const BytesView came(data.data(), static_cast<std::size_t>(got));
      append(m_received, came);
      const BytesView back = m_answer ? BytesView(*m_answer) : came;
      (void)::sendto(m_socket.get(), back.data(), back.size(), MSG_NOSIGNAL, generic(from), size);
    }
  }
  while (true) {
    PatientSocket connection(net::Fd(::accept4(m_socket.get(), nullptr, nullptr, SOCK_CLOEXEC)));
    if (!connection) break;
    m_connections.push_back(std::move(connection));
  }
  for (auto one = m_connections.begin(); one != m_connections.end();) {
    const auto got = ::recv(one->get(), data.data(), data.size(), MSG_DONTWAIT);
    if (got == 0 || (got < 0 && !one->send({}))) {
      one = m_connections.erase(one);
      continue;
    }
    if (got > 0) {
      const BytesView came(data.data(), static_cast<std::size_t>(got));
      append(m_received, came);
      (void)one->send(m_answer ? BytesView(*m_answer) : came);  // if the peer is gone, the next recv reports it
    }
    ++one;
  }
}

}  // namespace uicclab::terminal
