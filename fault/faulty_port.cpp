// SPDX-License-Identifier: Apache-2.0
#include "fault/faulty_port.hpp"

#include <algorithm>

#include "core/apdu.hpp"
#include "core/transceive.hpp"

namespace uicclab::fault {
namespace {

constexpr std::uint8_t kGsmClass = 0xA0;
constexpr std::size_t kHeader = 4;

bool has_more(StatusWord status) {
  return status.sw1() == 0x61 || status.sw1() == 0x9F;
}

Bytes encode(BytesView data, StatusWord status) {
  return concat({data, std::array{status.sw1(), status.sw2()}});
}

bool is_mutation(const Action& action) {
  return action.kind == Action::Kind::kMutate;
}

tl::unexpected<Error> no_answer(std::string_view why) {
  return fail(ErrorCode::kIo, "by a fault rule: " + std::string(why));
}

/// The bytes in the place of `old`. Nothing: they go.
std::optional<Bytes> changed(const Action& action, std::uint64_t seed, BytesView old) {
  Bytes out = to_bytes(old);
  switch (action.change) {
    case Action::Change::kReplace:
      return action.value;
    case Action::Change::kXor:
      for (std::size_t i = 0; i < out.size(); ++i) out[i] ^= action.value[i % action.value.size()];
      return out;
    case Action::Change::kRandom:
      SeededRandom(seed).fill(out);
      return out;
    case Action::Change::kRemove:
      break;
  }
  return std::nullopt;
}

/// Neither SELECT nor the rest of its answer.
bool is_followed_by_nobody(BytesView command) {
  return command.size() < 2 || (command[1] != apdu::kSelect && command[1] != apdu::kGetResponse);
}

}  // namespace

Result<std::uint32_t> FaultyPort::add(Rule rule) {
  if (rule.action.kind == Action::Kind::kCutWrite && !m_cut_at_write) {
    return fail(ErrorCode::kUnsupported, "the writes of this card are not visible: cut write works with emulated cards only");
  }
  const std::lock_guard lock(m_mutex);
  const std::uint64_t seed = rule.conditions.seed;
  m_rules.push_back({std::move(rule), ++m_last_number, 0, 0, SeededRandom(seed)});
  count_rules();
  return m_last_number;
}

bool FaultyPort::remove(std::uint32_t number) {
  const std::lock_guard lock(m_mutex);
  const bool removed = std::erase_if(m_rules, [number](const Active& one) { return one.number == number; }) != 0;
  count_rules();
  m_changed.notify_all();
  return removed;
}

void FaultyPort::clear() {
  const std::lock_guard lock(m_mutex);
  m_rules.clear();
  count_rules();
  m_changed.notify_all();
}

void FaultyPort::release() {
  const std::lock_guard lock(m_mutex);
  m_released = true;
  m_changed.notify_all();
}

std::vector<FaultyPort::Listed> FaultyPort::list() const {
  const std::lock_guard lock(m_mutex);
  std::vector<Listed> out;
  for (const Active& one : m_rules) out.push_back({one.number, one.rule.text, one.seen, one.done});
  return out;
}

void FaultyPort::forget_command() {
  m_waiting.reset();
  m_again.clear();
  m_asked.clear();
}

Result<Atr> FaultyPort::reset() {
  forget_command();
  m_files.reset();
  if (m_muted) {
    m_card.power_off();
    return fail(ErrorCode::kIo, "the card is mute: it does not answer a reset");
  }
  return m_card.reset();
}

void FaultyPort::power_off() {
  forget_command();
  m_card.power_off();
}

FaultyPort::AllFired FaultyPort::match(BytesView bytes, const apdu::Command& command) {
  AllFired out;
  const std::lock_guard lock(m_mutex);
  for (Active& one : m_rules) {
    const Conditions& wanted = one.rule.conditions;
    if (wanted.ins && *wanted.ins != command.ins) continue;
    if (wanted.command && wanted.command->mismatch(bytes)) continue;
    if (!wanted.file.empty() && !m_files.concerns(command, wanted.file)) continue;
    ++one.seen;
    if (wanted.nth != 0 && one.seen != wanted.nth) continue;
    if (wanted.times != 0 && one.done >= wanted.times) continue;
    if (wanted.chance < 100 && one.random.next() % 100 >= wanted.chance) continue;
    ++one.done;
    out.push_back({one.rule.action, one.number, one.random.next()});
  }
  return out;
}

Result<Bytes> FaultyPort::transmit(BytesView bytes) {
  if (m_muted) return fail(ErrorCode::kIo, "the card is mute: it does not answer");
  if (!m_has_rules && !m_waiting && m_again.empty() && is_followed_by_nobody(bytes)) {
    m_asked.clear();
    return m_card.transmit(bytes);
  }
  const auto command = apdu::parse(bytes);
  if (!command) {
    forget_command();
    return m_card.transmit(bytes);
  }
  if (command->ins == apdu::kGetResponse) {
    m_again.clear();
    if (m_waiting) return serve_rest(bytes);
    auto answer = m_card.transmit(bytes);
    if (answer && !m_asked.empty()) m_files.learn(*apdu::parse(m_asked), *answer);
    return answer;
  }
  const bool again = !m_again.empty() && bytes.size() >= kHeader && equal(bytes.first(kHeader), BytesView(m_asked).first(kHeader));
  AllFired fired = again ? std::exchange(m_again, {}) : match(bytes, *command);
  forget_command();
  m_asked = to_bytes(bytes);
  auto answer = carry_out(bytes, std::move(fired));
  if (const auto response = answer ? apdu::parse_response(*answer) : tl::unexpected(answer.error())) m_files.note(*command, *response);
  return answer;
}

Result<Bytes> FaultyPort::carry_out(BytesView bytes, AllFired fired) {
  bool armed = false;
  for (const Fired& one : fired) {
    if (one.action.kind == Action::Kind::kDropCommand) return no_answer("the command was lost");
    if (one.action.kind == Action::Kind::kCutCommand) {
      m_card.power_off();
      return no_answer("the power was cut before the command");
    }
    if (one.action.kind != Action::Kind::kCutWrite) continue;
    m_cut_at_write(one.action.write);
    armed = true;
  }
  auto answer = m_card.transmit(bytes);
  if (armed) m_cut_at_write(0);
  for (const Fired& one : fired) {
    if (one.action.kind == Action::Kind::kDelay) wait(one);
    if (!answer) continue;
    if (one.action.kind == Action::Kind::kDropAnswer) return no_answer("the answer was lost");
    if (one.action.kind == Action::Kind::kCutAnswer) {
      m_card.power_off();
      return no_answer("the power was cut before the answer");
    }
  }
  std::erase_if(fired, [](const Fired& one) { return !is_mutation(one.action); });
  if (!answer || answer->size() < 2 || fired.empty()) return answer;
  if ((*answer)[answer->size() - 2] == 0x6C) {  // the command comes again, with the right Le
    m_again = std::move(fired);
    return answer;
  }
  return mutate(bytes, *std::move(answer), fired);
}

Result<Bytes> FaultyPort::mutate(BytesView bytes, Bytes answer, const AllFired& fired) {
  auto first = apdu::parse_response(answer);
  if (!first) return answer;
  const bool split = has_more(first->status);
  auto response = fetch_rest(m_card, bytes, *std::move(first));
  if (!response) return tl::unexpected(response.error());
  m_files.learn(*apdu::parse(bytes), response->data);
  for (const Fired& one : fired) {
    auto other = one.action.path.change(*response, [&one](BytesView old) { return changed(one.action, one.seed, old); });
    if (other) response = *std::move(other);
  }
  if (!split) return encode(response->data, response->status);
  if (response->data.empty() || !response->status.is_success()) return encode({}, response->status);
  m_waiting = *std::move(response);
  const std::size_t size = m_waiting->data.size();
  return encode({}, bytes[0] == kGsmClass ? sw::gsm_bytes_available(size) : sw::bytes_available(size));
}

Bytes FaultyPort::serve_rest(BytesView get_response) {
  const auto command = apdu::parse(get_response);
  Bytes& data = m_waiting->data;
  const std::size_t size = std::min<std::size_t>(data.size(), command->le.value_or(256));
  const Bytes part(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(size));
  data.erase(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(size));
  const bool gsm = command->cla == kGsmClass;  // of class A0 the beginning may be read and the rest left (3GPP TS 51.011 clause 9.2.18)
  if (!data.empty() && !gsm) return encode(part, sw::bytes_available(data.size()));
  const StatusWord status = m_waiting->status;
  m_waiting.reset();
  return encode(part, status);
}

void FaultyPort::wait(const Fired& fired) {
  std::unique_lock lock(m_mutex);
  m_changed.wait_for(lock, fired.action.delay, [&] {
    return m_released || std::ranges::none_of(m_rules, [&](const Active& one) { return one.number == fired.number; });
  });
}

}  // namespace uicclab::fault
