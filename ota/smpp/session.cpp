// SPDX-License-Identifier: Apache-2.0
#include "ota/smpp/session.hpp"

namespace uicclab::ota::smpp {
namespace {

constexpr std::string_view kOurSystemId = "uicclab";
constexpr std::uint32_t kMaxSequence = 0x7FFFFFFF;  // clause 3.2
constexpr std::chrono::milliseconds kSecond{1000};

/// An ESME before 3.4 takes no optional parameters (clause 3.4): it does not get sc_interface_version either.
Bytes bind_response(std::uint8_t version) {
  Bytes body = encode_text(kOurSystemId);
  if (version >= kVersion34) append(body, "0210 0001 34"_h);
  return body;
}

/// The ESME wants the message, but later.
bool is_temporary(Status status) {
  return status == Status::kTemporaryError || status == Status::kQueueFull || status == Status::kThrottled;
}

}  // namespace

Session::Host Session::host_of(MessageCentre& centre) {
  Host host;
  host.submit = [&centre](const std::string& id, const ShortMessage& message) { return centre.submit(id, message); };
  host.submit_data = [&centre](const std::string& id, const ShortMessage& message) { return centre.submit_data(id, message); };
  host.submit_multi = [&centre](const std::string& id, const SubmitMulti& multi) { return centre.submit_multi(id, multi); };
  host.query = [&centre](const std::string& id, const QuerySm& asked) { return centre.query(id, asked); };
  host.mailbox = [&centre](const std::string& id) -> Mailbox& { return centre.mailbox(id); };
  return host;
}

Session::Session(const Host& host, const Clock& clock, Limits limits)
    : m_host(host), m_clock(clock), m_limits(limits), m_begin(clock.now()), m_heard(m_begin) {}

void Session::log(const std::string& line) const {
  if (m_host.log) m_host.log((m_system_id.empty() ? "a client that did not bind" : "ESME " + m_system_id) + ": " + line);
}

void Session::give_back() {
  for (auto one = m_sent.rbegin(); one != m_sent.rend(); ++one) {
    if (one->message) m_mailbox->put_back(*std::move(one->message));
  }
  m_sent.clear();
}

void Session::close(const std::string& why) {
  if (m_state == State::kClosed) return;
  log(why);
  m_state = State::kClosed;
  give_back();
}

void Session::receive(BytesView bytes) {
  if (m_state == State::kClosed) return;
  append(m_input, bytes);
  while (m_state != State::kClosed) {
    const auto pdu = take_pdu(m_input);
    if (!pdu) {
      // Clause 4.3: where the next PDU begins is not known any more.
      append(m_output,
             Pdu{static_cast<std::uint32_t>(Command::kGenericNack), static_cast<std::uint32_t>(Status::kInvalidCommandLength), 0, {}}
                 .encode());
      close("closed: a length that no PDU has");
      break;
    }
    if (!*pdu) break;
    m_heard = m_clock.now();
    handle(**pdu);
  }
  if (m_state == State::kClosed) {
    m_input.clear();
    give_back();
  }
  send_waiting();
}

void Session::answer(const Pdu& to, Status status, Bytes body) {
  append(m_output, Pdu{to.command | kResponseBit, static_cast<std::uint32_t>(status), to.sequence, std::move(body)}.encode());
}

/// Of a body that cannot be read.
void Session::refuse_body(const Pdu& pdu, const Error& error) {
  answer(pdu, error.code == ErrorCode::kRange         ? Status::kInvalidParameterLength
              : error.code == ErrorCode::kUnsupported ? Status::kInvalidDestinationFlag
                                                      : Status::kInvalidMessageLength);
}

void Session::handle(const Pdu& pdu) {
  if ((pdu.command & kResponseBit) != 0) return handle_response(pdu);
  switch (static_cast<Command>(pdu.command)) {
    case Command::kBindTransmitter:
      return bind(pdu, State::kTransmitter);
    case Command::kBindReceiver:
      return bind(pdu, State::kReceiver);
    case Command::kBindTransceiver:
      return bind(pdu, State::kTransceiver);
    case Command::kSubmitSm:
    case Command::kDataSm:
      return submit(pdu);
    case Command::kSubmitMulti:
      return submit_multi(pdu);
    case Command::kQuerySm:
      return query(pdu);
    case Command::kEnquireLink:
      return answer(pdu, Status::kOk);
    case Command::kUnbind:
      if (m_state == State::kOpen) return answer(pdu, Status::kWrongBindStatus);
      answer(pdu, Status::kOk);
      m_state = State::kClosed;
      return;
    default:
      // Clause 4.3: generic_nack for what is not known.
      append(m_output,
             Pdu{static_cast<std::uint32_t>(Command::kGenericNack), static_cast<std::uint32_t>(Status::kInvalidCommandId), pdu.sequence, {}}
                 .encode());
  }
}

/// deliver_sm_resp, enquire_link_resp, or generic_nack to one of them; others answer nothing that was asked.
void Session::handle_response(const Pdu& pdu) {
  const auto found = std::ranges::find(m_sent, pdu.sequence, &Sent::sequence);
  if (found == m_sent.end()) return;
  m_responded = m_clock.now();
  std::optional<ShortMessage> message = std::move(found->message);
  m_sent.erase(found);
  const auto status = static_cast<Status>(pdu.status);
  if (message && is_temporary(status)) {
    m_mailbox->put_back(*std::move(message));
    m_paused_until = m_clock.now() + m_limits.retry;
  } else if (message && status != Status::kOk) {
    log("a message was refused permanently, with status " + to_hex(ByteWriter().u32(pdu.status).view()));
  }
  send_waiting();  // before whatever the next PDU asks for is answered
}

void Session::bind(const Pdu& pdu, State as) {
  if (m_state != State::kOpen) return answer(pdu, Status::kAlreadyBound);
  const auto request = Bind::parse(pdu.body);
  if (!request) return answer(pdu, Status::kBindFailed);
  const Status status = m_host.authenticate(*request);
  if (status != Status::kOk) {
    answer(pdu, status);
    m_state = State::kClosed;  // one try a connection
    return;
  }
  m_system_id = request->system_id;
  m_version = request->interface_version;
  m_mailbox = &m_host.mailbox(m_system_id);
  m_state = as;
  answer(pdu, Status::kOk, bind_response(m_version));
}

/// A second at a time: simple, and what a client has to be ready for.
bool Session::throttled() {
  if (m_limits.messages_per_second == 0) return false;
  const auto now = m_clock.now();
  if (now - m_second >= kSecond) {
    m_second = now;
    m_in_second = 0;
  }
  return m_in_second++ >= m_limits.messages_per_second;
}

bool Session::may_submit(const Pdu& pdu) {
  if (m_state != State::kTransmitter && m_state != State::kTransceiver) return answer(pdu, Status::kWrongBindStatus), false;
  if (throttled()) return answer(pdu, Status::kThrottled), false;
  return true;
}

void Session::submit(const Pdu& pdu) {
  if (!may_submit(pdu)) return;
  const bool is_data = pdu.command == static_cast<std::uint32_t>(Command::kDataSm);
  const auto message = is_data ? ShortMessage::parse_data(pdu.body) : ShortMessage::parse(pdu.body);
  if (!message) return refuse_body(pdu, message.error());
  const Submitted submitted = is_data ? m_host.submit_data(m_system_id, *message) : m_host.submit(m_system_id, *message);
  if (submitted.status != Status::kOk) return answer(pdu, submitted.status);
  Bytes body = encode_text(submitted.message_id);
  const bool transaction = is_data && (message->esm_class & kEsmMode) == kEsmTransaction;
  if (!transaction || submitted.state == MessageState::kDelivered) return answer(pdu, Status::kOk, std::move(body));
  // Clause 5.2.12: of a transaction, the response says what came of it. delivery_failure_reason 2: for good.
  append(body, ByteWriter().u16(tag::kDeliveryFailureReason).u16(1).u8(2).view());
  answer(pdu, Status::kDeliveryFailure, std::move(body));
}

void Session::submit_multi(const Pdu& pdu) {
  if (!may_submit(pdu)) return;
  const auto multi = SubmitMulti::parse(pdu.body);
  if (!multi) return refuse_body(pdu, multi.error());
  const SubmittedMulti submitted = m_host.submit_multi(m_system_id, *multi);
  if (submitted.status != Status::kOk) return answer(pdu, submitted.status);
  answer(pdu, Status::kOk, encode_multi_response(submitted.message_id, submitted.failed));
}

void Session::query(const Pdu& pdu) {
  if (m_state != State::kTransmitter && m_state != State::kTransceiver) return answer(pdu, Status::kWrongBindStatus);
  const auto asked = QuerySm::parse(pdu.body);
  if (!asked) return refuse_body(pdu, asked.error());
  const MessageRecord* record = m_host.query(m_system_id, *asked);
  if (record == nullptr) return answer(pdu, Status::kInvalidMessageId);
  const bool ended = record->pending == 0;
  answer(pdu, Status::kOk,
         encode_query_response(asked->message_id, ended ? write_time(record->done) : "", ended ? record->state : MessageState::kEnroute,
                               record->error));
}

void Session::send(Command command, Bytes body, std::optional<ShortMessage> message) {
  append(m_output, Pdu{static_cast<std::uint32_t>(command), 0, m_sequence, std::move(body)}.encode());
  m_sent.push_back({m_sequence, m_clock.now(), std::move(message)});
  m_sequence = m_sequence == kMaxSequence ? 1 : m_sequence + 1;
}

void Session::send_waiting() {
  while (receives() && m_clock.now() >= m_paused_until && m_sent.size() < m_limits.window) {
    auto message = m_mailbox->take();
    if (!message) return;
    if (m_version < kVersion34) message->parameters.clear();
    Bytes body = message->encode();
    send(Command::kDeliverSm, std::move(body), std::move(message));
  }
}

std::optional<std::chrono::milliseconds> Session::waits_since() const {
  if (m_state == State::kOpen) return m_begin;
  if (m_sent.empty()) return std::nullopt;
  return std::max(m_sent.front().since, m_responded);
}

std::chrono::milliseconds Session::next_timer() const {
  if (m_state == State::kClosed) return std::chrono::milliseconds::max();
  if (m_state == State::kOpen) return m_begin + m_limits.session_init;
  const auto waits = waits_since();
  auto next = waits ? *waits + m_limits.response : m_heard + m_limits.inactivity;
  if (receives() && m_paused_until > m_clock.now()) next = std::min(next, m_paused_until);
  return next;
}

void Session::check_timers() {
  const auto now = m_clock.now();
  const auto over = [&](std::chrono::milliseconds since, std::chrono::milliseconds time) { return now - since >= time; };
  if (m_state == State::kClosed) return;
  if (m_state == State::kOpen) {
    if (over(m_begin, m_limits.session_init)) close("closed: no bind within its time");
  } else if (const auto waits = waits_since()) {
    if (over(*waits, m_limits.response)) {
      close(std::to_string(m_sent.size()) + " PDUs were not answered within " +
            std::to_string(std::chrono::duration_cast<std::chrono::seconds>(m_limits.response).count()) +
            " s; the connection is closed, and its messages wait for the next receiver");
    }
  } else if (over(m_heard, m_limits.inactivity)) {
    send(Command::kEnquireLink, {}, std::nullopt);
  }
}

}  // namespace uicclab::ota::smpp
