// SPDX-License-Identifier: Apache-2.0
// A script for `lwm2m serve`: commands one after the other, each when the one before has its answer.
#pragma once

#include <deque>
#include <functional>
#include <string>

#include "lwm2m/server/server.hpp"

namespace uicclab::cli {

class ServeScript {
 public:
  /// Lines; blank ones and those that begin with # are nothing. `print` gets each command and its answer.
  ServeScript(const std::string& text, lwm2m::server::Server& server, const Clock& clock, std::function<void(const std::string&)> print);

  static constexpr const char* kWords =
      "A device command; wait ENDPOINT [SECONDS] until it is registered; event TEXT [SECONDS] until an event contains TEXT; "
      "expect TEXT in the last answer or event; fails COMMAND, whose answer must be an error; quit";

  void on_event(const std::string& json);
  /// Goes as far as it can.
  void run();
  bool done() const { return m_done; }
  bool failed() const { return m_failed; }

 private:
  bool step();
  void stop(const std::string& reason);
  bool waited(std::chrono::milliseconds limit);

  lwm2m::server::Server& m_server;
  const Clock& m_clock;
  std::function<void(const std::string&)> m_print;
  std::deque<std::pair<std::size_t, std::string>> m_lines;
  std::deque<std::string> m_events;  ///< that no "event" has taken yet
  std::string m_last;
  std::chrono::milliseconds m_since{0};
  bool m_waiting = false;  ///< for an answer
  bool m_begun = false;    ///< the line is one that waits
  bool m_done = false, m_failed = false;
};

}  // namespace uicclab::cli
