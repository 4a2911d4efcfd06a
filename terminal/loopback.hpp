// SPDX-License-Identifier: Apache-2.0
// The terminal's network: sockets of this machine. Whatever address a card names, it is reached on the loopback interface.
#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <optional>

#include "core/bytes.hpp"
#include "core/net/fd.hpp"
#include "core/result.hpp"

namespace uicclab::terminal {

enum class Transport : std::uint8_t { kUdp, kTcp };

/// A socket that never blocks, and what waits until its peer takes it: the peer may live in the same thread.
class PatientSocket {
 public:
  PatientSocket() = default;
  explicit PatientSocket(net::Fd socket) : m_socket(std::move(socket)) {}

  int get() const { return m_socket.get(); }
  explicit operator bool() const { return static_cast<bool>(m_socket); }
  /// Sends what waited and then this, as much as the peer takes now. False if the other end is gone, or takes nothing any more.
  bool send(BytesView data);

 private:
  net::Fd m_socket;
  Bytes m_waiting;
};

/// One connection of a channel, as its client.
class Link {
 public:
  /// Errors: kIo if there is no server.
  static Result<Link> open(Transport transport, std::uint16_t port);

  /// False if the other end is gone.
  bool send(BytesView data);
  /// The received data, one datagram or all available of a stream; nothing if there is none within the time. `closed` is set if the other
  /// end has closed.
  std::optional<Bytes> receive(std::chrono::milliseconds timeout, bool& closed);

 private:
  Link(Transport transport, net::Fd socket) : m_transport(transport), m_socket(std::move(socket)) {}

  Transport m_transport;
  PatientSocket m_socket;
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
  net::Fd m_socket;
  std::uint16_t m_port = 0;
  std::optional<Bytes> m_answer;
  std::list<PatientSocket> m_connections;
  Bytes m_received;
};

}  // namespace uicclab::terminal
