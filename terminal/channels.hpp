// SPDX-License-Identifier: Apache-2.0
// Channels of the bearer independent protocol: ETSI TS 102 223 clauses 6.4.27 to 6.4.31 (OPEN CHANNEL to GET CHANNEL STATUS), 8.52 to 8.59.
#pragma once

#include <array>
#include <deque>
#include <map>

#include "terminal/answer.hpp"
#include "terminal/loopback.hpp"

namespace uicclab::terminal {

/// Up to seven channels, UDP and TCP as a client; others are beyond this terminal.
class Channels {
 public:
  static constexpr std::uint8_t kMaxChannels = 7;
  static constexpr std::uint16_t kMaxBuffer = 1500;

  /// `patience`: how long data that may still come is waited for. `only_own`: no port is reached but those of add_server().
  explicit Channels(std::chrono::milliseconds patience, bool only_own = false) : m_patience(patience), m_only_own(only_own) {}

  /// A server of this terminal's own for a port that cards name; it replaces an older one.
  Result<void> add_server(Transport transport, std::uint16_t port, std::optional<Bytes> answer);
  /// Null if there is none.
  const LoopbackServer* server(Transport transport, std::uint16_t port) const;

  Answer open(const ProactiveCommand& command);
  Answer close(const ProactiveCommand& command);
  Answer send(const ProactiveCommand& command);
  Answer receive(const ProactiveCommand& command);
  Answer status() const;
  void close_all() { m_channels = {}; }

  /// What the terminal has to report about a channel, once: that data came (clause 7.5.10), or that the link was dropped (7.5.11).
  struct News {
    std::uint8_t channel = 0;
    bool dropped = false;
    std::size_t available = 0;
  };
  /// `patiently`: what a channel may still get for what it sent is waited for, once.
  std::vector<News> news(bool patiently);
  /// Value of the Channel status data object (clause 8.56).
  Bytes status_of(std::uint8_t channel) const;

 private:
  struct Channel {
    Transport transport = Transport::kUdp;
    std::uint16_t port = 0;
    std::uint16_t buffer = 0;
    std::optional<Link> link;  ///< none: on demand, not established yet
    Bytes to_send;             ///< stored by SEND DATA
    Bytes received;            ///< of UDP: what is left of one datagram
    std::deque<Bytes> later;   ///< UDP: the next ones
    bool closed = false;
    bool expects = false;  ///< sent something, and got nothing since
    bool told = false;     ///< of what is in `received`
    bool told_closed = false;
  };

  Result<void> establish(Channel& channel) const;
  Channel* find(const ProactiveCommand& command);
  /// Takes what has come.
  void collect(Channel& channel, std::chrono::milliseconds timeout);

  std::chrono::milliseconds m_patience;
  bool m_only_own;
  std::array<std::optional<Channel>, kMaxChannels> m_channels;
  std::map<std::pair<Transport, std::uint16_t>, LoopbackServer> m_servers;
};

}  // namespace uicclab::terminal
