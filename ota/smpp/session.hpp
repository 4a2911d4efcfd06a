// One connection of an external short message entity (ESME), seen from the message centre: SMPP 3.4 clauses 2.2 to 2.8. Bytes in, bytes
// out; sockets are somebody else's business.
//
//   open ── bind_* ──> bound ── unbind ──> closed        a PDU that is none closes at once; everything else is answered with a status
#pragma once

#include <deque>
#include <functional>

#include "core/environment.hpp"
#include "ota/smpp/message_centre.hpp"

namespace uicclab::ota::smpp {

class Session {
 public:
  enum class State { kOpen, kTransmitter, kReceiver, kTransceiver, kClosed };

  struct Limits {
    std::size_t window = 10;           ///< deliver_sm without their response
    std::size_t queue = 1000;          ///< messages that wait for the window
    unsigned messages_per_second = 0;  ///< submit_sm that are taken; 0: all
  };

  /// What stands behind the session.
  struct Host {
    /// The status of a bind: kOk, kInvalidPassword, kBindFailed.
    std::function<Status(const Bind&)> authenticate;
    std::function<Submitted(const ShortMessage&)> submit;
    /// Messages for a system id, from a session that may not receive or to be received by another one.
    std::function<void(const std::string& system_id, std::vector<ShortMessage>)> route;
  };

  /// `host` and `clock` outlive this object.
  Session(const Host& host, const Clock& clock, Limits limits) : m_host(host), m_clock(clock), m_limits(limits) {}

  State state() const { return m_state; }
  const std::string& system_id() const { return m_system_id; }
  bool receives() const { return m_state == State::kReceiver || m_state == State::kTransceiver; }

  /// Bytes from the connection.
  void receive(BytesView bytes);
  /// Bytes for the connection since the last call; behind them it is to be closed if the state is kClosed.
  Bytes take_output() { return std::exchange(m_output, {}); }

  /// A message for the ESME; false if it cannot take any more.
  bool deliver(ShortMessage message);

 private:
  void handle(const Pdu& pdu);
  void bind(const Pdu& pdu, State as);
  void submit(const Pdu& pdu);
  bool throttled();
  void answer(const Pdu& to, Status status, Bytes body = {});
  void send_waiting();

  const Host& m_host;
  const Clock& m_clock;
  Limits m_limits;
  State m_state = State::kOpen;
  std::string m_system_id;
  Bytes m_input;
  Bytes m_output;
  std::deque<ShortMessage> m_waiting;
  std::vector<std::uint32_t> m_outstanding;  ///< sequence numbers of deliver_sm without their response
  std::uint32_t m_sequence = 1;
  std::chrono::milliseconds m_second{0};  ///< begin of the second that is counted
  unsigned m_in_second = 0;
};

}  // namespace uicclab::ota::smpp
