// The sockets of ota smsc: connections of SMPP clients at one TCP port, served by one thread.
#pragma once

#include <list>
#include <string>

#include "ota/smpp/session.hpp"
#include "core/net/fd.hpp"

namespace uicclab::cli {

class SmppServer {
 public:
  /// Listens at once; port 0: any that is free. `host` and `clock` outlive this object; host.route is set here. Throws Exit.
  SmppServer(const std::string& address, std::uint16_t port, ota::smpp::Session::Host& host, const Clock& clock,
             ota::smpp::Session::Limits limits);

  std::uint16_t port() const { return m_port; }
  /// Until `stop` (a descriptor) can be read.
  void run(int stop);

 private:
  struct Connection {
    net::Fd socket;
    ota::smpp::Session session;
    std::chrono::milliseconds since;
    Bytes output;
    bool broken = false;
  };

  void accept_client();
  void read(Connection& connection);
  void write(Connection& connection);
  void route(const std::string& system_id, std::vector<ota::smpp::ShortMessage> messages);
  void hand_out();

  ota::smpp::Session::Host& m_host;
  const Clock& m_clock;
  ota::smpp::Session::Limits m_limits;
  net::Fd m_listener;
  std::uint16_t m_port = 0;
  std::list<Connection> m_connections;
  /// For system ids that have no connection that receives.
  std::map<std::string, std::deque<ota::smpp::ShortMessage>> m_held;
};

}  // namespace uicclab::cli
