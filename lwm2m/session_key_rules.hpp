// SPDX-License-Identifier: Apache-2.0
// When session keys are fresh, stale and renewed: the SMS session-key CR, clause 7.2.2.1. Pure rules on a time that is handed in; what
// carries the keys (remote file management, GBA Push, bootstrap) is somebody else's.
//
// A key lives at most as long as the registration it was used for. Every Register and Update needs keys that none was sent with before;
// with new keys the counters start again. A stale key or an expired registration is answered 4.00 Bad Request, and a message
// that refreshes the keys follows. The server refreshes before the registration ends if the device is awake, else when it wakes up.
//
// The server keeps the keys that it sent, and those in use, until a message proves that the device has them: a lost message leaves
// no device without keys. It sends them again, at intervals that double.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

namespace uicclab::lwm2m {

/// Since an epoch of the caller's choice.
using Instant = std::chrono::seconds;

enum class Operation { kRegister, kUpdate, kDeregister, kOther };

/// A message as its receiver sees it: the keys that its checksum was made with (as a number that identifies them), its counter.
struct KeyedMessage {
  std::uint64_t key = 0;
  std::uint64_t counter = 0;
  Operation operation = Operation::kOther;
  std::chrono::seconds lifetime{0};  ///< of Register and Update
};

/// The counter of secured packets has 5 bytes; the last value blocks.
inline constexpr std::uint64_t kLastCounter = 0xFF'FFFF'FFFE;

/// The server's rules for one device.
class ServerKeyRules {
 public:
  struct Options {
    std::chrono::seconds lifetime{86400};  ///< of keys that no Register or Update was sent with yet
    std::chrono::seconds before{600};      ///< refresh so long before the registration ends
    std::chrono::seconds retry{60};        ///< first interval between two refreshes of the same keys
    std::chrono::seconds longest_retry{3600};
    bool renew_on_wake_up = false;  ///< the device keeps no keys while it sleeps
  };
  struct Keys {
    std::uint64_t key = 0;
    Instant until{0};
    Instant own_end = Instant::max();  ///< of keys that have a lifetime of their own, whatever the registration's
    Instant since{0};                  ///< the Register or Update that they were used for
    std::uint64_t received = 0;
    bool used = false;  ///< for a Register or Update
    bool operator==(const Keys&) const = default;
  };
  /// Everything that the rules remember, for who keeps it between two runs.
  struct State {
    bool awake = true;
    std::optional<Instant> registered_until;
    std::optional<Keys> current;
    std::optional<Keys> pending;
    bool delivered = false;
    bool wanted = true;  ///< without keys at all the first ones are wanted
    std::optional<Instant> next_send;
    std::chrono::seconds interval{0};
    std::deque<Keys> retired;  ///< the last few, to distinguish them from unknown ones
    bool operator==(const State&) const = default;
  };
  explicit ServerKeyRules(const Options& options) : m_options(options) {}
  ServerKeyRules(const Options& options, State state) : m_options(options), m_state(std::move(state)) {}
  const State& state() const { return m_state; }

  /// A device that missed any number of refreshes is recognised by the keys that it used last; of keys that were sent and never used, those
  /// of so many refreshes are. Older ones are unknown: dropped in silence, until one of the refreshes that go on arrives.
  static constexpr std::size_t kRetiredKept = 32;

  enum class Verdict {
    kAccepted,
    kBadRequest,  ///< 4.00: stale keys or an expired registration; a refresh is due
    kReplayed,    ///< the counter is not higher: dropped
    kUnknownKey   ///< no keys of this device: dropped in silence
  };
  /// Who sends is awake.
  Verdict on_message(Instant now, const KeyedMessage& message);

  void on_awake(Instant now);
  void on_asleep() { m_state.awake = false; }
  /// The refresh was delivered to the device (proof of receipt): no repetition until a message says otherwise.
  void on_delivered(std::uint64_t key);

  /// Keys to be sent now.
  struct Refresh {
    bool is_new = false;    ///< make keys and pass them to issue(); otherwise these again
    std::uint64_t key = 0;  ///< if not new
  };
  /// What is due; nothing otherwise. Asked again after each call of another function, and when due_at() has come.
  std::optional<Refresh> due(Instant now);
  /// When something will be due if nothing happens before; nothing while the device sleeps.
  std::optional<Instant> due_at() const;
  /// New keys were made and go out; `own`: a lifetime that they have whatever the registration's is, 0 if none.
  void issue(Instant now, std::uint64_t key, std::chrono::seconds own = std::chrono::seconds(0));

  bool is_registered(Instant now) const { return m_state.registered_until && now < *m_state.registered_until; }
  /// A message under this key would be looked at now: it is in use or on its way, and has not expired.
  bool is_usable(Instant now, std::uint64_t key) const;

 private:
  void retire(const Keys& keys);
  void want_refresh(Instant now);
  std::chrono::seconds refresh_before() const;

  Options m_options;
  State m_state;
};

/// The device's rules.
class DeviceKeyRules {
 public:
  struct Keys {
    std::uint64_t key = 0;
    Instant until{0};
    Instant own_end = Instant::max();
    std::uint64_t sent = 0;
    bool used = false;
    bool operator==(const Keys&) const = default;
  };
  struct State {
    std::optional<Keys> keys;
    std::uint64_t generation = 0;  ///< kept also without keys
    bool operator==(const State&) const = default;
  };
  DeviceKeyRules() = default;
  explicit DeviceKeyRules(const State& state) : m_state(state) {}
  const State& state() const { return m_state; }

  /// Why send() sends nothing; kNone: it sends.
  enum class Refusal { kNone, kNoKeys, kExpired, kUsed, kCounter };
  Refusal why_not(Instant now, Operation operation) const;
  /// A message went out, or cannot: no keys, expired ones, used counters, or a Register or Update without fresh keys.
  std::optional<KeyedMessage> send(Instant now, Operation operation, std::chrono::seconds lifetime);
  /// As send(), but with keys that are not fresh any more: what brings a 4.00 and new keys.
  std::optional<KeyedMessage> send_stale(Operation operation, std::chrono::seconds lifetime);

  /// New keys came. False if they are not newer than those that are there: a repetition, or a replay. `own`: a lifetime that they have
  /// whatever the registration's is, 0 if none.
  bool on_keys(Instant now, std::uint64_t key, std::uint64_t generation, std::chrono::seconds lifetime,
               std::chrono::seconds own = std::chrono::seconds(0));
  /// An accepted Register or Update: the keys end with the registration.
  void on_registered(Instant now, std::chrono::seconds lifetime);
  /// Without protected storage the keys go.
  void on_asleep(bool stores) {
    if (!stores) m_state.keys.reset();
  }

  bool has_keys(Instant now) const { return m_state.keys && now < m_state.keys->until; }
  bool has_fresh(Instant now) const { return has_keys(now) && !m_state.keys->used; }
  std::uint64_t key() const { return m_state.keys ? m_state.keys->key : 0; }
  Instant until() const { return m_state.keys ? m_state.keys->until : Instant(0); }

 private:
  State m_state;
};

}  // namespace uicclab::lwm2m
