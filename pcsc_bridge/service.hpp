// SPDX-License-Identifier: Apache-2.0
// A PC/SC service of our own: programs that use libpcsclite reach the cards by PCSCLITE_CSOCK_NAME=<path>, without pcscd and without root.
#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/card_port.hpp"
#include "core/net/fd.hpp"
#include "pcsc_bridge/engine.hpp"
#include "pcsc_bridge/unix_listener.hpp"

namespace uicclab::pcsc_bridge {

struct ServiceOptions {
  /// A card without handles is switched off after this time, as pcscd does after five seconds; without it, it stays on.
  std::optional<std::chrono::milliseconds> power_down_after;
};

/// Serves readers at a UNIX socket.
///
/// Threads: run() accepts; each client has a thread that blocks in recv(), which costs a client 5 % to 10 % less time for an APDU than
/// one thread with epoll for all (measured; docs/decisions/010). What the service knows is the Engine, a state machine under
/// one lock. Card commands run outside that lock in the thread of the client who sent them, one at a time for each reader, so a slow
/// card holds up nobody but those who want this card, and a client that hangs holds up nobody. A client parked by the engine
/// (card busy, transaction of somebody else) waits for its event and for the death of its connection; nothing polls.
///
/// Lock order: the engine's, then a connection's for writing. It is passed hand over hand, so that what the engine says to a client
/// arrives in the order in which it was said.
class Service {
 public:
  /// Listens from here on; the cards that are present are reset for their ATR and switched off again. The cards outlive the service.
  /// Errors: SystemError as UnixListener and Engine.
  Service(const std::string& socket_path, const std::vector<ReaderConfig>& readers, ServiceOptions options = {});
  /// Stops, if run() has returned or never ran.
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// Serves until stop(); then every connection is closed, and every card is off and not in use any more. Not to be called again.
  void run();
  /// Lets run() return. May be called from any thread and from a signal handler.
  void stop() noexcept { m_stop.set(); }

  /// Puts a card into an empty reader (nullptr: the one that was in it before). Thread-safe. A reader that is not empty stays as it is.
  /// Errors: std::out_of_range for a reader that does not exist.
  void insert(std::size_t reader, CardPort* card = nullptr);
  /// Takes the card out: clients see SCARD_W_REMOVED_CARD. When this returns, the card is off and not in use. Thread-safe.
  /// Errors: std::out_of_range for a reader that does not exist.
  void eject(std::size_t reader);
  /// Resets the card: clients see SCARD_W_RESET_CARD. A reader that is empty, or whose card is off, stays as it is. Thread-safe.
  /// Errors: std::out_of_range for a reader that does not exist.
  void reset(std::size_t reader);
  /// Takes the reader from the machine: clients do not see it any more, and their handles are invalid. Thread-safe.
  /// Errors: std::out_of_range for a reader that does not exist.
  void unplug(std::size_t reader);
  /// Brings it back, with the card that was in it. Thread-safe. Errors: std::out_of_range for a reader that does not exist.
  void plug(std::size_t reader);
  bool is_plugged(std::size_t reader);
  /// As clients see it; empty where the reader is unplugged. Thread-safe. Errors: std::out_of_range for a reader that does not exist.
  wire::ReaderState state(std::size_t reader);

  const std::string& socket_path() const { return m_listener.path(); }
  std::size_t reader_count() const { return m_engine.reader_count(); }

 private:
  class Connection;
  class Administrator;

  using Clock = std::chrono::steady_clock;

  void accept_client();
  int power_down_idle();
  void close_all();
  void reap();

  const ServiceOptions m_options;
  std::mutex m_mutex;                                    ///< of the engine, and of m_idle
  std::vector<std::optional<Clock::time_point>> m_idle;  ///< of each reader whose card is on and not used: since when
  net::Event m_became_idle;
  Engine m_engine;
  UnixListener m_listener;
  net::Event m_stop;
  net::Event m_ended;  ///< a connection's thread is at its end
  std::list<std::unique_ptr<Connection>> m_connections;
  std::mutex m_admin_mutex;
};

}  // namespace uicclab::pcsc_bridge
