// SPDX-License-Identifier: Apache-2.0
// The sockets of ota smsc: connections of SMPP clients at one TCP port, served by one thread.
#pragma once

#include <list>
#include <string>

#include "core/net/fd.hpp"
#include "ota/smpp/session.hpp"

namespace uicclab::cli {

class SmppServer {
 public:
  /// Connections at once. When all are taken, a new client gets the place of the one that keeps us waiting longest.
  static constexpr std::size_t kMaxConnections = 64;

  /// Listens at once; port 0: any that is free. `host`, `centre` and `clock` outlive this object. Throws Exit.
  SmppServer(const std::string& address, std::uint16_t port, const ota::smpp::Session::Host& host, ota::smpp::MessageCentre& centre,
             const Clock& clock, ota::smpp::Session::Limits limits);

  std::uint16_t port() const { return m_port; }
  /// Until `stop` (a descriptor) can be read.
  void run(int stop);

 private:
  struct Connection {
    Connection(net::Fd fd, const ota::smpp::Session::Host& host, const Clock& clock, ota::smpp::Session::Limits limits)
        : socket(std::move(fd)), session(host, clock, limits) {}

    net::Fd socket;
    ota::smpp::Session session;
    Bytes output;
    std::chrono::milliseconds written{0};  ///< when the client last took something of the output
    bool broken = false;
  };

  bool accept_client();
  bool make_room();
  void read(Connection& connection);
  void write(Connection& connection);
  void check(Connection& connection);
  std::optional<std::chrono::milliseconds> waits_since(const Connection& connection) const;
  int poll_timeout(bool client_waits) const;

  const ota::smpp::Session::Host& m_host;
  ota::smpp::MessageCentre& m_centre;
  const Clock& m_clock;
  ota::smpp::Session::Limits m_limits;
  net::Fd m_listener;
  std::uint16_t m_port = 0;
  std::list<Connection> m_connections;
};

}  // namespace uicclab::cli
