// SPDX-License-Identifier: Apache-2.0
// Puts a card into a virtual reader of vpcd: pcscd and all that talks to it see it like a card in a real reader.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "core/card_port.hpp"
#include "core/net/connection.hpp"
#include "pcsc_bridge/vpcd_frames.hpp"

namespace uicclab::pcsc_bridge {

/// The card's end of a connection to vpcd. As long as it runs, the card is in the reader; when the connection or the card fails, it is
/// made again with a growing pause.
///
/// Debian's vpcd sends a frame in two pieces and waits for the acknowledgement of the first (Nagle): each time a frame has come in part,
/// the acknowledgement is sent at once with TCP_QUICKACK, which takes 44 ms off every command.
class VpcdClient {
 public:
  /// What happens, in words, for people: connected, lost and why.
  using Log = std::function<void(const std::string&)>;

  VpcdClient(std::string host, std::uint16_t port, CardPort& card, Log log = {});

  /// Serves until stop(). The card is off afterwards. Not to be called again. Errors: SystemError.
  void run();
  /// Lets run() return. May be called from any thread and from a signal handler.
  void stop() noexcept;

 private:
  bool connect();
  void serve();
  void log(const std::string& text) const;

  std::string m_host;
  std::uint16_t m_port;
  CardPort& m_card;
  Log m_log;
  /// One descriptor for the life of the object, whatever socket is behind it: stop() may shut it down at any time without hitting another.
  net::Fd m_socket;
  net::Event m_stop;
  std::atomic<bool> m_stopping = false;
  net::Pause m_pause;
};

}  // namespace uicclab::pcsc_bridge
