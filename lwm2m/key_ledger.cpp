// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/key_ledger.hpp"

#include <algorithm>

#include "core/reader.hpp"

namespace uicclab::lwm2m {
namespace {

constexpr std::uint8_t kServerFormat = 0x02, kDeviceFormat = 0x03;
constexpr std::uint64_t kNever = ~std::uint64_t{0};

enum Flag : std::uint8_t { kAwake = 1, kDelivered = 2, kWanted = 4, kRenewOnWakeUp = 8 };
enum Role : std::uint8_t { kCurrent, kPending, kRetired };

class Writer {
 public:
  Writer& instant(const std::optional<Instant>& value) {
    m_out.number(value ? static_cast<std::uint64_t>(value->count()) : kNever, 8);
    return *this;
  }
  Writer& seconds(std::chrono::seconds value) { return instant(value); }
  Writer& u8(std::uint8_t value) {
    m_out.u8(value);
    return *this;
  }
  Writer& text(BytesView value) {
    m_out.u16(static_cast<std::uint16_t>(value.size())).bytes(value);
    return *this;
  }
  Writer& record(const SessionKeyRecord* record) {
    auto file = record != nullptr ? encode_session_keys(*record) : Result<Bytes>(Bytes());
    if (!file) {
      m_error = file.error();
      return *this;
    }
    text(*file);
    crypto::wipe(*file);
    return *this;
  }
  Result<Bytes> take() {
    if (m_error) return tl::unexpected(*m_error);
    return m_out.take();
  }

 private:
  ByteWriter m_out;
  std::optional<Error> m_error;
};

/// After the first failure everything is empty, and good() is false.
class Reader {
 public:
  explicit Reader(BytesView bytes) : m_in(bytes) {}
  std::optional<Instant> instant() {
    const auto value = m_in.number(8);
    if (!value) m_good = false;
    if (!value || *value == kNever) return std::nullopt;
    if (*value > static_cast<std::uint64_t>(Instant::max().count())) m_good = false;
    return m_good ? std::optional(Instant(static_cast<std::int64_t>(*value))) : std::nullopt;
  }
  Instant time() { return instant().value_or(Instant(0)); }
  std::uint8_t u8() {
    const auto value = m_in.u8();
    if (!value) m_good = false;
    return value.value_or(0);
  }
  BytesView text() {
    const auto size = m_in.u16();
    const auto value = size ? m_in.bytes(*size) : std::nullopt;
    if (!value) m_good = false;
    return value.value_or(BytesView());
  }
  std::optional<SessionKeyRecord> record() {
    const BytesView file = text();
    if (file.empty()) return std::nullopt;
    auto record = parse_session_keys(file);
    if (record) return *std::move(record);
    m_good = false;
    return std::nullopt;
  }
  std::string string() {
    const BytesView value = text();
    return {value.begin(), value.end()};
  }
  /// Everything was there; behind it stands padding.
  bool good() const { return m_good; }

 private:
  ByteReader m_in;
  bool m_good = true;
};

bool same_keys(const std::optional<SessionKeyRecord>& one, const SessionKeyRecord& other) {
  return one && one->keys.kic == other.keys.kic && one->keys.kid == other.keys.kid;
}

}  // namespace

SessionKeyRecord copy_of(const SessionKeyRecord& record) {
  return {record.generation, record.kic, record.kid, record.lifetime, record.keys.clone(), record.sent, record.received};
}

ServerLedger::ServerLedger(Content content)
    : m_content(std::move(content)), m_rules(options_of(m_content), std::exchange(m_content.rules, {})) {}

ServerKeyRules::Options ServerLedger::options_of(const Content& content) {
  ServerKeyRules::Options out;
  out.lifetime = content.registration;
  out.retry = std::clamp(content.registration / 10, std::chrono::seconds(1), out.retry);
  out.renew_on_wake_up = content.renew_on_wake_up;
  return out;
}

ServerLedger::Content ServerLedger::content() const {
  Content out;
  out.rules = m_rules.state();
  for (const SessionKeyRecord& one : m_content.records) out.records.push_back(copy_of(one));
  out.registration = m_content.registration;
  out.renew_on_wake_up = m_content.renew_on_wake_up;
  out.push = m_content.push;
  return out;
}

void ServerLedger::set_registration(std::chrono::seconds registration) {
  m_content.registration = registration;
  m_rules = ServerKeyRules(options_of(m_content), m_rules.state());
}

void ServerLedger::set_renew_on_wake_up(bool renew) {
  m_content.renew_on_wake_up = renew;
  m_rules = ServerKeyRules(options_of(m_content), m_rules.state());
}

std::uint32_t ServerLedger::next_generation() const {
  std::uint32_t last = 0;
  for (const SessionKeyRecord& one : m_content.records) last = std::max(last, one.generation);
  return last + 1;
}

void ServerLedger::issue(Instant now, const SessionKeyRecord& record, BytesView push) {
  m_content.records.push_back(copy_of(record));
  m_content.push = to_bytes(push);
  m_rules.issue(now, record.generation, record.lifetime);
  forget_unknown();
}

SessionKeyRecord* ServerLedger::find(std::uint64_t generation) {
  const auto at = std::ranges::find(m_content.records, generation, &SessionKeyRecord::generation);
  return at == m_content.records.end() ? nullptr : &*at;
}

std::vector<SessionKeyRecord*> ServerLedger::all() {
  std::vector<SessionKeyRecord*> out;
  for (SessionKeyRecord& one : m_content.records) out.push_back(&one);
  std::ranges::sort(out, std::ranges::greater(), &SessionKeyRecord::generation);
  return out;
}

SessionKeyRecord* ServerLedger::for_sending(Instant now) {
  for (const auto& keys : {m_rules.state().current, m_rules.state().pending}) {
    if (keys && m_rules.is_usable(now, keys->key)) return find(keys->key);
  }
  return nullptr;
}

ServerKeyRules::Verdict ServerLedger::on_message(Instant now, const SessionKeyRecord& record, Operation operation,
                                                 std::optional<std::chrono::seconds> lifetime) {
  const auto registration = lifetime.value_or(operation == Operation::kRegister ? kDefaultRegistration : m_content.registration);
  const auto verdict = m_rules.on_message(now, {record.generation, record.received, operation, registration});
  const bool renews = operation == Operation::kRegister || operation == Operation::kUpdate;
  if (verdict == ServerKeyRules::Verdict::kAccepted && renews) set_registration(registration);
  forget_unknown();
  return verdict;
}

/// Keys that the rules do not remember are gone.
void ServerLedger::forget_unknown() {
  const auto& state = m_rules.state();
  std::erase_if(m_content.records, [&](const SessionKeyRecord& one) {
    const auto is = [&](const std::optional<ServerKeyRules::Keys>& keys) { return keys && keys->key == one.generation; };
    return !is(state.current) && !is(state.pending) &&
           std::ranges::find(state.retired, one.generation, &ServerKeyRules::Keys::key) == state.retired.end();
  });
}

Result<Bytes> encode_ledger(const ServerLedger& ledger) {
  const auto content = ledger.content();
  const auto& rules = content.rules;
  Writer out;
  const auto keys = [&](Role role, const ServerKeyRules::Keys& one) {
    const auto record = std::ranges::find(content.records, one.key, &SessionKeyRecord::generation);
    out.u8(role).instant(one.until).instant(one.own_end).instant(one.since).u8(one.used ? 1 : 0);
    out.record(record == content.records.end() ? nullptr : &*record);
  };
  out.u8(kServerFormat);
  out.u8(static_cast<std::uint8_t>((rules.awake ? kAwake : 0) | (rules.delivered ? kDelivered : 0) | (rules.wanted ? kWanted : 0) |
                                   (content.renew_on_wake_up ? kRenewOnWakeUp : 0)));
  out.instant(rules.registered_until).instant(rules.next_send).seconds(rules.interval).seconds(content.registration).text(content.push);
  out.u8(static_cast<std::uint8_t>(rules.retired.size() + (rules.current ? 1 : 0) + (rules.pending ? 1 : 0)));
  for (const auto& one : rules.retired) keys(kRetired, one);
  if (rules.current) keys(kCurrent, *rules.current);
  if (rules.pending) keys(kPending, *rules.pending);
  return out.take();
}

Result<ServerLedger> parse_server_ledger(BytesView bytes) {
  Reader in(bytes);
  ServerLedger::Content content;
  auto& rules = content.rules;
  if (in.u8() != kServerFormat) return fail(ErrorCode::kMalformed, "no key ledger of a server");
  const std::uint8_t flags = in.u8();
  rules.awake = (flags & kAwake) != 0;
  rules.delivered = (flags & kDelivered) != 0;
  rules.wanted = (flags & kWanted) != 0;
  content.renew_on_wake_up = (flags & kRenewOnWakeUp) != 0;
  rules.registered_until = in.instant();
  rules.next_send = in.instant();
  rules.interval = in.time();
  content.registration = in.time();
  content.push = to_bytes(in.text());
  const std::uint8_t count = in.u8();
  for (unsigned i = 0; i < count && in.good(); ++i) {
    const std::uint8_t role = in.u8();
    ServerKeyRules::Keys keys;
    keys.until = in.time();
    keys.own_end = in.time();
    keys.since = in.time();
    keys.used = in.u8() != 0;
    auto record = in.record();
    if (!record || role > kRetired) return fail(ErrorCode::kMalformed, "no key ledger of a server");
    keys.key = record->generation;
    keys.received = record->received;
    if (role == kRetired) {
      rules.retired.push_back(keys);
    } else {
      (role == kCurrent ? rules.current : rules.pending) = keys;
    }
    content.records.push_back(*std::move(record));
  }
  if (!in.good()) return fail(ErrorCode::kMalformed, "no key ledger of a server");
  return ServerLedger(std::move(content));
}

bool DeviceLedger::take(Instant now, const SessionKeyRecord& record) {
  if (same_keys(m_content.now, record) || same_keys(m_content.before, record)) return false;
  DeviceKeyRules rules(m_content.rules);
  const std::uint64_t number = m_content.rules.generation + 1;
  (void)rules.on_keys(now, number, number, m_content.registration, record.lifetime);
  m_content.rules = rules.state();
  m_content.before = std::move(m_content.now);
  m_content.now = copy_of(record);
  return true;
}

DeviceKeyRules::Refusal DeviceLedger::begin(Instant now, Operation operation, std::chrono::seconds lifetime, bool stale) {
  DeviceKeyRules rules(m_content.rules);
  const auto refusal = rules.why_not(now, operation);
  const bool may = refusal == DeviceKeyRules::Refusal::kNone ||
                   (stale && refusal != DeviceKeyRules::Refusal::kNoKeys && refusal != DeviceKeyRules::Refusal::kCounter);
  if (!may) return refusal;
  if (refusal == DeviceKeyRules::Refusal::kNone) {
    (void)rules.send(now, operation, lifetime);
  } else {
    (void)rules.send_stale(operation, lifetime);
  }
  m_content.rules = rules.state();
  if (operation != Operation::kOther) m_content.asked = lifetime;
  return DeviceKeyRules::Refusal::kNone;
}

void DeviceLedger::on_success(Instant now, std::string_view location) {
  if (m_content.asked.count() == 0) {
    m_content.registered_until.reset();
    m_content.location.clear();
    return;
  }
  DeviceKeyRules rules(m_content.rules);
  rules.on_registered(now, m_content.asked);
  m_content.rules = rules.state();
  m_content.registration = m_content.asked;
  m_content.registered_until = now + m_content.asked;
  if (!location.empty()) m_content.location = location;
}

Result<Bytes> encode_ledger(const DeviceLedger& ledger) {
  const auto& content = ledger.content();
  const DeviceKeyRules::Keys keys = content.rules.keys.value_or(DeviceKeyRules::Keys{});
  Writer out;
  out.u8(kDeviceFormat).instant(Instant(static_cast<std::int64_t>(content.rules.generation)));
  out.instant(keys.until).instant(keys.own_end).u8(keys.used ? 1 : 0);
  out.record(content.now ? &*content.now : nullptr).record(content.before ? &*content.before : nullptr);
  out.text(as_bytes(content.server)).text(as_bytes(content.location)).seconds(content.asked).seconds(content.registration);
  return out.instant(content.registered_until).take();
}

Result<DeviceLedger> parse_device_ledger(BytesView bytes) {
  Reader in(bytes);
  DeviceLedger::Content content;
  if (in.u8() != kDeviceFormat) return fail(ErrorCode::kMalformed, "no key ledger of a device");
  content.rules.generation = static_cast<std::uint64_t>(in.time().count());
  DeviceKeyRules::Keys keys;
  keys.key = content.rules.generation;
  keys.until = in.time();
  keys.own_end = in.time();
  keys.used = in.u8() != 0;
  content.now = in.record();
  content.before = in.record();
  if (content.now) {
    keys.sent = content.now->sent;
    content.rules.keys = keys;
  }
  content.server = in.string();
  content.location = in.string();
  content.asked = in.time();
  content.registration = in.time();
  content.registered_until = in.instant();
  if (!in.good()) return fail(ErrorCode::kMalformed, "no key ledger of a device");
  return DeviceLedger(std::move(content));
}

}  // namespace uicclab::lwm2m
