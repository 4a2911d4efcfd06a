#include "ota/smpp/session.hpp"

namespace uicclab::ota::smpp {
namespace {

constexpr std::string_view kOurSystemId = "uicclab";
constexpr std::uint32_t kMaxSequence = 0x7FFFFFFF;  // clause 3.2
constexpr std::chrono::milliseconds kSecond{1000};

Bytes bind_response() {
  Bytes body = encode_text(kOurSystemId);
  append(body, "0210 0001 34"_h);  // sc_interface_version: 3.4
  return body;
}

}  // namespace

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
      m_state = State::kClosed;
      break;
    }
    if (!*pdu) break;
    handle(**pdu);
  }
  if (m_state == State::kClosed) m_input.clear();
}

void Session::answer(const Pdu& to, Status status, Bytes body) {
  append(m_output, Pdu{to.command | kResponseBit, static_cast<std::uint32_t>(status), to.sequence, std::move(body)}.encode());
}

void Session::handle(const Pdu& pdu) {
  if ((pdu.command & kResponseBit) != 0) {
    // deliver_sm_resp, whatever its status: the message is out of our hands. Other responses answer nothing that we asked.
    const auto found = std::ranges::find(m_outstanding, pdu.sequence);
    if (found != m_outstanding.end()) m_outstanding.erase(found);
    send_waiting();
    return;
  }
  switch (static_cast<Command>(pdu.command)) {
    case Command::kBindTransmitter:
      return bind(pdu, State::kTransmitter);
    case Command::kBindReceiver:
      return bind(pdu, State::kReceiver);
    case Command::kBindTransceiver:
      return bind(pdu, State::kTransceiver);
    case Command::kSubmitSm:
      return submit(pdu);
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
  m_state = as;
  answer(pdu, Status::kOk, bind_response());
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

void Session::submit(const Pdu& pdu) {
  if (m_state != State::kTransmitter && m_state != State::kTransceiver) return answer(pdu, Status::kWrongBindStatus);
  if (throttled()) return answer(pdu, Status::kThrottled);
  const auto message = ShortMessage::parse(pdu.body);
  if (!message)
    return answer(pdu, message.error().code == ErrorCode::kRange ? Status::kInvalidParameterLength : Status::kInvalidMessageLength);
  Submitted submitted = m_host.submit(*message);
  if (submitted.status != Status::kOk) return answer(pdu, submitted.status);
  answer(pdu, Status::kOk, encode_text(submitted.message_id));
  if (submitted.deliveries.empty()) return;
  if (!receives()) return m_host.route(m_system_id, std::move(submitted.deliveries));
  for (ShortMessage& one : submitted.deliveries) deliver(std::move(one));
}

bool Session::deliver(ShortMessage message) {
  if (!receives() || m_waiting.size() >= m_limits.queue) return false;
  m_waiting.push_back(std::move(message));
  send_waiting();
  return true;
}

void Session::send_waiting() {
  while (receives() && !m_waiting.empty() && m_outstanding.size() < m_limits.window) {
    append(m_output, Pdu{static_cast<std::uint32_t>(Command::kDeliverSm), 0, m_sequence, m_waiting.front().encode()}.encode());
    m_outstanding.push_back(m_sequence);
    m_sequence = m_sequence == kMaxSequence ? 1 : m_sequence + 1;
    m_waiting.pop_front();
  }
}

}  // namespace uicclab::ota::smpp
