// SPDX-License-Identifier: Apache-2.0
// One connection of an external short message entity (ESME), seen from the message centre: SMPP 3.4 clauses 2.2 to 2.8. Bytes in, bytes
// out; sockets are somebody else's business.
//
//   open ── bind_* ──> bound ── unbind ──> closed        a malformed PDU closes at once; everything else is answered with a status
//
// What a session took from the mailbox and the ESME did not answer goes back when the session ends.
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
    unsigned messages_per_second = 0;  ///< submissions that are taken; 0: all
    // Timers of clause 7.2.
    std::chrono::milliseconds session_init{30'000};  ///< until a bind_*
    std::chrono::milliseconds response{60'000};      ///< until the next response to what was sent
    std::chrono::milliseconds inactivity{60'000};    ///< of silence, until enquire_link
    std::chrono::milliseconds retry{1'000};          ///< until a message that the ESME wants later is sent again
  };

  /// The server behind the session.
  struct Host {
    /// The status of a bind: kOk, kInvalidPassword, kBindFailed.
    std::function<Status(const Bind&)> authenticate;
    std::function<Submitted(const std::string& system_id, const ShortMessage&)> submit;
    std::function<Submitted(const std::string& system_id, const ShortMessage&)> submit_data;
    std::function<SubmittedMulti(const std::string& system_id, const SubmitMulti&)> submit_multi;
    std::function<const MessageRecord*(const std::string& system_id, const QuerySm&)> query;
    /// Of this system id; outlives the session.
    std::function<Mailbox&(const std::string& system_id)> mailbox;
    MessageCentre::Log log;
  };
  /// All but `authenticate` and `log`.
  static Host host_of(MessageCentre& centre);

  /// `host` and `clock` (which never jumps) outlive this object.
  Session(const Host& host, const Clock& clock, Limits limits);
  ~Session() { give_back(); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  State state() const { return m_state; }
  const std::string& system_id() const { return m_system_id; }
  bool receives() const { return m_state == State::kReceiver || m_state == State::kTransceiver; }

  /// Bytes from the connection.
  void receive(BytesView bytes);
  /// Bytes for the connection since the last call; after them it is to be closed if the state is kClosed.
  Bytes take_output() { return std::exchange(m_output, {}); }

  /// Takes messages out of the mailbox, as many as the window has room for.
  void send_waiting();
  /// Does what is due by the clock: closes a session that waited too long for the ESME, asks a silent one whether it is there.
  void check_timers();
  /// When check_timers() or send_waiting() have something to do next.
  std::chrono::milliseconds next_timer() const;
  /// Since when the session waits for a bind_* or a response; nothing if it does not wait.
  std::optional<std::chrono::milliseconds> waits_since() const;
  /// Ends it from this side; what was not answered goes back.
  void close(const std::string& why);

 private:
  struct Sent {
    std::uint32_t sequence;
    std::chrono::milliseconds since;
    std::optional<ShortMessage> message;  ///< of deliver_sm; nothing: enquire_link
  };

  void handle(const Pdu& pdu);
  void handle_response(const Pdu& pdu);
  void bind(const Pdu& pdu, State as);
  void submit(const Pdu& pdu);
  void submit_multi(const Pdu& pdu);
  void query(const Pdu& pdu);
  bool may_submit(const Pdu& pdu);
  bool throttled();
  void answer(const Pdu& to, Status status, Bytes body = {});
  void refuse_body(const Pdu& pdu, const Error& error);
  void send(Command command, Bytes body, std::optional<ShortMessage> message);
  void give_back();
  void log(const std::string& line) const;

  const Host& m_host;
  const Clock& m_clock;
  Limits m_limits;
  State m_state = State::kOpen;
  std::string m_system_id;
  std::uint8_t m_version = 0;  ///< of the ESME
  Mailbox* m_mailbox = nullptr;
  Bytes m_input;
  Bytes m_output;
  std::deque<Sent> m_sent;  ///< without their response, oldest first
  std::uint32_t m_sequence = 1;
  std::chrono::milliseconds m_begin;         ///< of the connection
  std::chrono::milliseconds m_heard;         ///< the last PDU
  std::chrono::milliseconds m_responded{0};  ///< the last response
  std::chrono::milliseconds m_paused_until{0};
  std::chrono::milliseconds m_second{0};  ///< begin of the second that is counted
  unsigned m_in_second = 0;
};

}  // namespace uicclab::ota::smpp
