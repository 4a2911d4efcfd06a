// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/session_key_rules.hpp"

#include <algorithm>

namespace uicclab::lwm2m {
namespace {

bool renews(Operation operation) {
  return operation == Operation::kRegister || operation == Operation::kUpdate;
}

}  // namespace

ServerKeyRules::Verdict ServerKeyRules::on_message(Instant now, const KeyedMessage& message) {
  const bool by_pending = m_state.pending && m_state.pending->key == message.key;
  if (!by_pending && !(m_state.current && m_state.current->key == message.key)) {
    const auto gone = std::ranges::find(m_state.retired, message.key, &Keys::key);
    if (gone == m_state.retired.end()) return Verdict::kUnknownKey;
    if (message.counter <= gone->received) return Verdict::kReplayed;
    gone->received = message.counter;
    m_state.awake = true;
    want_refresh(now);  // the device missed one, also if it was delivered
    return Verdict::kBadRequest;
  }
  Keys& keys = by_pending ? *m_state.pending : *m_state.current;
  if (message.counter <= keys.received) return Verdict::kReplayed;
  keys.received = message.counter;  // also of what is refused: none is looked at twice
  m_state.awake = true;

  const bool stale = now >= keys.until || (renews(message.operation) && keys.used);
  // Nothing but Register speaks for a device that is not registered; Update finds no registration.
  const bool unregistered = message.operation != Operation::kRegister && !is_registered(now);
  if (stale || unregistered) {
    want_refresh(now);
    return Verdict::kBadRequest;
  }

  if (by_pending) {
    if (m_state.current) retire(*m_state.current);
    m_state.current = m_state.pending;
    m_state.pending.reset();
    m_state.next_send.reset();
    m_state.wanted = false;
  }
  if (renews(message.operation)) {
    m_state.current->used = true;
    m_state.current->since = now;
    m_state.registered_until = now + message.lifetime;
    m_state.current->until = std::min(*m_state.registered_until, m_state.current->own_end);
    m_state.wanted = false;
  } else if (message.operation == Operation::kDeregister) {
    m_state.registered_until.reset();
    retire(*m_state.current);
    m_state.current.reset();
    m_state.wanted = true;  // to come back it needs others
  }
  return Verdict::kAccepted;
}

void ServerKeyRules::on_awake(Instant now) {
  m_state.awake = true;
  if (m_options.renew_on_wake_up) {
    // What it had is gone, and the counters with it: the same keys must not come again.
    if (m_state.pending) retire(*m_state.pending);
    m_state.pending.reset();
    m_state.wanted = true;
  }
  m_state.delivered = false;  // whatever was said before it slept
  m_state.interval = std::chrono::seconds(0);
  if (m_state.pending) m_state.next_send = now;
}

void ServerKeyRules::on_delivered(std::uint64_t key) {
  if (m_state.pending && m_state.pending->key == key) m_state.delivered = true;
}

std::optional<ServerKeyRules::Refresh> ServerKeyRules::due(Instant now) {
  const auto at = due_at();
  if (!at || now < *at) return std::nullopt;
  if (m_state.pending && now < m_state.pending->until) {
    m_state.interval = m_state.interval.count() == 0 ? m_options.retry : std::min(m_state.interval * 2, m_options.longest_retry);
    m_state.next_send = now + m_state.interval;
    return Refresh{false, m_state.pending->key};
  }
  return Refresh{true, 0};
}

/// Three tenths of what the keys live are the most: a device that updates when four fifths have passed has the new ones by then.
std::chrono::seconds ServerKeyRules::refresh_before() const {
  const auto& used = *m_state.current;
  return std::min(m_options.before, (used.until - used.since) * 3 / 10);
}

std::optional<Instant> ServerKeyRules::due_at() const {
  if (!m_state.awake) return std::nullopt;
  if (m_state.pending)
    return m_state.delivered ? m_state.pending->until : std::min(m_state.next_send.value_or(Instant(0)), m_state.pending->until);
  if (m_state.wanted) return Instant(0);
  if (m_state.registered_until && m_state.current && m_state.current->used) return m_state.current->until - refresh_before();
  if (m_state.current) return m_state.current->until;  // never used: they grow old
  return Instant(0);
}

void ServerKeyRules::issue(Instant now, std::uint64_t key, std::chrono::seconds own) {
  if (m_state.pending) retire(*m_state.pending);
  const Instant own_end = own.count() == 0 ? Instant::max() : now + own;
  m_state.pending = Keys{key, std::min(now + m_options.lifetime, own_end), own_end};
  m_state.delivered = false;
  m_state.wanted = false;
  m_state.interval = m_options.retry;
  m_state.next_send = now + m_state.interval;
}

bool ServerKeyRules::is_usable(Instant now, std::uint64_t key) const {
  const auto is = [&](const std::optional<Keys>& keys) { return keys && keys->key == key && now < keys->until; };
  return is(m_state.current) || is(m_state.pending);
}

void ServerKeyRules::retire(const Keys& keys) {
  auto& retired = m_state.retired;
  retired.push_back(keys);
  if (retired.size() <= kRetiredKept) return;
  // The device may still have the keys that it used last, whatever was sent behind them.
  const auto last = std::ranges::find_if(retired.rbegin(), retired.rend(), [](const Keys& one) { return one.received != 0; });
  const bool is_first = !m_state.current && last != retired.rend() && std::next(last) == retired.rend();
  retired.erase(is_first ? std::next(retired.begin()) : retired.begin());
}

void ServerKeyRules::want_refresh(Instant now) {
  m_state.delivered = false;
  if (m_state.pending) {
    // The next one at once, but not within the first interval behind the last: it may be on its way.
    const Instant earliest = m_state.next_send ? *m_state.next_send - m_state.interval + m_options.retry : now;
    m_state.next_send = std::min(m_state.next_send.value_or(now), std::max(now, earliest));
  } else {
    m_state.wanted = true;  // also if they look fresh from here: the device has sent its message with them
  }
}

DeviceKeyRules::Refusal DeviceKeyRules::why_not(Instant now, Operation operation) const {
  if (!m_state.keys) return Refusal::kNoKeys;
  if (!has_keys(now)) return Refusal::kExpired;
  if (renews(operation) && m_state.keys->used) return Refusal::kUsed;
  return m_state.keys->sent >= kLastCounter ? Refusal::kCounter : Refusal::kNone;
}

std::optional<KeyedMessage> DeviceKeyRules::send(Instant now, Operation operation, std::chrono::seconds lifetime) {
  if (why_not(now, operation) != Refusal::kNone) return std::nullopt;
  auto message = send_stale(operation, lifetime);
  if (message && renews(operation)) m_state.keys->used = true;
  return message;
}

std::optional<KeyedMessage> DeviceKeyRules::send_stale(Operation operation, std::chrono::seconds lifetime) {
  if (!m_state.keys || m_state.keys->sent >= kLastCounter) return std::nullopt;
  return KeyedMessage{m_state.keys->key, ++m_state.keys->sent, operation, lifetime};
}

bool DeviceKeyRules::on_keys(Instant now, std::uint64_t key, std::uint64_t generation, std::chrono::seconds lifetime,
                             std::chrono::seconds own) {
  if (generation <= m_state.generation) return false;
  m_state.generation = generation;
  const Instant own_end = own.count() == 0 ? Instant::max() : now + own;
  m_state.keys = Keys{key, std::min(now + lifetime, own_end), own_end};
  return true;
}

void DeviceKeyRules::on_registered(Instant now, std::chrono::seconds lifetime) {
  if (m_state.keys) m_state.keys->until = std::min(now + lifetime, m_state.keys->own_end);
}

}  // namespace uicclab::lwm2m
