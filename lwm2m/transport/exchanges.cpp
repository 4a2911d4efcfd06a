// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/transport/exchanges.hpp"

#include <algorithm>
#include <array>

namespace uicclab::lwm2m::coap {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kTokenSize = 8;               // RFC 7252 clause 5.3.1
constexpr std::size_t kRemembered = 8;              // answers of one peer
constexpr milliseconds kExchangeLifetime{247'000};  // clause 4.8.2
constexpr milliseconds kSweep{60'000};

/// RFC 7641 clause 3.4: is the notification with the second number and time newer than the one with the first?
bool is_newer(std::uint32_t before, milliseconds then, std::uint32_t number, milliseconds now) {
  constexpr std::uint32_t kHalf = 1U << 23;
  constexpr milliseconds kLong{128'000};
  return (before < number && number - before < kHalf) || (before > number && before - number > kHalf) || now > then + kLong;
}

std::string key_of(const Message& request) {
  std::string out(1, static_cast<char>(request.code.value));
  for (const Option& one : request.options) {
    if (one.number != option::kUriPath && one.number != option::kUriQuery) continue;
    out += static_cast<char>(one.number);
    out.append(one.value.begin(), one.value.end());
    out += '\0';
  }
  return out;
}

Message with(Code code) {
  Message out;
  out.code = code;
  return out;
}

}  // namespace

Exchanges::Exchanges(const Clock& clock, Random& random, Ways ways, Times times, ExchangeLimits limits)
    : m_clock(clock), m_random(random), m_ways(std::move(ways)), m_times(times), m_limits(limits) {
  std::array<std::uint8_t, 2> first{};
  m_random.fill(first);  // clause 4.4
  m_id = static_cast<std::uint16_t>(first[0] << 8 | first[1]);
}

Bytes Exchanges::new_token() {
  Bytes out(kTokenSize);
  m_random.fill(out);
  return out;
}

Exchanges::Peer* Exchanges::peer_at(const PeerAddress& address) {
  auto there = m_peers.find(address);
  if (there == m_peers.end()) {
    if (m_peers.size() >= m_limits.most_peers && !make_room()) return nullptr;
    there = m_peers.try_emplace(address).first;
    there->second.place = m_silent.insert(m_silent.end(), address);
  }
  Peer& peer = there->second;
  m_silent.splice(m_silent.end(), m_silent, peer.place);
  peer.used = m_clock.now();
  return &peer;
}

bool Exchanges::make_room() {
  std::size_t looks = 64;  // observed devices are silent, too
  for (const PeerAddress& address : m_silent) {
    const auto there = m_peers.find(address);
    if (there->second.idle()) {
      erase(there);
      return true;
    }
    if (--looks == 0) break;
  }
  return false;
}

void Exchanges::erase(std::map<PeerAddress, Peer>::iterator peer) {
  end_body(peer->first, peer->second);
  m_silent.erase(peer->second.place);
  m_peers.erase(peer);
}

void Exchanges::end_body(const PeerAddress& from, Peer& peer) {
  if (!peer.incoming) return;
  peer.incoming.reset();
  std::erase(m_bodies, from);
}

std::uint8_t Exchanges::block_exponent(const PeerAddress& to, const Message& message) const {
  return block_exponent_for(message, m_ways.room(to));
}

void Exchanges::receive(const PeerAddress& from, const PeerProof& proof, BytesView datagram) {
  const auto message = parse(datagram);
  if (!message) {
    // Clause 4.2: a confirmable message that cannot be read is rejected; of anything else nothing is said (clause 4.3).
    constexpr std::size_t kHeader = 4;
    const bool confirmable = datagram.size() >= kHeader && datagram[0] >> 6 == 1 && (datagram[0] >> 4 & 0x03) == 0;
    if (confirmable) send(from, empty_message(Type::kReset, static_cast<std::uint16_t>(datagram[2] << 8 | datagram[3])));
    return;
  }
  Peer* peer = peer_at(from);
  if (peer == nullptr) return;
  if (message->code.is_request()) {
    if (message->type == Type::kConfirmable || message->type == Type::kNonConfirmable) on_request(from, proof, *peer, *message);
    return;
  }
  on_response(from, *peer, *message);
}

void Exchanges::on_request(const PeerAddress& from, const PeerProof& proof, Peer& peer, const Message& request) {
  const Instant now = m_clock.now();
  std::erase_if(peer.answered, [now](const Answered& one) { return one.until <= now; });
  const auto before = std::ranges::find(peer.answered, request.id, &Answered::id);
  if (before != peer.answered.end()) {
    if (!before->answer.empty()) m_ways.send(from, before->answer);
    return;
  }
  const bool confirmable = request.type == Type::kConfirmable;
  Bytes bytes;
  if (confirmable || !unknown_critical(request)) {  // clause 5.4.1: rejected in silence where it is not confirmable
    Message out = answer(from, proof, peer, request);
    out.type = confirmable ? Type::kAcknowledgement : Type::kNonConfirmable;
    out.id = confirmable ? request.id : ++m_id;
    out.token = request.token;
    bytes = encode(out);
  }
  // The handler may have dropped this peer, or made room for it again.
  Peer* still = peer_at(from);
  if (still == nullptr) return;
  still->answered.push_back({request.id, bytes, now + kExchangeLifetime});
  if (still->answered.size() > kRemembered) still->answered.pop_front();
  if (!bytes.empty()) m_ways.send(from, bytes);
}

Message Exchanges::answer(const PeerAddress& from, const PeerProof& proof, Peer& peer, Message request) {
  if (unknown_critical(request)) return with(kBadOption);
  const Instant now = m_clock.now();
  const std::string key = key_of(request);
  const auto asked = block_in(request, option::kBlock2);
  if (request.find(option::kBlock2) != nullptr && !asked) return with(kBadRequest);
  if (asked && asked->number > 0 && peer.large && peer.large->key == key && now < peer.large->until) {
    return in_blocks(from, peer, request, peer.large->whole);
  }
  if (request.find(option::kBlock1) == nullptr) return in_blocks(from, peer, request, m_ways.answer(from, proof, request));
  const auto block = block_in(request, option::kBlock1);
  if (!block) return with(kBadRequest);
  const auto refuse = [&](Code code) {
    end_body(from, peer);
    Message out = with(code);
    add_block(out, option::kBlock1, *block);
    return out;
  };
  if (block->number == 0) {
    end_body(from, peer);
    if (m_bodies.size() >= m_limits.most_bodies) {
      const PeerAddress first = m_bodies.front();
      end_body(first, m_peers.at(first));
    }
    m_bodies.push_back(from);
    peer.incoming = std::make_unique<Incoming>();
    peer.incoming->key = key;
  }
  const std::size_t offset = std::size_t{block->number} << (block->size_exponent + 4U);
  // RFC 7959 clause 2.9.2: a block that does not continue what is there.
  if (!peer.incoming || peer.incoming->key != key || offset != peer.incoming->body.size()) return refuse(kIncomplete);
  if (block->more && request.payload.size() != block->size()) return refuse(kBadRequest);
  if (offset + request.payload.size() > m_limits.longest_body) {
    Message out = refuse(kTooLarge);
    out.add_number(option::kSize1, static_cast<std::uint32_t>(m_limits.longest_body));
    return out;
  }
  append(peer.incoming->body, request.payload);
  if (block->more) {
    Message out = with(kContinue);
    add_block(out, option::kBlock1, *block);
    return out;
  }
  request.payload = std::move(peer.incoming->body);
  end_body(from, peer);
  Message out = in_blocks(from, peer, request, m_ways.answer(from, proof, request));
  add_block(out, option::kBlock1, *block);
  return out;
}

Message Exchanges::in_blocks(const PeerAddress& to, Peer& peer, const Message& request, Message whole) {
  const auto asked = block_in(request, option::kBlock2);
  std::uint8_t exponent = block_exponent(to, whole);
  if (asked) exponent = std::min(exponent, asked->size_exponent);
  const std::size_t size = std::size_t{16} << exponent;
  if (whole.payload.size() <= size && (!asked || asked->number == 0)) return whole;
  const std::size_t offset = asked ? std::size_t{asked->number} << (asked->size_exponent + 4U) : 0;
  if (offset >= whole.payload.size()) return with(kBadRequest);
  Message out = whole;
  const BytesView rest = BytesView(whole.payload).subspan(offset);
  out.payload = to_bytes(rest.first(std::min(rest.size(), size)));
  add_block(out, option::kBlock2, {static_cast<std::uint32_t>(offset / size), rest.size() > size, exponent});
  peer.large = std::make_unique<Large>(Large{key_of(request), std::move(whole), m_clock.now() + kExchangeLifetime});
  return out;
}

Bytes Exchanges::request(const PeerAddress& to, Message message, Done done) {
  return observe(to, std::move(message), std::move(done), {});
}

Bytes Exchanges::observe(const PeerAddress& to, Message message, Done done, std::function<void(const Message&)> notified) {
  auto asked = std::make_unique<Asked>();
  asked->to = to;
  asked->whole = std::move(message);
  asked->token = asked->whole.token.empty() ? new_token() : asked->whole.token;
  asked->done = std::move(done);
  asked->notified = std::move(notified);
  const Bytes token = asked->token;
  if (const auto lengths = check_lengths(asked->whole); !lengths) {
    asked->done(tl::unexpected(lengths.error()));
    return token;
  }
  Peer* peer = peer_at(to);
  if (peer == nullptr || peer->waiting.size() >= m_limits.most_waiting) {
    asked->done(fail(ErrorCode::kIo, peer == nullptr ? "too many peers" : "too many requests wait for this peer"));
    return token;
  }
  peer->waiting.push_back(std::move(asked));
  if (!peer->asked) start(to, *peer);
  return token;
}

void Exchanges::start(const PeerAddress& to, Peer& peer) {
  if (peer.waiting.empty()) return;
  peer.asked = std::move(peer.waiting.front());
  peer.waiting.pop_front();
  m_asking.insert(to);
  peer.asked->block.size_exponent = block_exponent(to, peer.asked->whole);
  send_part(to, peer);
}

/// The block of the request, or the request for a block of the answer, whose turn it is.
void Exchanges::send_part(const PeerAddress& to, Peer& peer) {
  Asked& asked = *peer.asked;
  Message part = asked.whole;
  part.type = Type::kConfirmable;
  part.id = ++m_id;
  part.token = asked.token;
  if (asked.collecting) {
    part.payload.clear();
    std::erase_if(part.options, [](const Option& one) { return one.number == option::kObserve; });
    part.token = new_token();  // RFC 7959 clause 3.4: of an observation only the first block has its token
    add_block(part, option::kBlock2, asked.block);
  } else if (asked.whole.payload.size() > asked.block.size() || asked.offset > 0) {
    const BytesView rest = BytesView(asked.whole.payload).subspan(asked.offset);
    asked.block.number = static_cast<std::uint32_t>(asked.offset >> (asked.block.size_exponent + 4U));
    asked.block.more = rest.size() > asked.block.size();
    part.payload = to_bytes(rest.first(std::min(rest.size(), asked.block.size())));
    add_block(part, option::kBlock1, asked.block);
  }
  std::array<std::uint8_t, 1> dice{};
  m_random.fill(dice);
  asked.pause = m_times.acknowledgement + m_times.acknowledgement * dice[0] / 510;  // ACK_RANDOM_FACTOR 1.5
  asked.again = m_clock.now() + asked.pause;
  asked.times = 0;
  asked.acknowledged = false;
  asked.sent = std::move(part);
  send(to, asked.sent);
}

void Exchanges::finish(const PeerAddress& to, Peer& peer, Result<Message> result) {
  const std::unique_ptr<Asked> asked = std::move(peer.asked);
  m_asking.erase(to);
  if (result && asked->notified && result->find(option::kObserve) != nullptr && result->code.is_success()) {
    peer.observed[asked->token] = {asked->notified, asked->whole, result->number_in(option::kObserve).value_or(0), m_clock.now()};
  }
  start(to, peer);
  asked->done(std::move(result));
}

void Exchanges::on_response(const PeerAddress& from, Peer& peer, const Message& message) {
  const bool ours = peer.asked && message.id == peer.asked->sent.id;
  if (message.type == Type::kReset) {
    if (ours) return finish(from, peer, fail(ErrorCode::kRefused, "the " + m_ways.peer + " answered with Reset"));
    if (m_ways.reset) m_ways.reset(from, message.id);
    return;
  }
  if (message.code == kEmpty) {
    if (message.type == Type::kConfirmable) send(from, empty_message(Type::kReset, message.id));  // a ping (clause 4.3)
    if (ours && message.type == Type::kAcknowledgement && !peer.asked->acknowledged) {
      peer.asked->acknowledged = true;
      peer.asked->again = m_clock.now() + m_times.separate_response;
    }
    return;
  }
  const bool reserved = message.code.kind() != 2 && message.code.kind() != 4 && message.code.kind() != 5;
  const bool matches =
      !reserved && peer.asked && message.token == peer.asked->sent.token && (message.type != Type::kAcknowledgement || ours);
  const bool known = matches || (!reserved && message.type != Type::kAcknowledgement && peer.observed.contains(message.token));
  const bool critical = unknown_critical(message).has_value();
  if (message.type == Type::kConfirmable) {
    // Clause 4.2: a response that comes again is acknowledged again, although its request is over.
    const bool again = !known && std::ranges::find(peer.acknowledged, message.id) != peer.acknowledged.end();
    const bool good = (known && !critical) || again;
    send(from, empty_message(good ? Type::kAcknowledgement : Type::kReset, message.id));
    if (good && !again) peer.acknowledged.push_back(message.id);
    if (peer.acknowledged.size() > kRemembered) peer.acknowledged.erase(peer.acknowledged.begin());
  } else if (message.type == Type::kNonConfirmable && !known) {
    send(from, empty_message(Type::kReset, message.id));  // RFC 7641 clause 3.6: an observation that is over
  }
  if (!known) return;
  if (matches) {
    if (critical) return finish(from, peer, fail(ErrorCode::kRefused, "the answer has an unknown critical option"));
    return take(from, peer, message);
  }
  if (!critical) on_notification(from, peer, message);
}

void Exchanges::on_notification(const PeerAddress& from, Peer& peer, const Message& message) {
  Observed& observed = peer.observed.at(message.token);
  const auto number = message.number_in(option::kObserve);
  if (message.code.is_success() && number) {
    if (!is_newer(observed.number, observed.at, *number, m_clock.now())) return;  // overtaken, or the same again
    observed.number = *number;
    observed.at = m_clock.now();
  }
  const auto notified = observed.notified;
  const auto block = block_in(message, option::kBlock2);
  if (!message.code.is_success()) peer.observed.erase(message.token);  // RFC 7641 clause 4.2: an error ends it
  if (!block || !block->more || !message.code.is_success()) return notified(message);
  // RFC 7959 clause 3.4: the other blocks are fetched by an ordinary request.
  auto asked = std::make_unique<Asked>();
  asked->to = from;
  asked->whole = observed.request;
  asked->collecting = true;
  asked->answer = message;
  asked->block = {static_cast<std::uint32_t>(message.payload.size() >> (block->size_exponent + 4U)), false, block->size_exponent};
  asked->done = [notified](Result<Message> result) {
    if (result) notified(*result);
  };
  if (peer.waiting.size() >= m_limits.most_waiting) return;
  peer.waiting.push_back(std::move(asked));
  if (peer.asked) return;
  peer.asked = std::move(peer.waiting.front());
  peer.waiting.pop_front();
  m_asking.insert(from);
  send_part(from, peer);
}

void Exchanges::take(const PeerAddress& from, Peer& peer, Message answer) {
  Asked& asked = *peer.asked;
  if (!asked.collecting && asked.whole.payload.size() > asked.block.size()) {
    const auto wanted = block_in(answer, option::kBlock1);
    // Clause 2.3: without M in its answer the peer has acted on this block alone, and waits for the others all the same.
    const bool acted = answer.code.is_success() && wanted && !wanted->more;
    if (asked.block.more && (answer.code == kContinue || acted)) {
      asked.offset += asked.block.size();
      if (wanted && wanted->size_exponent < asked.block.size_exponent) asked.block.size_exponent = wanted->size_exponent;
      return send_part(from, peer);
    }
  }
  // RFC 7959 clause 2.9.3: a body that is too large in these blocks is begun again in smaller ones.
  if (!asked.collecting && answer.code == kTooLarge) {
    const auto wanted = block_in(answer, option::kBlock1);
    if (wanted && wanted->size_exponent < asked.block.size_exponent && asked.whole.payload.size() > wanted->size()) {
      asked.block.size_exponent = wanted->size_exponent;
      asked.offset = 0;
      return send_part(from, peer);
    }
  }
  const auto block = block_in(answer, option::kBlock2);
  if (asked.collecting) {
    if (!block || block->number != asked.block.number || answer.payload.empty() || answer.code != asked.answer.code) {
      return finish(from, peer, fail(ErrorCode::kMalformed, "not the next block"));
    }
    append(asked.answer.payload, answer.payload);
  } else {
    asked.answer = std::move(answer);
  }
  if (!block || !block->more) {
    Message whole = std::move(asked.answer);
    return finish(from, peer, std::move(whole));
  }
  if (asked.answer.payload.size() > m_limits.longest_body)
    return finish(from, peer, fail(ErrorCode::kMalformed, "the answer does not end"));
  asked.collecting = true;
  asked.block = {static_cast<std::uint32_t>(asked.answer.payload.size() >> (block->size_exponent + 4U)), false, block->size_exponent};
  send_part(from, peer);
}

void Exchanges::cancel(const PeerAddress& to, const Bytes& token) {
  const auto there = m_peers.find(to);
  if (there == m_peers.end()) return;
  Peer& peer = there->second;
  std::erase_if(peer.waiting, [&token](const auto& one) { return one->token == token; });
  if (!peer.asked || peer.asked->token != token) return;
  peer.asked.reset();
  m_asking.erase(to);
  start(to, peer);
}

void Exchanges::forget(const PeerAddress& to, const Bytes& token) {
  const auto there = m_peers.find(to);
  if (there == m_peers.end()) return;
  there->second.observed.erase(token);
}

std::uint16_t Exchanges::notify(const PeerAddress& to, const Message& request, Message notification) {
  Peer* peer = peer_at(to);
  if (peer == nullptr) return 0;
  Message out = in_blocks(to, *peer, request, std::move(notification));
  out.type = Type::kNonConfirmable;
  out.id = ++m_id;
  out.token = request.token;
  send(to, out);
  return out.id;
}

void Exchanges::drop(const PeerAddress& address) {
  const auto there = m_peers.find(address);
  if (there == m_peers.end()) return;
  std::vector<std::unique_ptr<Asked>> over;
  if (there->second.asked) over.push_back(std::move(there->second.asked));
  for (auto& one : there->second.waiting) over.push_back(std::move(one));
  m_asking.erase(address);
  erase(there);
  for (const auto& one : over) one->done(fail(ErrorCode::kIo, "the " + m_ways.peer + " is gone"));
}

void Exchanges::on_time() {
  const Instant now = m_clock.now();
  const std::vector<PeerAddress> asking(m_asking.begin(), m_asking.end());
  for (const PeerAddress& address : asking) {
    const auto there = m_peers.find(address);
    if (there == m_peers.end() || !there->second.asked || now < there->second.asked->again) continue;
    Asked& asked = *there->second.asked;
    if (asked.acknowledged || asked.times >= m_times.retransmissions) {
      finish(address, there->second,
             fail(ErrorCode::kIo, asked.acknowledged ? "the " + m_ways.peer + " acknowledged the request and never answered it"
                                                     : "no answer from the " + m_ways.peer + " to a request and " +
                                                           std::to_string(m_times.retransmissions) + " retransmissions"));
      continue;
    }
    ++asked.times;
    ++m_retransmitted;
    asked.pause *= 2;
    asked.again = now + asked.pause;
    send(address, asked.sent);
  }
  if (now < m_swept + kSweep) return;
  m_swept = now;
  for (auto one = m_peers.begin(); one != m_peers.end();) {
    const auto there = one++;
    if (there->second.idle() && now > there->second.used + kExchangeLifetime) erase(there);
  }
}

milliseconds Exchanges::wake_up() const {
  Instant first = m_clock.now() + kSweep;
  for (const PeerAddress& address : m_asking) first = std::min(first, m_peers.at(address).asked->again);
  return std::max(first - m_clock.now(), milliseconds(0));
}

}  // namespace uicclab::lwm2m::coap
