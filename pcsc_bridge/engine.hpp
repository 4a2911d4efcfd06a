// SPDX-License-Identifier: Apache-2.0
// State and decisions of the PC/SC service, without sockets and threads: readers, clients, handles, sharing, transactions, events.
// The answers follow pcscd 1.9.9 to 2.5 (its winscard.c, winscard_svc.c, readerfactory.c); where they differ, it says DEVIATION.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "core/environment.hpp"
#include "pcsc_bridge/card_task.hpp"
#include "pcsc_bridge/wire.hpp"

namespace uicclab::pcsc_bridge {

/// A reader to serve: its name as PC/SC clients see it (1 to 127 bytes), the card for it, and whether the card is in it at the start.
/// Clients before protocol 4:6 (pcsc-lite 2.5) see the first 16 readers.
struct ReaderConfig {
  std::string name;
  CardPort* card = nullptr;
  bool present = true;
};

/// What a caller of the engine has to do next.
enum class Verdict {
  kAnswer,  ///< send `answer` (which may be empty); the operation is over
  kCard,    ///< put run(task) into `result` and call finish()
  kPark,    ///< the card is busy or locked: start the same operation again after the next wake()
  kDrop,    ///< the client lies: close its connection
};

/// What goes to and fro between the engine and its caller in the course of one operation; the caller keeps it for the next one.
struct Step {
  Bytes answer;
  CardTask task;
  CardResult result;
};

/// How the engine reaches a client out of turn. Called with the engine locked.
class Peer {
 public:
  virtual ~Peer() = default;
  /// Bytes for the client that are no answer: something changed, or its waiting was cancelled.
  virtual void signal(BytesView bytes) = 0;
  /// What the client is parked for may have come.
  virtual void wake() = 0;
};

/// The state machine of the service. The caller locks it around every call; only card tasks run outside the lock, at most one for
/// each reader: a reader is busy from the verdict kCard until finish(), and who needs its card meanwhile is parked in a queue.
///
///   reader:  absent --insert--> off --connect--> on --unpower--> off --eject--> absent
///            (a card that does not answer a reset is mute; every connect tries it again)
///   reader:  in the machine --unplug--> away --plug--> in the machine
///   lock:    free --begin, exclusive connect--> owned by a handle --end, disconnect, death of the client, eject--> free
///            (who waits for the lock gets it first come, first served)
///   handle:  open --reset by anybody--> "reset" --eject--> "removed"; reconnect makes it open again; --unplug--> lost for good
class Engine {
 public:
  class Client;
  class Reader;
  class Operations;

  /// All cards are outside their readers at first, whatever `present` says; `seed` makes the numbers of contexts and handles.
  /// Errors: SystemError for a name that is empty, longer than 127 bytes, or there twice.
  Engine(const std::vector<ReaderConfig>& readers, std::uint64_t seed);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// A connection. `peer` lives until remove().
  Client& add(Peer& peer);
  /// To be called after close() has come to kAnswer.
  void remove(Client& client);

  // Operations: one at a time for each client. Verdict kCard leads to finish(), kPark to the same call again.

  /// One message, as wire::message_size() cuts it; it stays where it is until the operation is over.
  Verdict handle(Client& client, BytesView message, Step& step);
  /// The connection is closed: releases what the client held.
  Verdict close(Client& client, Step& step);
  /// A card goes into an empty reader (with nullptr: the card that was in it before). It is reset for its ATR and switched off again.
  Verdict insert(Client& admin, std::size_t reader, CardPort* card, Step& step);
  /// The card leaves its reader; once this is over, the engine does not touch it any more.
  Verdict eject(Client& admin, std::size_t reader, Step& step);
  /// The reader leaves the machine, with its card: the handles of clients are worth nothing any more.
  Verdict unplug(Client& admin, std::size_t reader, Step& step);
  /// It comes back, and the card that was in it.
  Verdict plug(Client& admin, std::size_t reader, Step& step);
  /// Switches the card off if no client uses the reader.
  Verdict power_down(Client& admin, std::size_t reader, Step& step);
  /// A warm reset that no client asked for: their handles get the event of another client's reset. A card that is off stays off.
  Verdict reset(Client& admin, std::size_t reader, Step& step);
  Verdict finish(Client& client, Step& step);

  std::size_t reader_count() const { return m_readers.size(); }
  wire::ReaderState state(std::size_t reader) const;
  bool is_plugged(std::size_t reader) const;
  /// Called, with the engine locked, whenever a reader's card is on and no client has a handle (any more).
  void on_idle(std::function<void(std::size_t reader)> tell) { m_tell_idle = std::move(tell); }

 private:
  std::vector<std::unique_ptr<Reader>> m_readers;
  std::list<Client> m_clients;
  SeededRandom m_random;
  std::uint32_t m_reader_events = 0;  ///< readers that came or left
  std::function<void(std::size_t reader)> m_tell_idle;
};

}  // namespace uicclab::pcsc_bridge
