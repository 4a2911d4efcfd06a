// SPDX-License-Identifier: Apache-2.0
// Serves cards: by our own PC/SC service, or as the cards of a vpcd or of readers of QEMU.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/card_port.hpp"
#include "core/trace.hpp"

namespace uicclab::pcsc_bridge {
class Service;
class VscardClient;
}  // namespace uicclab::pcsc_bridge

namespace uicclab::cli {

class CardServer {
 public:
  /// The cards outlive the server. `trace` may be null; it outlives the server too.
  CardServer(std::vector<CardPort*> cards, TraceSink* trace);
  ~CardServer();

  /// Serves at a UNIX socket, in threads of its own; an unused card is switched off after `power_down_after`, if that is given.
  /// Throws SystemError if the socket is in use or cannot be made.
  void start_service(const std::string& socket, std::optional<std::chrono::milliseconds> power_down_after = std::nullopt);
  /// Connects card i to HOST:PORT+i, again and again until stop(). Throws Exit if it is no HOST:PORT.
  void start_vpcd(const std::string& address);
  /// Connects card i to HOST:PORT+i, or the only card to a UNIX socket, again and again until stop(). `power_log`: a FIFO with what QEMU
  /// prints of its reader; empty for none. Throws Exit if there is no such FIFO, or it is no address.
  void start_vscard(const std::string& address, const std::string& power_log);
  void stop();
  /// Null unless start_service() was called.
  pcsc_bridge::Service* service();
  /// Null unless start_vscard() was called.
  pcsc_bridge::VscardClient* vscard(std::size_t i);
  /// As PC/SC clients see the reader of card `i`.
  static std::string reader_name(std::size_t i);

 private:
  struct Parts;
  std::unique_ptr<Parts> m_parts;
};

}  // namespace uicclab::cli
