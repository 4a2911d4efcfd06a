// SPDX-License-Identifier: Apache-2.0
// A CoAP endpoint with one peer that asks and waits, and answers while it waits: exchanges.hpp over a link.
#pragma once

#include "lwm2m/transport/datagram_link.hpp"
#include "lwm2m/transport/exchanges.hpp"

namespace uicclab::lwm2m::coap {

class Client {
 public:
  /// Answers a request of the peer whose blocks are together; type, identifier and token are filled in.
  using Handler = std::function<Message(const Message& request)>;

  /// All outlive this object.
  Client(DatagramLink& link, const Clock& clock, Random& random, Times times = {});

  /// What becomes of requests of the peer that come while one waits; without a handler they get 4.04.
  void on_request(Handler handler) { m_handler = std::move(handler); }

  /// Sends a request (its type, identifier and token are set here) and waits for the response; a payload over a block goes in blocks.
  /// Errors: kIo (no answer after all retransmissions, the link broke), kRefused (the peer answered with Reset, or with a critical option
  /// is unknown), kMalformed (blocks that do not fit together), kRange (an option longer than it may be).
  Result<Message> request(Message message);

  /// Answers requests of the peer until `done` says so or the time is over. Errors: those of the link.
  Result<void> serve(std::chrono::milliseconds within, const std::function<bool()>& done);

  unsigned retransmitted() const { return m_exchanges.retransmitted(); }

 private:
  /// One datagram, or what is due. Errors: those of the link.
  Result<void> turn(std::chrono::milliseconds within);

  DatagramLink& m_link;
  const Clock& m_clock;
  Handler m_handler;
  std::optional<Error> m_trouble;  ///< of sending
  Exchanges m_exchanges;
};

}  // namespace uicclab::lwm2m::coap
