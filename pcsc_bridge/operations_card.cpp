// SPDX-License-Identifier: Apache-2.0
#include "pcsc_bridge/operations.hpp"

namespace uicclab::pcsc_bridge {

using wire::Rv;

namespace {

constexpr std::size_t kMaxHandles = 200;  // of one client, as in pcscd

bool is_share_mode(std::uint32_t share) {
  return share == wire::kExclusive || share == wire::kShared || share == wire::kDirect;
}

/// What a client may mean by its protocol bits. DEVIATION: pcscd chooses RAW even if T=0 or T=1 are given as well; then nothing works.
std::uint32_t wanted_protocols(std::uint32_t bits) {
  if ((bits & wire::kAnyOld) != 0) return wire::kT0 | wire::kT1;
  const std::uint32_t real = bits & (wire::kT0 | wire::kT1);
  return real != 0 ? real : bits & wire::kRaw;
}

}  // namespace

bool Engine::Operations::take_card(Reader& reader, Client::Continuation finish) {
  m_client.reader = &reader;
  if (!reader.card_line.admit(m_client, !reader.busy)) return false;
  m_client.finish = finish;
  m_step.task = CardTask{};
  return true;
}

Verdict Engine::Operations::run_card(Reader& reader) {
  reader.busy = true;
  m_step.task.port = reader.card;
  m_step.task.atr = reader.atr;
  return Verdict::kCard;
}

void Engine::Operations::use_card_result(Reader& reader) {
  const auto& result = m_step.result;
  reader.busy = false;
  if (m_step.task.power_off) reader.apply_power_off(!m_step.task.reset);
  if (result.atr) reader.apply_reset(*result.atr);
  if (result.protocol && *result.protocol) reader.protocol = reader.spoken = **result.protocol;
}

Rv Engine::Operations::card_failure() const {
  const auto& result = m_step.result;
  if (result.atr && !*result.atr) return Rv::kUnresponsiveCard;
  if (!result.protocol || *result.protocol) return Rv::kSuccess;
  const auto code = result.protocol->error().code;
  return code == ErrorCode::kMismatch || code == ErrorCode::kUnsupported ? Rv::kProtoMismatch : Rv::kUnresponsiveCard;
}

// SCardConnect

Verdict Engine::Operations::connect() {
  auto answer = request<wire::Connect>();
  answer.reader.back() = '\0';
  answer.card = 0;
  answer.active_protocol = wire::kNone;
  const bool direct = answer.share == wire::kDirect;
  const std::uint32_t wanted = wanted_protocols(answer.protocols);

  if (m_client.context == 0) return reply(answer, Rv::kInvalidHandle);
  if (m_client.context != answer.context || !is_share_mode(answer.share)) return reply(answer, Rv::kInvalidValue);
  if (!direct && wanted == 0) return reply(answer, Rv::kProtoMismatch);
  const auto found =
      std::ranges::find_if(m_engine.m_readers, [&](const auto& r) { return r->plugged && r->name() == answer.reader.data(); });
  if (found == m_engine.m_readers.end()) return reply(answer, Rv::kUnknownReader);
  Reader& reader = **found;
  if (m_client.handles.size() >= kMaxHandles) return reply(answer, Rv::kNoMemory);
  if (reader.sharing == wire::kSharingExclusive) return reply(answer, Rv::kSharingViolation);

  m_client.reader = &reader;
  // A client that holds the lock itself does not wait for itself.
  if (!m_client.owns(reader.lock_owner) && !reader.lock_line.admit(m_client, reader.lock_owner == 0)) {
    return m_client.cancelled ? reply(answer, Rv::kCancelled) : park();
  }
  if (answer.share == wire::kExclusive && reader.sharing != 0) return reply(answer, Rv::kSharingViolation);
  if (direct) {
    open_handle(reader, answer);
    return reply(answer, Rv::kSuccess);
  }
  if (!take_card(reader, &Operations::finish_connect)) return park();
  if (!reader.present) return reply(answer, Rv::kNoSmartcard);
  if (wanted == wire::kRaw) reader.protocol = wire::kRaw;
  if (reader.powered && reader.protocol != wire::kNone) {
    if ((reader.protocol & wanted) == 0) return reply(answer, Rv::kProtoMismatch);
    open_handle(reader, answer);
    return reply(answer, Rv::kSuccess);
  }
  m_step.task.reset = !reader.powered;
  m_step.task.protocols = wanted & ~std::uint32_t{wire::kRaw};
  return run_card(reader);
}

Verdict Engine::Operations::finish_connect() {
  Reader& reader = *m_client.reader;
  auto answer = request<wire::Connect>();
  answer.card = 0;
  answer.active_protocol = wire::kNone;
  use_card_result(reader);
  if (m_step.result.atr && !*m_step.result.atr) return reply(answer, Rv::kUnpoweredCard);
  if (const Rv rv = card_failure(); rv != Rv::kSuccess) return reply(answer, rv);
  if (wanted_protocols(answer.protocols) == wire::kRaw) reader.protocol = wire::kRaw;
  if (answer.share == wire::kExclusive && reader.sharing != 0) return reply(answer, Rv::kSharingViolation);
  open_handle(reader, answer);
  return reply(answer, Rv::kSuccess);
}

void Engine::Operations::open_handle(Reader& reader, wire::Connect& answer) {
  answer.card = new_number();
  answer.active_protocol = reader.protocol;
  m_client.handles.push_back({answer.card, &reader, Handle::Event::kNone});
  if (answer.share == wire::kExclusive) {
    reader.lock_owner = answer.card;
    reader.lock_count = 1;
    set_sharing(reader, wire::kSharingExclusive);
  } else {
    set_sharing(reader, reader.sharing + 1);
  }
}

// SCardReconnect

Verdict Engine::Operations::reconnect() {
  auto answer = request<wire::Reconnect>();
  answer.active_protocol = wire::kNone;
  const std::uint32_t wanted = wanted_protocols(answer.protocols);
  const bool direct = answer.share == wire::kDirect;
  Handle* handle = m_client.find(answer.card);
  if (handle == nullptr) return reply(answer, missing(answer.card));
  if (answer.initialization > wire::kUnpower || !is_share_mode(answer.share)) return reply(answer, Rv::kInvalidValue);
  if (!direct && wanted == 0) return reply(answer, Rv::kProtoMismatch);
  if (const Rv rv = check_lock(*handle); rv != Rv::kSuccess) return reply(answer, rv);
  Reader& reader = *handle->reader;
  // DEVIATION: pcscd finds this out only after it has reset the card.
  if (answer.share == wire::kExclusive && reader.sharing > 1) return reply(answer, Rv::kSharingViolation);
  if (!take_card(reader, &Operations::finish_reconnect)) return park();
  if (!reader.present) return reply(answer, Rv::kNoSmartcard);

  const bool reset = answer.initialization != wire::kLeave;
  m_client.handle = handle->id;
  if (!direct && !reset && reader.powered && reader.protocol != wire::kNone && wanted != wire::kRaw && (reader.protocol & wanted) == 0) {
    return reply(answer, Rv::kProtoMismatch);
  }
  m_step.task.power_off = answer.initialization == wire::kUnpower;
  m_step.task.reset = reset || (!direct && !reader.powered);
  if (!direct && (m_step.task.reset || reader.protocol == wire::kNone)) m_step.task.protocols = wanted & ~std::uint32_t{wire::kRaw};
  return run_card(reader);
}

Verdict Engine::Operations::finish_reconnect() {
  auto answer = request<wire::Reconnect>();
  answer.active_protocol = wire::kNone;
  Reader& reader = *m_client.reader;
  use_card_result(reader);
  if (answer.initialization != wire::kLeave) set_event(reader, Handle::Event::kReset);
  if (const Rv rv = card_failure(); rv != Rv::kSuccess) return reply(answer, rv);
  if (answer.share != wire::kDirect && wanted_protocols(answer.protocols) == wire::kRaw) reader.protocol = wire::kRaw;
  answer.active_protocol = reader.protocol;

  Handle& handle = *m_client.find(m_client.handle);
  if (answer.share == wire::kExclusive) {
    if (reader.sharing > 1) return reply(answer, Rv::kSharingViolation);
    if (reader.sharing != wire::kSharingExclusive) {
      reader.lock_owner = handle.id;
      ++reader.lock_count;
      set_sharing(reader, wire::kSharingExclusive);
    }
  } else if (reader.sharing == wire::kSharingExclusive) {
    if (--reader.lock_count == 0) reader.unlock();
    set_sharing(reader, 1);
  }
  handle.event = Handle::Event::kNone;
  return reply(answer, Rv::kSuccess);
}

// SCardDisconnect

Verdict Engine::Operations::disconnect() {
  const auto answer = request<wire::Disconnect>();
  Handle* handle = m_client.find(answer.card);
  if (handle == nullptr) return reply(answer, std::erase(m_client.lost, answer.card) != 0 ? Rv::kSuccess : Rv::kInvalidHandle);
  if (answer.disposition > wire::kEject) return reply(answer, Rv::kInvalidValue);
  Reader& reader = *handle->reader;
  m_client.reader = &reader;
  m_client.handle = handle->id;
  const bool acts = (answer.disposition == wire::kReset || answer.disposition == wire::kUnpower) && reader.present;
  if (!acts) {  // to eject means to leave the card: there is no motor
    drop_handle(handle->id);
    return reply(answer, Rv::kSuccess);
  }
  if (reader.locked_for(*handle)) {
    if (m_client.owns(reader.lock_owner)) return reply(answer, Rv::kSharingViolation);
    if (!reader.lock_line.admit(m_client, false)) return m_client.cancelled ? reply(answer, Rv::kCancelled) : park();
  }
  reader.lock_line.leave(m_client);
  if (!take_card(reader, &Operations::finish_disconnect)) return park();
  m_step.task.power_off = answer.disposition == wire::kUnpower;
  m_step.task.reset = answer.disposition == wire::kReset;
  return run_card(reader);
}

Verdict Engine::Operations::finish_disconnect() {
  use_card_result(*m_client.reader);
  set_event(*m_client.reader, Handle::Event::kReset);
  drop_handle(m_client.handle);
  return reply(request<wire::Disconnect>(), Rv::kSuccess);
}

void Engine::Operations::drop_handle(std::int32_t id) {
  Handle* handle = m_client.find(id);
  Reader& reader = *handle->reader;
  if (!reader.locked_for(*handle)) reader.unlock();
  set_sharing(reader, reader.sharing == wire::kSharingExclusive ? 0 : reader.sharing - 1);
  // DEVIATION: in pcscd the card stays RAW until its power goes, some seconds after the last client.
  if (reader.sharing == 0 && reader.protocol == wire::kRaw) reader.protocol = reader.spoken;
  tell_if_idle(reader);
  std::erase_if(m_client.handles, [id](const Handle& h) { return h.id == id; });
}

// Transactions

Verdict Engine::Operations::begin() {
  const auto answer = request<wire::Begin>();
  const Handle* handle = m_client.find(answer.card);
  if (handle == nullptr) return reply(answer, missing(answer.card));
  if (const Rv rv = check_event(*handle); rv != Rv::kSuccess) return reply(answer, rv);
  Reader& reader = *handle->reader;
  m_client.reader = &reader;
  if (reader.lock_owner != handle->id) {
    if (m_client.owns(reader.lock_owner)) return reply(answer, Rv::kSharingViolation);
    // DEVIATION: pcscd answers kSharingViolation, and libpcsclite asks again every 100 ms; here the answer waits for the lock.
    if (!reader.lock_line.admit(m_client, reader.lock_owner == 0)) return m_client.cancelled ? reply(answer, Rv::kCancelled) : park();
  }
  reader.lock_owner = handle->id;
  ++reader.lock_count;
  return reply(answer, Rv::kSuccess);
}

Verdict Engine::Operations::end() {
  const auto answer = request<wire::End>();
  const Handle* handle = m_client.find(answer.card);
  if (handle == nullptr) return reply(answer, missing(answer.card));
  if (answer.disposition > wire::kEject) return reply(answer, Rv::kInvalidValue);
  if (const Rv rv = check_event(*handle); rv != Rv::kSuccess) return reply(answer, rv);
  if (const Rv rv = check_lock(*handle); rv != Rv::kSuccess) return reply(answer, rv);
  Reader& reader = *handle->reader;
  // DEVIATION: without a transaction pcscd resets the card all the same before it says so.
  const unsigned kept = reader.sharing == wire::kSharingExclusive ? 1 : 0;
  if (reader.lock_count <= kept) return reply(answer, Rv::kNotTransacted);
  const bool acts = answer.disposition == wire::kReset || answer.disposition == wire::kUnpower;
  if (acts) {
    if (!take_card(reader, &Operations::finish_end)) return park();
    m_step.task.power_off = answer.disposition == wire::kUnpower;
    m_step.task.reset = true;
    return run_card(reader);
  }
  m_client.reader = &reader;
  if (--reader.lock_count == 0) reader.unlock();
  return reply(answer, Rv::kSuccess);
}

Verdict Engine::Operations::finish_end() {
  Reader& reader = *m_client.reader;
  use_card_result(reader);
  set_event(reader, Handle::Event::kReset);  // for the one who asked too, as in pcscd
  if (--reader.lock_count == 0) reader.unlock();
  return reply(request<wire::End>(), card_failure());
}

// SCardTransmit

Verdict Engine::Operations::transmit() {
  auto answer = request<wire::Transmit>();
  const Handle* handle = m_client.find(answer.card);
  Rv rv = handle == nullptr ? missing(answer.card) : check_lock(*handle);
  if (rv == Rv::kSuccess) rv = check_event(*handle);
  if (rv == Rv::kSuccess && !handle->reader->present) rv = Rv::kNoSmartcard;
  const bool any_protocol = answer.send_protocol == wire::kRaw || answer.send_protocol == wire::kAnyOld;
  if (rv == Rv::kSuccess && !any_protocol && answer.send_protocol != handle->reader->protocol) rv = Rv::kProtoMismatch;
  if (rv == Rv::kSuccess && answer.send_size == 0) rv = Rv::kInvalidParameter;
  if (rv != Rv::kSuccess) {
    answer.receive_size = 0;
    return reply(answer, rv);
  }
  if (!take_card(*handle->reader, &Operations::finish_transmit)) return park();
  m_step.task.exchange = true;
  m_step.task.command = announced<wire::Transmit>();
  return run_card(*handle->reader);
}

Verdict Engine::Operations::finish_transmit() {
  auto answer = request<wire::Transmit>();
  use_card_result(*m_client.reader);
  answer.receive_protocol = m_client.reader->protocol;
  const auto room = answer.receive_size;
  answer.receive_size = 0;
  if (!m_step.result.answer) return reply(answer, Rv::kNotTransacted);
  const auto& got = *m_step.result.answer;
  if (!got || got->size() < 2) return reply(answer, Rv::kNotTransacted);
  answer.receive_size = static_cast<std::uint32_t>(got->size());
  if (got->size() > room) return reply(answer, Rv::kInsufficientBuffer);
  reply(answer, Rv::kSuccess);
  append(m_step.answer, *got);
  return Verdict::kAnswer;
}

// SCardReleaseContext, and the death of a client

Verdict Engine::Operations::release() {
  const auto answer = request<wire::Release>();
  if (m_client.context == 0) return reply(answer, Rv::kInvalidHandle);
  if (m_client.context != answer.context) return reply(answer, Rv::kInvalidValue);
  return give_back();
}

Verdict Engine::Operations::close() {
  if (!m_client.closing && m_client.line != nullptr) {  // it died while parked
    m_client.line->leave(m_client);
    m_client.reader->stir();
  }
  m_client.closing = true;
  m_client.waiting = Client::Waiting::kNo;
  return give_back();
}

Verdict Engine::Operations::give_back() {
  while (!m_client.handles.empty()) {
    const Handle& handle = m_client.handles.back();
    Reader& reader = *handle.reader;
    m_client.reader = &reader;
    m_client.handle = handle.id;
    // Who held the card alone may have left it in any state: the next one shall not find it so.
    const bool reset = reader.lock_owner == handle.id && handle.event == Handle::Event::kNone && reader.present;
    if (!reset) {
      drop_handle(handle.id);
      reader.stir();
      continue;
    }
    if (!take_card(reader, &Operations::finish_give_back)) return park();
    m_step.task.reset = true;
    return run_card(reader);
  }
  m_client.context = 0;
  m_client.lost.clear();
  if (m_client.closing) return Verdict::kAnswer;
  return reply(request<wire::Release>(), Rv::kSuccess);
}

Verdict Engine::Operations::finish_give_back() {
  Reader& reader = *m_client.reader;
  use_card_result(reader);
  set_event(reader, Handle::Event::kReset);
  drop_handle(m_client.handle);
  reader.stir();
  return give_back();
}

// Cards come and go

Verdict Engine::Operations::insert(std::size_t index, CardPort* card) {
  Reader& reader = *m_engine.m_readers.at(index);
  if (!take_card(reader, &Operations::finish_insert)) return park();
  if (reader.present || !reader.plugged) return Verdict::kAnswer;
  if (card != nullptr) reader.card = card;
  if (reader.card == nullptr) return Verdict::kAnswer;
  m_step.task.reset = true;
  m_step.task.power_off_again = true;
  return run_card(reader);
}

Verdict Engine::Operations::finish_insert() {
  Reader& reader = *m_client.reader;
  use_card_result(reader);
  reader.present = true;
  reader.powered = false;
  reader.event_counter = (reader.event_counter + 1) & 0xFFFF;
  notify_waiting();
  return Verdict::kAnswer;
}

Verdict Engine::Operations::eject(std::size_t index) {
  Reader& reader = *m_engine.m_readers.at(index);
  if (!take_card(reader, &Operations::finish_eject)) return park();
  if (!reader.present) return Verdict::kAnswer;
  const bool was_powered = reader.powered;
  reader.apply_removal();
  reader.event_counter = (reader.event_counter + 1) & 0xFFFF;
  set_event(reader, Handle::Event::kRemoved);
  reader.unlock();
  notify_waiting();
  if (!was_powered) return Verdict::kAnswer;
  m_step.task.power_off = true;
  return run_card(reader);
}

Verdict Engine::Operations::finish_eject() {
  m_client.reader->busy = false;
  return Verdict::kAnswer;
}

Verdict Engine::Operations::unplug(std::size_t index) {
  Reader& reader = *m_engine.m_readers.at(index);
  if (!take_card(reader, &Operations::finish_eject)) return park();
  if (!reader.plugged) return Verdict::kAnswer;
  const bool was_powered = reader.powered;
  reader.loaded = reader.present;
  reader.plugged = false;
  reader.apply_removal();
  reader.event_counter = 0;
  ++m_engine.m_reader_events;
  for (auto& client : m_engine.m_clients) {
    for (const Handle& handle : client.handles) {
      if (handle.reader == &reader) client.lost.push_back(handle.id);
    }
    std::erase_if(client.handles, [&reader](const Handle& handle) { return handle.reader == &reader; });
  }
  reader.unlock();
  reader.sharing = 0;
  reader.lock_line.wake_all();
  notify_waiting();
  if (!was_powered) return Verdict::kAnswer;
  m_step.task.power_off = true;
  return run_card(reader);
}

Verdict Engine::Operations::plug(std::size_t index) {
  Reader& reader = *m_engine.m_readers.at(index);
  if (!take_card(reader, &Operations::finish_insert)) return park();
  if (reader.plugged) return Verdict::kAnswer;
  reader.plugged = true;
  ++m_engine.m_reader_events;
  notify_waiting();
  if (!reader.loaded || reader.card == nullptr) return Verdict::kAnswer;
  m_step.task.reset = true;
  m_step.task.power_off_again = true;
  return run_card(reader);
}

// As in pcscd the state that clients see stays "powered": the next connect switches the card on.
Verdict Engine::Operations::power_down(std::size_t index) {
  Reader& reader = *m_engine.m_readers.at(index);
  if (!reader.is_idle() || !take_card(reader, &Operations::finish_power_down)) return Verdict::kAnswer;
  m_step.task.power_off = true;
  return run_card(reader);
}

Verdict Engine::Operations::finish_power_down() {
  m_client.reader->busy = false;
  m_client.reader->apply_power_off(false);
  return Verdict::kAnswer;
}

Verdict Engine::Operations::reset(std::size_t index) {
  Reader& reader = *m_engine.m_readers.at(index);
  if (!take_card(reader, &Operations::finish_reset)) return park();
  if (!reader.present || !reader.powered) return Verdict::kAnswer;
  m_step.task.reset = true;
  return run_card(reader);
}

Verdict Engine::Operations::finish_reset() {
  Reader& reader = *m_client.reader;
  use_card_result(reader);
  set_event(reader, Handle::Event::kReset);
  return Verdict::kAnswer;
}

}  // namespace uicclab::pcsc_bridge
