// SPDX-License-Identifier: Apache-2.0
// What each end of the SMS binding keeps of its session keys between two messages: the keys with their counters, and the state of the rules
// for them (session_key_rules.hpp). Their files: docs/formats/session-keys.md. Ours.
#pragma once

#include "lwm2m/session_key_file.hpp"
#include "lwm2m/session_key_rules.hpp"

namespace uicclab::lwm2m {

/// What unused keys live at most where nobody knows the lifetime of a registration: its default (LwM2M 1.0 clause 5.3.1).
inline constexpr std::chrono::seconds kDefaultRegistration{86400};

SessionKeyRecord copy_of(const SessionKeyRecord& record);

/// The server's, for one device. Keys go by their generation.
class ServerLedger {
 public:
  struct Content {
    ServerKeyRules::State rules;
    std::vector<SessionKeyRecord> records;
    std::chrono::seconds registration = kDefaultRegistration;  ///< of the last Register or Update
    bool renew_on_wake_up = false;                             ///< the device keeps no keys while it sleeps
    Bytes push;                                                ///< the GBA Push Info of the pending keys
  };
  ServerLedger() : ServerLedger(Content{}) {}
  explicit ServerLedger(Content content);

  ServerKeyRules& rules() { return m_rules; }
  const ServerKeyRules& rules() const { return m_rules; }
  /// With the state of the rules.
  Content content() const;

  std::uint32_t next_generation() const;
  /// New keys go out now. `push`: the GBA Push Info that brings them, if one does.
  void issue(Instant now, const SessionKeyRecord& record, BytesView push = {});
  /// That went out and is to go out again; empty if it was another way.
  BytesView push() const { return m_content.push; }
  /// Nothing: no such keys.
  SessionKeyRecord* find(std::uint64_t generation);
  /// Newest first.
  std::vector<SessionKeyRecord*> all();
  /// What a message to the device goes under: keys that it has used, else those on their way; nothing if none may be used.
  SessionKeyRecord* for_sending(Instant now);

  /// A message was opened with these keys, whose counter moved. A Register or Update says how long the registration lasts.
  ServerKeyRules::Verdict on_message(Instant now, const SessionKeyRecord& record, Operation operation,
                                     std::optional<std::chrono::seconds> lifetime);

  std::chrono::seconds registration() const { return m_content.registration; }
  /// Before any Register: what the account says.
  void set_registration(std::chrono::seconds registration);
  void set_renew_on_wake_up(bool renew);

 private:
  void forget_unknown();
  static ServerKeyRules::Options options_of(const Content& content);

  Content m_content;
  ServerKeyRules m_rules;
};

/// The device's.
class DeviceLedger {
 public:
  struct Content {
    DeviceKeyRules::State rules;
    std::optional<SessionKeyRecord> now;
    std::optional<SessionKeyRecord> before;  ///< a device that missed the new ones sends under these
    std::string server;                      ///< its number, that the last request went to
    std::string location;                    ///< of the registration
    std::chrono::seconds asked{0};           ///< lifetime of the Register or Update that waits for its answer
    std::chrono::seconds registration = kDefaultRegistration;
    std::optional<Instant> registered_until;
  };
  DeviceLedger() = default;
  explicit DeviceLedger(Content content) : m_content(std::move(content)) {}

  const Content& content() const { return m_content; }
  Content& content() { return m_content; }
  DeviceKeyRules rules() const { return DeviceKeyRules(m_content.rules); }

  /// Keys came. False: they are those that the device has, or had before.
  bool take(Instant now, const SessionKeyRecord& record);
  /// A message goes out under the keys in use, whose counter is to be moved by protect_sms(); `stale`: also if the rules refuse it.
  DeviceKeyRules::Refusal begin(Instant now, Operation operation, std::chrono::seconds lifetime, bool stale);
  /// 2.01 or 2.04 to a Register or Update, 2.02 to a Deregister.
  void on_success(Instant now, std::string_view location);
  bool is_expired(Instant now) const { return !rules().has_keys(now); }

 private:
  Content m_content;
};

/// Errors: as encode_session_keys().
Result<Bytes> encode_ledger(const ServerLedger& ledger);
Result<Bytes> encode_ledger(const DeviceLedger& ledger);
/// Take padding. Errors: kMalformed, whatever is wrong: they were sealed by this program.
Result<ServerLedger> parse_server_ledger(BytesView bytes);
Result<DeviceLedger> parse_device_ledger(BytesView bytes);

}  // namespace uicclab::lwm2m
