// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/session_key_rules.hpp"

#include <algorithm>

namespace uicclab::lwm2m {
namespace {

/// How many keys that are gone are still recognised, to be answered 4.00.
constexpr std::size_t kRetiredKept = 8;

bool renews(Operation operation) {
  return operation == Operation::kRegister || operation == Operation::kUpdate;
}

}  // namespace

ServerKeyRules::Verdict ServerKeyRules::on_message(Instant now, const KeyedMessage& message) {
  const bool by_pending = m_pending && m_pending->key == message.key;
  if (!by_pending && !(m_current && m_current->key == message.key)) {
    const auto gone = std::ranges::find(m_retired, message.key, &Keys::key);
    if (gone == m_retired.end()) return Verdict::kUnknownKey;
    if (message.counter <= gone->received) return Verdict::kReplayed;
    gone->received = message.counter;
    want_refresh(now);  // the device missed one, also if it was delivered
    return Verdict::kBadRequest;
  }
  Keys& keys = by_pending ? *m_pending : *m_current;
  if (message.counter <= keys.received) return Verdict::kReplayed;
  keys.received = message.counter;  // also of what is refused: none is looked at twice

  const bool stale = now >= keys.until || (renews(message.operation) && keys.used);
  // Nothing but Register speaks for a device that is not registered; Update finds no registration.
  const bool unregistered = message.operation != Operation::kRegister && !is_registered(now);
  if (stale || unregistered) {
    want_refresh(now);
    return Verdict::kBadRequest;
  }

  if (by_pending) {
    if (m_current) retire(*m_current);
    m_current = m_pending;
    m_pending.reset();
    m_next_send.reset();
    m_wanted = false;
  }
  if (renews(message.operation)) {
    m_current->used = true;
    m_current->until = now + message.lifetime;
    m_registered_until = m_current->until;
    m_wanted = false;
  } else if (message.operation == Operation::kDeregister) {
    m_registered_until.reset();
    retire(*m_current);
    m_current.reset();
    m_wanted = true;  // to come back it needs others
  }
  return Verdict::kAccepted;
}

void ServerKeyRules::on_awake(Instant now) {
  m_awake = true;
  if (m_options.renew_on_wake_up) {
    // What it had is gone, and the counters with it: the same keys must not come again.
    if (m_pending) retire(*m_pending);
    m_pending.reset();
    m_wanted = true;
  }
  m_delivered = false;  // whatever was said before it slept
  m_interval = std::chrono::seconds(0);
  if (m_pending) m_next_send = now;
}

void ServerKeyRules::on_delivered(std::uint64_t key) {
  if (m_pending && m_pending->key == key) m_delivered = true;
}

std::optional<ServerKeyRules::Refresh> ServerKeyRules::due(Instant now) {
  const auto at = due_at();
  if (!at || now < *at) return std::nullopt;
  if (m_pending && now < m_pending->until) {
    m_interval = m_interval.count() == 0 ? m_options.retry : std::min(m_interval * 2, m_options.longest_retry);
    m_next_send = now + m_interval;
    return Refresh{false, m_pending->key};
  }
  return Refresh{true, 0};
}

std::optional<Instant> ServerKeyRules::due_at() const {
  if (!m_awake) return std::nullopt;
  if (m_pending) return m_delivered ? m_pending->until : std::min(m_next_send.value_or(Instant(0)), m_pending->until);
  if (m_wanted) return Instant(0);
  if (m_registered_until && m_current && m_current->used) return *m_registered_until - m_options.before;
  if (m_current) return m_current->until;  // never used: they grow old
  return Instant(0);
}

void ServerKeyRules::issue(Instant now, std::uint64_t key) {
  if (m_pending) retire(*m_pending);
  m_pending = Keys{key, now + m_options.lifetime, 0, false};
  m_delivered = false;
  m_wanted = false;
  m_interval = m_options.retry;
  m_next_send = now + m_interval;
}

bool ServerKeyRules::is_usable(Instant now, std::uint64_t key) const {
  const auto is = [&](const std::optional<Keys>& keys) { return keys && keys->key == key && now < keys->until; };
  return is(m_current) || is(m_pending);
}

void ServerKeyRules::retire(const Keys& keys) {
  m_retired.push_back(keys);
  if (m_retired.size() > kRetiredKept) m_retired.pop_front();
}

void ServerKeyRules::want_refresh(Instant now) {
  m_delivered = false;
  if (m_pending) {
    // Not before its time: a replayed message must not make the server send without end.
    if (!m_next_send) m_next_send = now;
  } else {
    m_wanted = true;  // also if they look fresh from here: the device has sent its message with them
  }
}

std::optional<KeyedMessage> DeviceKeyRules::send(Instant now, Operation operation, std::chrono::seconds lifetime) {
  if (!has_keys(now) || (renews(operation) && m_keys->used)) return std::nullopt;
  auto message = send_stale(operation, lifetime);
  if (message && renews(operation)) m_keys->used = true;
  return message;
}

std::optional<KeyedMessage> DeviceKeyRules::send_stale(Operation operation, std::chrono::seconds lifetime) {
  if (!m_keys || m_keys->sent >= kLastCounter) return std::nullopt;
  return KeyedMessage{m_keys->key, ++m_keys->sent, operation, lifetime};
}

bool DeviceKeyRules::on_keys(Instant now, std::uint64_t key, std::uint64_t generation, std::chrono::seconds lifetime) {
  if (generation <= m_generation) return false;
  m_generation = generation;
  m_keys = Keys{key, now + lifetime, 0, false};
  return true;
}

void DeviceKeyRules::on_registered(Instant now, std::chrono::seconds lifetime) {
  if (m_keys) m_keys->until = now + lifetime;
}

}  // namespace uicclab::lwm2m
