// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/transport/coap_client.hpp"

#include <algorithm>

namespace uicclab::lwm2m::coap {
namespace {

const PeerAddress kPeer{{1}};  // the only one

}  // namespace

Client::Client(DatagramLink& link, const Clock& clock, Random& random, Times times)
    : m_link(link),
      m_clock(clock),
      m_exchanges(clock, random,
                  {.send =
                       [this](const PeerAddress&, BytesView datagram) {
                         const auto sent = m_link.send(datagram);
                         if (!sent && !m_trouble) m_trouble = sent.error();
                       },
                   .room = [this](const PeerAddress&) { return m_link.room(); },
                   .answer =
                       [this](const PeerAddress&, const PeerProof&, const Message& request) {
                         Message none;
                         none.code = kNotFound;
                         return m_handler ? m_handler(request) : none;
                       },
                   .peer = "server"},
                  times) {}

Result<void> Client::turn(std::chrono::milliseconds within) {
  if (m_trouble) {
    const Error trouble = *m_trouble;
    m_trouble.reset();
    return tl::unexpected(trouble);
  }
  const auto datagram = m_link.receive(std::min(within, m_exchanges.wake_up()));
  if (!datagram) return tl::unexpected(datagram.error());
  if (*datagram) m_exchanges.receive(kPeer, {}, **datagram);
  m_exchanges.on_time();
  return {};
}

Result<Message> Client::request(Message message) {
  std::optional<Result<Message>> answer;
  m_exchanges.request(kPeer, std::move(message), [&answer](Result<Message> one) {
    if (!answer) answer = std::move(one);
  });
  while (!answer) {
    const auto turned = turn(std::chrono::hours(1));
    if (turned) continue;
    m_exchanges.drop(kPeer);  // its callback ends with this function
    return tl::unexpected(turned.error());
  }
  return *std::move(answer);
}

Result<void> Client::serve(std::chrono::milliseconds within, const std::function<bool()>& done) {
  const auto until = m_clock.now() + within;
  while (!done() && m_clock.now() < until) {
    if (const auto turned = turn(until - m_clock.now()); !turned) return turned;
  }
  return {};
}

}  // namespace uicclab::lwm2m::coap
