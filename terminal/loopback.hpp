// The terminal's network: sockets of this machine. Whatever address a card names, it is reached on the loopback interface.
#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <optional>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab::terminal {

enum class Transport : std::uint8_t { kUdp, kTcp };

/// A socket's file descriptor, closed at its end.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : m_fd(fd) {}
  Socket(Socket&& other) noexcept : m_fd(std::exchange(other.m_fd, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(m_fd, other.m_fd);
    return *this;
  }
  ~Socket();
  int get() const { return m_fd; }
  explicit operator bool() const { return m_fd >= 0; }

 private:
  int m_fd = -1;
};

/// One connection of a channel, as its client.
class Link {
 public:
  /// Errors: kIo if nobody takes it.
  static Result<Link> open(Transport transport, std::uint16_t port);

  /// False if the other end is gone.
  bool send(BytesView data);
  /// What came, one datagram or all that is there of a stream; nothing if there is none within the time. `closed` is set if the other end
  /// has closed.
  std::optional<Bytes> receive(std::chrono::milliseconds timeout, bool& closed);

 private:
  Link(Transport transport, Socket socket) : m_transport(transport), m_socket(std::move(socket)) {}

  Transport m_transport;
  Socket m_socket;
};

/// A server for tests, in the same thread: serve() does what is to be done now. It sends back what it gets, or the same answer each time.
class LoopbackServer {
 public:
  /// Errors: kIo if the system gives no port.
  static Result<LoopbackServer> listen(Transport transport, std::optional<Bytes> answer);

  /// What the system gave.
  std::uint16_t port() const { return m_port; }
  void serve();
  /// Everything that came, in order.
  const Bytes& received() const { return m_received; }

 private:
  LoopbackServer() = default;

  Transport m_transport = Transport::kUdp;
  Socket m_socket;
  std::uint16_t m_port = 0;
  std::optional<Bytes> m_answer;
  std::list<Socket> m_connections;
  Bytes m_received;
};

}  // namespace uicclab::terminal
