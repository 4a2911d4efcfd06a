// SPDX-License-Identifier: Apache-2.0
// When session keys are fresh, stale and renewed: OMA-TS-LightweightM2M 1.0 clause 7.2.2.1. Pure rules on a time that is handed in; what
// carries the keys (remote file management, GBA Push, bootstrap) is somebody else's.
//
// A key lives at most as long as the registration it was used for. Every Register and Update needs keys that none was sent with before;
// with new keys the counters begin anew. Who comes with a stale key, or an expired registration, gets 4.00 Bad Request, and a message
// that refreshes the keys follows. The server refreshes before the registration ends if the device is awake, else when it wakes up.
//
// The server keeps the keys that it sent beside those in use until a message proves that the device has them: a lost message leaves
// nobody without keys. It sends them again, at intervals that double.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace uicclab::lwm2m {

/// Since an epoch of the caller's choice.
using Instant = std::chrono::seconds;

enum class Operation { kRegister, kUpdate, kDeregister, kOther };

/// A message as its receiver sees it: the keys that its checksum was made with (as a number that stands for them), its counter.
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
  explicit ServerKeyRules(const Options& options) : m_options(options) {}

  enum class Verdict {
    kAccepted,
    kBadRequest,  ///< 4.00: stale keys or an expired registration; a refresh is due
    kReplayed,    ///< the counter is not higher: dropped
    kUnknownKey   ///< no keys of this device: dropped in silence
  };
  Verdict on_message(Instant now, const KeyedMessage& message);

  void on_awake(Instant now);
  void on_asleep() { m_awake = false; }
  /// The refresh was delivered to the device (proof of receipt): no repetition until a message says otherwise.
  void on_delivered(std::uint64_t key);

  /// Keys to be sent now.
  struct Refresh {
    bool is_new = false;    ///< make keys and tell them by issue(); otherwise these again
    std::uint64_t key = 0;  ///< if not new
  };
  /// What is due; nothing otherwise. Asked again after each call of another function, and when due_at() has come.
  std::optional<Refresh> due(Instant now);
  /// When something will be due if nothing happens before; nothing while the device sleeps.
  std::optional<Instant> due_at() const;
  /// New keys were made and go out.
  void issue(Instant now, std::uint64_t key);

  bool is_registered(Instant now) const { return m_registered_until && now < *m_registered_until; }
  /// A message under this key would be looked at now: it is in use or on its way, and has not expired.
  bool is_usable(Instant now, std::uint64_t key) const;

 private:
  struct Keys {
    std::uint64_t key = 0;
    Instant until{0};
    std::uint64_t received = 0;
    bool used = false;  ///< for a Register or Update
  };
  void retire(const Keys& keys);
  void want_refresh(Instant now);

  Options m_options;
  bool m_awake = true;
  std::optional<Instant> m_registered_until;
  std::optional<Keys> m_current;
  std::optional<Keys> m_pending;
  bool m_delivered = false;
  bool m_wanted = true;  ///< without keys at all the first ones are wanted
  std::optional<Instant> m_next_send;
  std::chrono::seconds m_interval{0};
  std::deque<Keys> m_retired;  ///< the last few, to be told from unknown ones
};

/// The device's rules.
class DeviceKeyRules {
 public:
  /// A message went out, or cannot: no keys, expired ones, used counters, or a Register or Update without fresh keys.
  std::optional<KeyedMessage> send(Instant now, Operation operation, std::chrono::seconds lifetime);
  /// As send(), but with keys that are not fresh any more: what brings a 4.00 and new keys.
  std::optional<KeyedMessage> send_stale(Operation operation, std::chrono::seconds lifetime);

  /// New keys came. False if they are not newer than those that are there: a repetition, or a replay.
  bool on_keys(Instant now, std::uint64_t key, std::uint64_t generation, std::chrono::seconds lifetime);
  /// An accepted Register or Update: the keys end with the registration.
  void on_registered(Instant now, std::chrono::seconds lifetime);
  /// Without protected storage the keys go.
  void on_asleep(bool stores) {
    if (!stores) m_keys.reset();
  }

  bool has_keys(Instant now) const { return m_keys && now < m_keys->until; }
  bool has_fresh(Instant now) const { return has_keys(now) && !m_keys->used; }
  std::uint64_t key() const { return m_keys ? m_keys->key : 0; }
  Instant until() const { return m_keys ? m_keys->until : Instant(0); }

 private:
  struct Keys {
    std::uint64_t key = 0;
    Instant until{0};
    std::uint64_t sent = 0;
    bool used = false;
  };
  std::optional<Keys> m_keys;
  std::uint64_t m_generation = 0;  ///< kept also without keys
};

}  // namespace uicclab::lwm2m
