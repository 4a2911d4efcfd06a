// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/transport/coap_client.hpp"

#include <algorithm>
#include <array>

namespace uicclab::lwm2m::coap {
namespace {

constexpr std::size_t kTokenSize = 4;
constexpr std::size_t kRemembered = 16;
constexpr std::uint8_t kBlockExponent = 5;         // 512 bytes fit a record of the smallest device
constexpr std::size_t kLongestAnswer = 64 * 1024;  // put together of blocks

Message empty(Type type, std::uint16_t id) {
  Message out;
  out.type = type;
  out.id = id;
  return out;
}

}  // namespace

Client::Client(DatagramLink& link, const Clock& clock, Random& random, Times times)
    : m_link(link), m_clock(clock), m_random(random), m_times(times) {
  std::array<std::uint8_t, 2> first{};
  m_random.fill(first);  // clause 4.4: a first one that nobody guesses
  m_id = static_cast<std::uint16_t>(first[0] << 8 | first[1]);
}

Result<void> Client::send(const Message& message) {
  return m_link.send(encode(message));
}

/// Clause 4.5: a request that comes again gets the same answer and is not carried out again.
Result<void> Client::answer(const Message& request) {
  const auto before = std::ranges::find(m_answered, request.id, &Answered::id);
  if (before != m_answered.end()) return m_link.send(before->answer);
  Message out;
  out.code = kNotFound;
  if (m_handler) out = m_handler(request);
  const bool confirmable = request.type == Type::kConfirmable;
  out.type = confirmable ? Type::kAcknowledgement : Type::kNonConfirmable;
  out.id = confirmable ? request.id : next_id();
  out.token = request.token;
  m_answered.push_back({request.id, encode(out)});
  if (m_answered.size() > kRemembered) m_answered.pop_front();
  return m_link.send(m_answered.back().answer);
}

Result<bool> Client::take(const Message& message, const Message& request, bool& acknowledged) {
  if (message.code.is_request()) {
    if (message.type == Type::kAcknowledgement || message.type == Type::kReset) return false;
    if (const auto answered = answer(message); !answered) return tl::unexpected(answered.error());
    return false;
  }
  const bool ours = message.id == request.id;
  if (message.type == Type::kReset) {
    if (ours) return fail(ErrorCode::kRefused, "the server answered with Reset");
    return false;
  }
  if (message.code == kEmpty) {
    if (message.type == Type::kConfirmable) {  // a ping (clause 4.3)
      if (const auto pong = send(empty(Type::kReset, message.id)); !pong) return tl::unexpected(pong.error());
    }
    acknowledged = acknowledged || (ours && message.type == Type::kAcknowledgement);
    return false;
  }
  const bool matches = message.token == request.token && (message.type != Type::kAcknowledgement || ours);
  if (message.type == Type::kConfirmable) {  // clause 5.2.2: a separate response is acknowledged, one that nobody waits for is rejected
    const Type type = matches ? Type::kAcknowledgement : Type::kReset;
    if (const auto sent = send(empty(type, message.id)); !sent) return tl::unexpected(sent.error());
  }
  return matches;
}

Result<Message> Client::exchange(Message message) {
  message.type = Type::kConfirmable;
  message.id = next_id();
  message.token.resize(kTokenSize);
  m_random.fill(message.token);  // clause 5.3.1: nobody outside can guess it
  std::array<std::uint8_t, 1> dice{};
  m_random.fill(dice);
  auto timeout = m_times.acknowledgement + m_times.acknowledgement * dice[0] / 510;  // ACK_RANDOM_FACTOR 1.5
  bool acknowledged = false;
  for (unsigned sent = 0; sent <= m_times.retransmissions && !acknowledged; ++sent, timeout *= 2) {
    if (sent > 0) ++m_retransmitted;
    if (const auto out = send(message); !out) return tl::unexpected(out.error());
    auto until = m_clock.now() + timeout;
    while (m_clock.now() < until) {
      const auto datagram = m_link.receive(until - m_clock.now());
      if (!datagram) return tl::unexpected(datagram.error());
      if (!*datagram) continue;
      const auto received = parse(**datagram);
      if (!received) continue;  // clause 4.3: what is malformed is passed over
      const bool before = acknowledged;
      const auto response = take(*received, message, acknowledged);
      if (!response) return tl::unexpected(response.error());
      if (*response) return *received;
      if (acknowledged && !before) until = m_clock.now() + m_times.separate_response;
    }
  }
  return fail(ErrorCode::kIo,
              acknowledged ? "the server acknowledged the request and never answered it"
                           : "no answer from the server to a request and " + std::to_string(m_times.retransmissions) + " retransmissions");
}

Result<Message> Client::request(Message message) {
  const Bytes payload = std::move(message.payload);
  Block block{0, false, kBlockExponent};
  Message answer;
  for (std::size_t offset = 0;;) {
    Message part = message;
    const BytesView rest = BytesView(payload).subspan(offset);
    block.number = static_cast<std::uint32_t>(offset >> (block.size_exponent + 4U));
    block.more = rest.size() > block.size();
    part.payload = to_bytes(rest.first(std::min(rest.size(), block.size())));
    if (payload.size() > block.size() || offset > 0) add_block(part, option::kBlock1, block);
    auto response = exchange(std::move(part));
    if (!response) return response;
    answer = *std::move(response);
    if (!block.more || answer.code != kContinue) break;
    offset += block.size();
    const auto wanted = block_in(answer, option::kBlock1);  // the server may ask for smaller ones (RFC 7959 clause 2.5)
    if (wanted && wanted->size_exponent < block.size_exponent) block.size_exponent = wanted->size_exponent;
  }
  for (auto more = block_in(answer, option::kBlock2); more && more->more; more = block_in(answer, option::kBlock2)) {
    if (answer.payload.size() > kLongestAnswer) return fail(ErrorCode::kMalformed, "the answer does not end");
    Message next = message;
    next.payload.clear();
    const auto number = static_cast<std::uint32_t>(answer.payload.size() >> (more->size_exponent + 4U));
    add_block(next, option::kBlock2, {number, false, more->size_exponent});
    auto response = exchange(std::move(next));
    if (!response) return response;
    const auto got = block_in(*response, option::kBlock2);
    if (!got || got->number != number || response->payload.empty()) return fail(ErrorCode::kMalformed, "another block than the next one");
    response->payload.insert(response->payload.begin(), answer.payload.begin(), answer.payload.end());
    answer = *std::move(response);
  }
  return answer;
}

Result<void> Client::serve(std::chrono::milliseconds within, const std::function<bool()>& done) {
  const auto until = m_clock.now() + within;
  Message none;
  none.token.resize(kTokenSize);
  m_random.fill(none.token);
  none.id = next_id();
  while (!done() && m_clock.now() < until) {
    const auto datagram = m_link.receive(until - m_clock.now());
    if (!datagram) return tl::unexpected(datagram.error());
    if (!*datagram) continue;
    const auto received = parse(**datagram);
    if (!received) continue;
    bool acknowledged = false;
    if (const auto taken = take(*received, none, acknowledged); !taken) return tl::unexpected(taken.error());
  }
  return {};
}

}  // namespace uicclab::lwm2m::coap
