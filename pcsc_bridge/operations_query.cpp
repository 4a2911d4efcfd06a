// SPDX-License-Identifier: Apache-2.0
#include "pcsc_bridge/features.hpp"
#include "pcsc_bridge/operations.hpp"

namespace uicclab::pcsc_bridge {

using wire::Rv;

// What all operations share

Engine::Operations::Start Engine::Operations::start_of(wire::Command command) {
  using wire::Command;
  using Table = std::array<Start, 0x18>;
  static constexpr Table kTable = [] {
    Table table{};
    const auto set = [&table](Command c, Start start) { table[static_cast<std::size_t>(c)] = start; };
    set(Command::kEstablish, &Operations::establish);
    set(Command::kRelease, &Operations::release);
    set(Command::kConnect, &Operations::connect);
    set(Command::kReconnect, &Operations::reconnect);
    set(Command::kDisconnect, &Operations::disconnect);
    set(Command::kBegin, &Operations::begin);
    set(Command::kEnd, &Operations::end);
    set(Command::kTransmit, &Operations::transmit);
    set(Command::kControl, &Operations::control);
    set(Command::kStatus, &Operations::status);
    set(Command::kCancel, &Operations::cancel);
    set(Command::kGetAttribute, &Operations::get_attribute);
    set(Command::kSetAttribute, &Operations::set_attribute);
    set(Command::kVersion, &Operations::version);
    set(Command::kReadersState, &Operations::readers_state);
    set(Command::kWait, &Operations::wait);
    set(Command::kStopWaiting, &Operations::stop_waiting);
    set(Command::kReaderEvents, &Operations::reader_events);
    set(Command::kReadersSize, &Operations::readers_size);
    set(Command::kReadersArray, &Operations::readers_array);
    return table;
  }();
  const auto index = static_cast<std::size_t>(command);
  return index < kTable.size() ? kTable[index] : nullptr;
}

Verdict Engine::Operations::settle(Verdict verdict) {
  if (verdict != Verdict::kPark && m_client.line != nullptr) m_client.line->leave(m_client);
  if (m_client.reader != nullptr) m_client.reader->stir();
  if (m_client.reader != nullptr && verdict != Verdict::kCard) tell_if_idle(*m_client.reader);
  return verdict;
}

void Engine::Operations::tell_if_idle(const Reader& reader) const {
  if (!m_engine.m_tell_idle || !reader.is_idle()) return;
  const auto found = std::ranges::find_if(m_engine.m_readers, [&reader](const auto& one) { return one.get() == &reader; });
  m_engine.m_tell_idle(static_cast<std::size_t>(found - m_engine.m_readers.begin()));
}

Rv Engine::Operations::missing(std::int32_t handle) const {
  return std::ranges::find(m_client.lost, handle) != m_client.lost.end() ? Rv::kInvalidValue : Rv::kInvalidHandle;
}

Rv Engine::Operations::check_lock(const Handle& handle) const {
  return handle.reader->locked_for(handle) ? Rv::kSharingViolation : Rv::kSuccess;
}

Rv Engine::Operations::check_event(const Handle& handle) const {
  switch (handle.event) {
    case Handle::Event::kReset:
      return Rv::kResetCard;
    case Handle::Event::kRemoved:
      return Rv::kRemovedCard;
    case Handle::Event::kNone:
      break;
  }
  return Rv::kSuccess;
}

void Engine::Operations::set_event(Reader& reader, Handle::Event event) {
  for (auto& client : m_engine.m_clients) {
    for (auto& handle : client.handles) {
      if (handle.reader == &reader) handle.event = event;
    }
  }
  reader.lock_line.wake_all();
}

void Engine::Operations::set_sharing(Reader& reader, std::int32_t sharing) {
  if (reader.sharing == sharing) return;
  reader.sharing = sharing;
  notify_waiting();
}

void Engine::Operations::notify_waiting() {
  Bytes event;
  wire::write(event, wire::WaitEnd{});
  for (auto& client : m_engine.m_clients) {
    if (client.waiting != Client::Waiting::kYes) continue;
    client.waiting = Client::Waiting::kNo;
    client.peer.signal(event);
  }
}

std::int32_t Engine::Operations::new_number() {
  for (;;) {
    const auto number = static_cast<std::int32_t>(m_engine.m_random.next() >> 33);
    const auto taken = [number](Client& c) {
      return c.owns(number) || std::ranges::find(c.lost, number) != c.lost.end() || c.context == static_cast<std::uint32_t>(number);
    };
    if (number != 0 && std::ranges::none_of(m_engine.m_clients, taken)) return number;
  }
}

// Contexts

Verdict Engine::Operations::version() {
  auto answer = request<wire::Version>();
  if (answer.major == wire::kMajor && answer.minor >= wire::kOldestMinor && answer.minor <= wire::kNewestMinor) {
    m_client.minor = answer.minor;
    return reply(answer, Rv::kSuccess);
  }
  // A client since 2.4.1 asks again with the version named here; older ones report the refusal.
  answer.major = wire::kMajor;
  answer.minor = wire::kNewestMinor;
  return reply(answer, Rv::kServiceStopped);
}

Verdict Engine::Operations::establish() {
  constexpr std::uint32_t kLastScope = 3;
  auto answer = request<wire::Establish>();
  answer.context = 0;
  if (answer.scope > kLastScope) return reply(answer, Rv::kInvalidValue);
  answer.context = m_client.context = static_cast<std::uint32_t>(new_number());
  return reply(answer, Rv::kSuccess);
}

Verdict Engine::Operations::cancel() {
  const auto answer = request<wire::Cancel>();
  const auto named = [&answer](const Client& c) { return c.context == answer.context; };
  const auto target = std::ranges::find_if(m_engine.m_clients, named);
  if (answer.context == 0 || target == m_engine.m_clients.end()) return reply(answer, Rv::kInvalidHandle);
  if (target->waiting != Client::Waiting::kNo) {
    target->waiting = Client::Waiting::kNo;
    Bytes end;
    wire::write(end, wire::WaitEnd{0, Rv::kCancelled});
    target->peer.signal(end);
  } else if (target->line != nullptr) {
    target->cancelled = true;
    target->peer.wake();
  }
  return reply(answer, Rv::kSuccess);
}

// Cards

Verdict Engine::Operations::status() {
  const auto answer = request<wire::Status>();
  const Handle* handle = m_client.find(answer.card);
  if (handle == nullptr) return reply(answer, missing(answer.card));
  if (const Rv rv = check_lock(*handle); rv != Rv::kSuccess) return reply(answer, rv);
  return reply(answer, check_event(*handle));
}

Verdict Engine::Operations::control() {
  auto answer = request<wire::Control>();
  answer.returned = 0;
  const Handle* handle = m_client.find(answer.card);
  if (handle == nullptr) return reply(answer, missing(answer.card));
  if (const Rv rv = check_lock(*handle); rv != Rv::kSuccess) return reply(answer, rv);
  const auto feature = control_answer(answer.code);
  if (!feature) return reply(answer, Rv::kUnsupportedFeature);
  answer.returned = static_cast<std::uint32_t>(feature->size());
  if (feature->size() > answer.receive_size) return reply(answer, Rv::kInsufficientBuffer);
  reply(answer, Rv::kSuccess);
  append(m_step.answer, *feature);
  return Verdict::kAnswer;
}

Verdict Engine::Operations::get_attribute() {
  auto answer = request<wire::Attribute>();
  const Handle* handle = m_client.find(answer.card);
  if (handle == nullptr) return reply(answer, missing(answer.card));
  if (answer.size > answer.value.size()) return Verdict::kDrop;
  if (const Rv rv = check_lock(*handle); rv != Rv::kSuccess) return reply(answer, rv);
  if (const Rv rv = check_event(*handle); rv != Rv::kSuccess) return reply(answer, rv);
  const auto value = attribute(answer.id, handle->reader->wire_state());
  if (!value) return reply(answer, Rv::kUnsupportedFeature);
  const bool fits = value->size() <= answer.size;
  answer.size = static_cast<std::uint32_t>(value->size());
  if (!fits) return reply(answer, Rv::kInsufficientBuffer);
  std::ranges::copy(*value, answer.value.begin());
  return reply(answer, Rv::kSuccess);
}

Verdict Engine::Operations::set_attribute() {
  const auto answer = request<wire::Attribute>();
  const Handle* handle = m_client.find(answer.card);
  if (handle == nullptr) return reply(answer, missing(answer.card));
  if (answer.size > answer.value.size()) return Verdict::kDrop;
  if (const Rv rv = check_lock(*handle); rv != Rv::kSuccess) return reply(answer, rv);
  if (const Rv rv = check_event(*handle); rv != Rv::kSuccess) return reply(answer, rv);
  return reply(answer, Rv::kUnsupportedFeature);
}

// Readers and events

Verdict Engine::Operations::write_states(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    wire::write(m_step.answer, i < m_engine.m_readers.size() ? m_engine.m_readers[i]->wire_state() : wire::ReaderState{});
  }
  return Verdict::kAnswer;
}

Verdict Engine::Operations::readers_state() {
  return write_states(wire::kReadersBefore46);
}

Verdict Engine::Operations::readers_size() {
  wire::write(m_step.answer, static_cast<std::int32_t>(std::max(wire::kReadersBefore46, m_engine.m_readers.size())));
  return Verdict::kAnswer;
}

Verdict Engine::Operations::readers_array() {
  if (m_client.waiting == Client::Waiting::kUntilArray) m_client.waiting = Client::Waiting::kYes;
  return write_states(std::max(wire::kReadersBefore46, m_engine.m_readers.size()));
}

Verdict Engine::Operations::reader_events() {
  return reply(wire::ReaderEvents{m_engine.m_reader_events, Rv::kSuccess}, Rv::kSuccess);
}

Verdict Engine::Operations::wait() {
  if (m_client.minor >= wire::kSizedArrayMinor) {
    // The client asks for the states next. An event in between would be taken for their number, and the states will show it anyway.
    m_client.waiting = Client::Waiting::kUntilArray;
    return Verdict::kAnswer;
  }
  m_client.waiting = Client::Waiting::kYes;
  return write_states(wire::kReadersBefore46);
}

Verdict Engine::Operations::stop_waiting() {
  if (m_client.waiting == Client::Waiting::kNo) return Verdict::kAnswer;  // the event is on its way and is the answer
  m_client.waiting = Client::Waiting::kNo;
  return reply(wire::WaitEnd{}, Rv::kSuccess);
}

}  // namespace uicclab::pcsc_bridge
