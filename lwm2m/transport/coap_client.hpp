// SPDX-License-Identifier: Apache-2.0
// A CoAP endpoint that asks and answers: RFC 7252 clauses 4.2 (confirmable messages), 4.5 (duplicates), 4.8 (times), 5.2 (responses);
// RFC 7959 clauses 2.5 (Block1) and 2.4 (Block2) for requests and answers longer than a block.
#pragma once

#include <deque>
#include <functional>

#include "core/environment.hpp"
#include "lwm2m/transport/coap.hpp"
#include "lwm2m/transport/datagram_link.hpp"

namespace uicclab::lwm2m::coap {

/// RFC 7252 clause 4.8.
struct Times {
  std::chrono::milliseconds acknowledgement{2000};  ///< ACK_TIMEOUT; times 1 to 1.5, and doubled each time
  unsigned retransmissions = 4;                     ///< MAX_RETRANSMIT
  std::chrono::milliseconds separate_response{
      93000};  ///< EXCHANGE_LIFETIME's share: how long a response may come after its acknowledgement
};

class Client {
 public:
  /// Answers a request of the peer; type, identifier and token are filled in. Nothing: no answer but an acknowledgement.
  using Handler = std::function<Message(const Message& request)>;

  /// All outlive this object.
  Client(DatagramLink& link, const Clock& clock, Random& random, Times times = {});

  /// What becomes of requests of the peer that come while one waits; without a handler they get 4.04.
  void on_request(Handler handler) { m_handler = std::move(handler); }

  /// Sends a request (its type, identifier and token are set here) and waits for the response; a payload over a block goes in blocks.
  /// Errors: kIo (no answer after all retransmissions, the link broke), kRefused (the peer answered with Reset), kMalformed (blocks that do
  /// not fit together).
  Result<Message> request(Message message);

  /// Answers requests of the peer until `done` says so or the time is over. Errors: those of the link.
  Result<void> serve(std::chrono::milliseconds within, const std::function<bool()>& done);

  unsigned retransmitted() const { return m_retransmitted; }

 private:
  Result<Message> exchange(Message message);
  /// True: `message` is the response to that request.
  Result<bool> take(const Message& message, const Message& request, bool& acknowledged);
  Result<void> answer(const Message& request);
  Result<void> send(const Message& message);
  std::uint16_t next_id() { return ++m_id; }

  DatagramLink& m_link;
  const Clock& m_clock;
  Random& m_random;
  Times m_times;
  Handler m_handler;
  std::uint16_t m_id = 0;
  unsigned m_retransmitted = 0;
  struct Answered {
    std::uint16_t id;
    Bytes answer;
  };
  std::deque<Answered> m_answered;  ///< the last few, for requests that come again
};

}  // namespace uicclab::lwm2m::coap
