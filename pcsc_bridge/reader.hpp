// SPDX-License-Identifier: Apache-2.0
// One reader and one client as stored in the engine; only the engine's own files include this.
#pragma once

#include <deque>

#include "pcsc_bridge/engine.hpp"

namespace uicclab::pcsc_bridge {

/// What SCardConnect() gave out.
struct Handle {
  enum class Event { kNone, kReset, kRemoved };
  std::int32_t id = 0;
  Engine::Reader* reader = nullptr;
  Event event = Event::kNone;
};

/// Those who wait for one thing of a reader, in the order they came.
class WaitingLine {
 public:
  /// It is `client`'s turn if the resource is free and no client came earlier. Otherwise the client is in the queue now.
  bool admit(Engine::Client& client, bool free);
  void leave(Engine::Client& client);
  void wake_first();
  void wake_all();

 private:
  std::deque<Engine::Client*> m_clients;
};

class Engine::Reader {
 public:
  explicit Reader(std::string name) : m_name(std::move(name)) {}

  const std::string& name() const { return m_name; }

  bool plugged = true;  ///< the machine has it
  bool loaded = false;  ///< unplugged with a card in it

  // The card.
  CardPort* card = nullptr;
  bool present = false;
  bool powered = false;
  std::uint32_t state = wire::kAbsent;   ///< as shown to clients
  std::uint32_t protocol = wire::kNone;  ///< as shown to clients; wire::kRaw as long as one uses it so
  std::uint32_t spoken = wire::kNone;    ///< what was agreed on with the card
  std::uint32_t event_counter = 0;
  Bytes atr;
  bool busy = false;
  WaitingLine card_line;

  // Who uses it.
  std::int32_t sharing = 0;     ///< number of handles, or wire::kSharingExclusive
  std::int32_t lock_owner = 0;  ///< handle, 0 for none
  unsigned lock_count = 0;
  WaitingLine lock_line;

  /// On, and no client has a handle.
  bool is_idle() const { return powered && sharing == 0 && !busy; }
  bool locked_for(const Handle& handle) const { return lock_owner != 0 && lock_owner != handle.id; }
  void unlock() {
    lock_owner = 0;
    lock_count = 0;
  }
  /// What a reset brought: on with a new ATR, or mute.
  void apply_reset(const Result<Atr>& result);
  void apply_power_off(bool shown);
  void apply_removal();
  /// Lets the next ones try what is free now.
  void stir();
  wire::ReaderState wire_state() const;

 private:
  std::string m_name;
};

class Engine::Client {
 public:
  explicit Client(Peer& p) : peer(p) {}

  Handle* find(std::int32_t id);
  bool owns(std::int32_t id) { return find(id) != nullptr; }

  enum class Waiting { kNo, kUntilArray, kYes };

  Peer& peer;
  std::int32_t minor = wire::kOldestMinor;
  std::uint32_t context = 0;
  std::vector<Handle> handles;
  std::vector<std::int32_t> lost;  ///< handles of readers that were unplugged
  Waiting waiting = Waiting::kNo;

  // The operation under way.
  using Continuation = Verdict (Operations::*)();
  BytesView message;
  Continuation finish = nullptr;
  Reader* reader = nullptr;     ///< the one it is about
  std::int32_t handle = 0;      ///< the one it is about
  WaitingLine* line = nullptr;  ///< parked in
  bool cancelled = false;
  bool closing = false;
};

}  // namespace uicclab::pcsc_bridge
