// SPDX-License-Identifier: Apache-2.0
// Connections to a server on this machine or elsewhere.
#pragma once

#include <cstdint>
#include <string>

#include "core/bytes.hpp"
#include "core/net/fd.hpp"

namespace uicclab::net {

/// A connected TCP socket, or none with the reason in `why`. `stop` ends the attempt, and for each address of the host `patience` in
/// milliseconds, if it is not negative.
Fd connect_tcp(const std::string& host, std::uint16_t port, const Event& stop, std::string& why, int patience = -1);
/// A connected UNIX socket, or none with the reason in `why`.
Fd connect_unix(const std::string& path, std::string& why);
/// False if the other end has gone.
bool send_all(int socket, BytesView bytes);

/// The time between two attempts to connect, which grows until the other end has said something.
class Pause {
 public:
  bool is_first() const { return m_milliseconds == kFirst; }
  void begin_anew() { m_milliseconds = kFirst; }
  /// Returns earlier when `stop` is set.
  void wait(const Event& stop);

 private:
  static constexpr int kFirst = 50;
  static constexpr int kLongest = 1000;
  int m_milliseconds = kFirst;
};

}  // namespace uicclab::net
