// SPDX-License-Identifier: Apache-2.0
// The control socket: a UNIX socket at which lines of JSON are asked and answered.
#pragma once

#include <list>
#include <string>
#include <thread>

#include "cli/serve/control.hpp"
#include "core/net/fd.hpp"
#include "pcsc_bridge/unix_listener.hpp"

namespace uicclab::cli {

/// Where the control socket of a PC/SC service is, unless the user says otherwise.
std::string control_socket_of(const std::string& service_socket);

/// Serves, in threads of its own, until it is destroyed. Each connection has a thread, as a request may wait for a card.
class ControlServer {
 public:
  /// `control` outlives this object. Errors: SystemError if the socket cannot be made (mode 0600).
  ControlServer(std::string path, Control& control);
  ~ControlServer();

 private:
  struct Connection;

  void run();
  /// True if one more connection has a place. If not, the one that has been idle longest loses its own.
  bool make_room();
  void serve(Connection& connection);

  Control& m_control;
  pcsc_bridge::UnixListener m_listener;
  net::Event m_stop;
  net::Event m_ended;
  std::list<Connection> m_connections;  ///< of m_thread alone
  std::thread m_thread;
};

/// The program's side: one request and its answer. Errors: kIo if there is no server.
Result<std::string> ask_control(const std::string& path, const std::string& request);

}  // namespace uicclab::cli
