// SPDX-License-Identifier: Apache-2.0
// CoAP with many peers at once, without a socket: requests of peers are answered, requests to peers are followed to their response.
// RFC 7252 clauses 4.2 to 4.5 (reliability, duplicates), 4.7 (one outstanding request for each peer), 5.4 (options); RFC 7959 (blocks in
// both directions); RFC 7641 (observations).
#pragma once

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <set>

#include "core/environment.hpp"
#include "lwm2m/transport/coap.hpp"
#include "lwm2m/transport/peer.hpp"

namespace uicclab::lwm2m::coap {

/// RFC 7252 clause 4.8.
struct Times {
  std::chrono::milliseconds acknowledgement{2000};  ///< ACK_TIMEOUT; times 1 to 1.5, and doubled each time
  unsigned retransmissions = 4;                     ///< MAX_RETRANSMIT
  std::chrono::milliseconds separate_response{
      93000};  ///< EXCHANGE_LIFETIME's share: how long a response may come after its acknowledgement
};

struct ExchangeLimits {
  std::size_t most_peers = 100'000;                   ///< beyond, one that was silent long and has nothing underway goes
  std::size_t most_bodies = 256;                      ///< put together of blocks at one time; beyond, the one begun first goes
  std::size_t longest_body = std::size_t{64} * 1024;  ///< of blocks put together
  std::size_t most_waiting = 32;                      ///< requests that wait for their turn at one peer
};

class Exchanges {
 public:
  /// Answers a request whose blocks are together; type, identifier and token are filled in.
  using Handler = std::function<Message(const PeerAddress& from, const PeerProof& proof, const Message& request)>;
  /// The response with its blocks together. Errors: kIo (no answer), kRefused (Reset, an unknown critical option), kMalformed.
  using Done = std::function<void(Result<Message>)>;
  struct Ways {
    std::function<void(const PeerAddress& to, BytesView datagram)> send;
    /// Bytes of a message that one datagram to this peer takes.
    std::function<std::size_t(const PeerAddress& to)> room;
    Handler answer;
    /// A notification with this identifier was answered with Reset; may be empty.
    std::function<void(const PeerAddress& from, std::uint16_t id)> reset = {};
    std::string peer = "device";  ///< what errors call the other end
  };
  /// All outlive this object.
  Exchanges(const Clock& clock, Random& random, Ways ways, Times times = {}, ExchangeLimits limits = {});

  void receive(const PeerAddress& from, const PeerProof& proof, BytesView datagram);
  /// Asks; `done` is called once, from receive() or on_time(). A payload over a block goes in blocks. The token, which names an
  /// observation.
  Bytes request(const PeerAddress& to, Message message, Done done);
  /// As request() for a GET with Observe 0; `notified` gets each later notification, whose blocks are fetched.
  Bytes observe(const PeerAddress& to, Message message, Done done, std::function<void(const Message&)> notified);
  /// The request with this token is over, and its `done` is not called. A response that comes all the same is nobody's.
  void cancel(const PeerAddress& to, const Bytes& token);
  /// The next notification is answered with Reset (RFC 7641 clause 3.6).
  void forget(const PeerAddress& to, const Bytes& token);
  /// A notification for an observation that `request` began (RFC 7641 clause 4.2), not confirmable; one over a block goes as its first
  /// block, and the peer fetches the others. Its identifier.
  std::uint16_t notify(const PeerAddress& to, const Message& request, Message notification);
  /// What is underway with this peer ends with kIo.
  void drop(const PeerAddress& peer);

  /// Retransmits what is due and gives up what is over.
  void on_time();
  std::chrono::milliseconds wake_up() const;
  unsigned retransmitted() const { return m_retransmitted; }
  std::size_t peers() const { return m_peers.size(); }

 private:
  using Instant = std::chrono::milliseconds;
  struct Asked {
    PeerAddress to;
    Message whole;  ///< with all of its payload
    Message sent;   ///< the block that is underway
    Bytes token;
    Done done;
    std::function<void(const Message&)> notified;
    Block block;
    std::size_t offset = 0;
    Message answer;  ///< blocks so far
    bool collecting = false;
    Instant again{0}, pause{0};
    unsigned times = 0;
    bool acknowledged = false;
  };
  struct Answered {
    std::uint16_t id;
    Bytes answer;
    Instant until;
  };
  struct Incoming {  ///< blocks of a request
    std::string key;
    Bytes body;
  };
  struct Large {  ///< a response that goes in blocks
    std::string key;
    Message whole;
    Instant until{0};
  };
  struct Observed {
    std::function<void(const Message&)> notified;
    Message request;  ///< for the blocks of a notification
    std::uint32_t number = 0;
    Instant at{0};
  };
  struct Peer {
    std::deque<Answered> answered;
    std::vector<std::uint16_t> acknowledged;  ///< confirmable responses, by their identifiers
    std::unique_ptr<Incoming> incoming;
    std::unique_ptr<Large> large;
    std::unique_ptr<Asked> asked;
    std::deque<std::unique_ptr<Asked>> waiting;
    std::map<Bytes, Observed> observed;
    Instant used{0};
    std::list<PeerAddress>::iterator place;  ///< in m_silent

    bool idle() const { return !asked && waiting.empty() && observed.empty(); }
  };

  Peer* peer_at(const PeerAddress& address);
  bool make_room();
  void erase(std::map<PeerAddress, Peer>::iterator peer);
  void end_body(const PeerAddress& from, Peer& peer);
  void on_request(const PeerAddress& from, const PeerProof& proof, Peer& peer, const Message& request);
  Message answer(const PeerAddress& from, const PeerProof& proof, Peer& peer, Message request);
  Message in_blocks(const PeerAddress& to, Peer& peer, const Message& request, Message whole);
  void on_response(const PeerAddress& from, Peer& peer, const Message& message);
  void on_notification(const PeerAddress& from, Peer& peer, const Message& message);
  void take(const PeerAddress& from, Peer& peer, Message answer);
  void start(const PeerAddress& to, Peer& peer);
  void send_part(const PeerAddress& to, Peer& peer);
  void finish(const PeerAddress& to, Peer& peer, Result<Message> result);
  void send(const PeerAddress& to, const Message& message) { m_ways.send(to, encode(message)); }
  std::uint8_t block_exponent(const PeerAddress& to, const Message& message) const;
  Bytes new_token();

  const Clock& m_clock;
  Random& m_random;
  Ways m_ways;
  Times m_times;
  ExchangeLimits m_limits;
  std::uint16_t m_id = 0;
  std::map<PeerAddress, Peer> m_peers;
  std::list<PeerAddress> m_silent;   ///< the one silent longest first
  std::deque<PeerAddress> m_bodies;  ///< peers with an incoming body, the one begun first in front
  std::set<PeerAddress> m_asking;    ///< peers with a request underway
  Instant m_swept{0};
  unsigned m_retransmitted = 0;
};

}  // namespace uicclab::lwm2m::coap
