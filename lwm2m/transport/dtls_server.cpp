// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/transport/dtls_server.hpp"

#include <algorithm>
#include <cstring>
#include <deque>
#include <list>
#include <map>
#include <set>

#include "core/crypto/certificate.hpp"
#include "lwm2m/cipher_suites.hpp"
#include "lwm2m/transport/gnutls.hpp"
#include "lwm2m/validation.hpp"

namespace uicclab::lwm2m {
namespace {

using gnutls::api;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::uint8_t kHandshakeRecord = 22, kApplicationRecord = 23;
constexpr std::size_t kRecordHeader = 13;
constexpr std::size_t kMostWaiting = 16;  // datagrams of one peer that GnuTLS has not taken yet

/// One association with a peer: a handshake, then its records.
struct Association {
  DtlsServer::State* server = nullptr;
  PeerAddress address;
  gnutls::Session session;
  std::deque<Bytes> waiting;
  bool done = false;
  PeerProof proof;
  std::string refusal;  ///< what a callback found
  Bytes client_random;
  Bytes psk_digest;  ///< of the key that this handshake, or the one whose session it resumes, was given
  std::uint64_t generation = 0;
  /// Maximum fragment length of the session that is resumed (RFC 6066 clause 4), which GnuTLS does not keep with it; 0: as it says itself.
  std::size_t resumed_fragment = 0;
  Clock::time_point begun = Clock::now(), again{};
  milliseconds pause{0};
};

/// Of a ClientHello: behind the headers of record and handshake message, and the version.
Bytes random_in(BytesView hello) {
  constexpr std::size_t kBefore = kRecordHeader + 12 + 2, kRandom = 32;
  return hello.size() < kBefore + kRandom ? Bytes() : to_bytes(hello.subspan(kBefore, kRandom));
}

void release(gnutls_datum_t& key) {
  if (key.data == nullptr) return;
  crypto::wipe({key.data, key.size});
  api().free(key.data);
  key = {};
}

struct Kept {
  crypto::WipedBytes data;
  PeerProof proof;
  std::size_t fragment = 0;
  Clock::time_point until;
  std::list<Bytes>::iterator place;
};

}  // namespace

struct DtlsServer::State {
  DtlsServerOptions options;
  PeerAccounts* accounts = nullptr;
  Events events;
  gnutls::Certificates certificates;
  gnutls::PskServer psk;
  std::string priority;
  gnutls_datum_t cookie_key{}, ticket_key{};
  std::uint64_t generation = 0;  ///< of the accounts, when the key of the tickets was made

  struct Peer {
    std::unique_ptr<Association> open, shaking;
    std::list<PeerAddress>::iterator place;  ///< in `silent`
  };
  std::map<PeerAddress, Peer> peers;
  std::list<PeerAddress> silent;     ///< the one silent longest first
  std::set<PeerAddress> handshakes;  ///< peers with one that is not done
  std::map<Bytes, Kept> sessions;
  std::list<Bytes> oldest;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    release(cookie_key);
    release(ticket_key);
  }

  void renew_tickets();
  void prove_by_ticket(Association& one);
  void advance(Peer& peer, Association& one);
  void take_messages(const PeerAddress& from, Association& one);
  void begin(const PeerAddress& from, gnutls_dtls_prestate_st& prestate, BytesView datagram);
  void drop_handshake(const PeerAddress& address, const std::string& reason);
  void drop(const PeerAddress& address, bool say_goodbye);
  Peer& peer_at(const PeerAddress& address);
};

namespace {

using State = DtlsServer::State;

Association& association(gnutls_transport_ptr_t pointer) {
  return *static_cast<Association*>(pointer);
}

ssize_t push(gnutls_transport_ptr_t pointer, const void* data, size_t size) {
  Association& one = association(pointer);
  one.server->events.send(one.address, {static_cast<const std::uint8_t*>(data), size});
  return static_cast<ssize_t>(size);
}

ssize_t pull(gnutls_transport_ptr_t pointer, void* data, size_t size) {
  Association& one = association(pointer);
  if (one.waiting.empty()) {
    api().transport_set_errno(one.session.get(), EAGAIN);
    return -1;
  }
  const Bytes first = std::move(one.waiting.front());
  one.waiting.pop_front();
  const std::size_t taken = std::min(size, first.size());
  std::memcpy(data, first.data(), taken);
  return static_cast<ssize_t>(taken);
}

int pull_timeout(gnutls_transport_ptr_t pointer, unsigned) {
  return association(pointer).waiting.empty() ? 0 : 1;
}

struct CookieTarget {
  State* state;
  const PeerAddress* address;
};

ssize_t push_cookie(gnutls_transport_ptr_t pointer, const void* data, size_t size) {
  const auto& target = *static_cast<CookieTarget*>(pointer);
  target.state->events.send(*target.address, {static_cast<const std::uint8_t*>(data), size});
  return static_cast<ssize_t>(size);
}

bool is_psk(gnutls_session_t session) {
  const auto exchange = api().kx_get(session);
  return exchange == GNUTLS_KX_PSK || exchange == GNUTLS_KX_ECDHE_PSK;
}

/// LwM2M 1.0 clause 7.1.7, UDP channel CR clause 7.1: a secret that can be guessed only behind a key agreement.
int give_psk(gnutls_session_t session, const gnutls_datum_t* name, gnutls_datum_t* key) {
  Association& one = *static_cast<Association*>(api().session_get_ptr(session));
  auto secret = one.server->accounts->psk(gnutls::view(*name));
  if (!secret) {
    // RFC 4279 clause 2: the answer does not show whether the identity or the key is wrong.
    one.refusal = "unknown PSK identity";
    secret = crypto::SecretBytes::make(16, [](std::span<std::uint8_t> out) { api().rnd(GNUTLS_RND_KEY, out.data(), out.size()); });
  }
  one.psk_digest = psk_digest(*secret);
  const BytesView bytes = secret->expose(crypto::ExposeSecret{"the handshake's pre-shared key"});
  if (one.refusal.empty() && api().kx_get(session) == GNUTLS_KX_PSK && is_low_entropy(bytes)) {
    one.refusal = "a secret that can be guessed, in a suite without a key agreement";
    return -1;
  }
  key->data = static_cast<unsigned char*>(api().malloc(bytes.size()));
  if (key->data == nullptr) return -1;
  std::ranges::copy(bytes, key->data);
  key->size = static_cast<unsigned>(bytes.size());
  return 0;
}

PeerProof proof_of(const Association& one) {
  gnutls_session_t session = one.session.get();
  PeerProof out;
  if (is_psk(session)) {
    out.mode = SecurityMode::kPsk;
    out.psk_digest = one.psk_digest;
    gnutls_datum_t name{};
    if (const char* text = api().psk_server_get_username(session); text != nullptr) {
      out.psk_identity = to_bytes(as_bytes(text));
    } else if (api().psk_server_get_username2(session, &name) == 0) {
      out.psk_identity = to_bytes(gnutls::view(name));
    }
    return out;
  }
  auto shown = gnutls::shown_by_peer(session);
  if (api().certificate_type_get2(session, GNUTLS_CTYPE_CLIENT) == GNUTLS_CRT_RAWPK) {
    out.mode = SecurityMode::kRawPublicKey;
    if (!shown.empty()) out.public_key = std::move(shown[0]);
  } else {
    out.mode = SecurityMode::kCertificate;
    out.certificates = std::move(shown);
  }
  return out;
}

int verify_client(gnutls_session_t session) {
  Association& one = *static_cast<Association*>(api().session_get_ptr(session));
  try {
    const PeerProof proof = proof_of(one);
    const Bytes& own = one.server->options.public_key;
    const bool same_pair = !own.empty() && proof.public_key == own;  // UDP channel CR clause 7.1.2
    const auto good =
        same_pair ? fail(ErrorCode::kRefused, "client and server have the same key pair") : one.server->accounts->judge(proof);
    if (good) return 0;
    one.refusal = good.error().text;
  } catch (const std::exception& error) {  // none may leave through GnuTLS
    one.refusal = error.what();
  }
  return GNUTLS_E_CERTIFICATE_ERROR;
}

/// GnuTLS cuts handshake messages by the MTU alone; a ticket or a certificate must keep to the fragment length as well (RFC 6066 clause 4).
int after_client_hello(gnutls_session_t session, unsigned, unsigned, unsigned, const gnutls_datum_t*) {
  const std::size_t fragment = api().record_get_max_size(session);
  api().dtls_set_mtu(session, static_cast<unsigned>(std::min<std::size_t>(fragment + kRecordHeader, gnutls::kMtu)));
  return 0;
}

int keep_session(void* pointer, gnutls_datum_t key, gnutls_datum_t data) {
  const Association& one = *static_cast<Association*>(pointer);
  State& state = *one.server;
  const Bytes id = to_bytes(gnutls::view(key));
  if (const auto there = state.sessions.find(id); there != state.sessions.end()) {
    state.oldest.erase(there->second.place);
    state.sessions.erase(there);
  }
  if (state.sessions.size() >= state.options.most_sessions && !state.oldest.empty()) {
    state.sessions.erase(state.oldest.front());
    state.oldest.pop_front();
  }
  state.oldest.push_back(id);
  const std::size_t fragment = one.resumed_fragment != 0 ? one.resumed_fragment : api().record_get_max_size(one.session.get());
  state.sessions[id] = {crypto::to_wiped(gnutls::view(data)), proof_of(one), fragment, Clock::now() + state.options.longest_session,
                        std::prev(state.oldest.end())};
  return 0;
}

gnutls_datum_t find_session(void* pointer, gnutls_datum_t key) {
  Association& one = *static_cast<Association*>(pointer);
  State& state = *one.server;
  const auto there = state.sessions.find(to_bytes(gnutls::view(key)));
  if (there == state.sessions.end() || there->second.until < Clock::now()) return {};
  if (!state.accounts->judge(there->second.proof)) return {};  // a full handshake says what is wrong
  gnutls_datum_t out{static_cast<unsigned char*>(api().malloc(there->second.data.size())), 0};
  if (out.data == nullptr) return out;
  std::ranges::copy(there->second.data, out.data);
  one.resumed_fragment = there->second.fragment;
  one.psk_digest = there->second.proof.psk_digest;
  out.size = static_cast<unsigned>(there->second.data.size());
  return out;
}

int forget_session(void* pointer, gnutls_datum_t key) {
  State& state = *static_cast<Association*>(pointer)->server;
  const auto there = state.sessions.find(to_bytes(gnutls::view(key)));
  if (there == state.sessions.end()) return GNUTLS_E_DB_ERROR;
  state.oldest.erase(there->second.place);
  state.sessions.erase(there);
  return 0;
}

void use_keys(State& state) {
  const DtlsServerOptions& options = state.options;
  gnutls_certificate_credentials_t certificates = nullptr;
  gnutls::check(api().certificate_allocate_credentials(&certificates), "credentials");
  state.certificates.reset(certificates);
  gnutls_psk_server_credentials_t psk = nullptr;
  gnutls::check(api().psk_allocate_server_credentials(&psk), "credentials");
  state.psk.reset(psk);
  api().psk_set_server_credentials_function2(psk, give_psk);
  state.priority = std::string(gnutls::kCommon) + ":+AES-128-CCM-8:+AES-128-CBC:+AEAD:+SHA256:+PSK:+ECDHE-PSK";
  if (!options.public_key.empty() || !options.chain.empty()) state.priority += ":+ECDHE-ECDSA";
  if (!options.chain.empty()) {
    std::vector<gnutls_x509_crt_t> chain;
    gnutls_x509_privkey_t key = nullptr;
    gnutls::check(api().x509_privkey_init(&key), "private key");
    const gnutls_datum_t secret = gnutls::datum(options.private_key);
    int code = api().x509_privkey_import2(key, &secret, GNUTLS_X509_FMT_DER, nullptr, 0);
    for (const Bytes& der : options.chain) {
      gnutls_x509_crt_t one = nullptr;
      if (code >= 0) code = api().x509_crt_init(&one);
      if (code < 0) break;
      chain.push_back(one);
      const gnutls_datum_t bytes = gnutls::datum(der);
      code = api().x509_crt_import(one, &bytes, GNUTLS_X509_FMT_DER);
    }
    if (code >= 0) code = api().certificate_set_x509_key(certificates, chain.data(), static_cast<int>(chain.size()), key);
    for (gnutls_x509_crt_t one : chain) api().x509_crt_deinit(one);
    api().x509_privkey_deinit(key);
    gnutls::check(code, "the server's certificate and private key");
    state.priority += ":+CTYPE-CLI-X509:+CTYPE-SRV-X509";
  }
  if (!options.public_key.empty()) {
    const gnutls_datum_t own = gnutls::datum(options.public_key);
    const gnutls_datum_t secret = gnutls::datum(options.raw_private);
    gnutls::check(api().certificate_set_rawpk_key_mem(certificates, &own, &secret, GNUTLS_X509_FMT_DER, nullptr, 0, nullptr, 0, 0),
                  "the server's raw public key");
    state.priority += ":+CTYPE-CLI-RAWPK:+CTYPE-SRV-RAWPK";
  }
  state.priority += ":%SERVER_PRECEDENCE";
}

constexpr bool is_again(int code) {
  return code == GNUTLS_E_AGAIN || code == GNUTLS_E_INTERRUPTED;
}

}  // namespace

DtlsServer::DtlsServer(DtlsServerOptions options, PeerAccounts& accounts, Events events) : m_state(std::make_unique<State>()) {
  m_state->options = std::move(options);
  m_state->accounts = &accounts;
  m_state->events = std::move(events);
  gnutls::check(api().key_generate(&m_state->cookie_key, GNUTLS_COOKIE_KEY_SIZE), "cookie key");
  m_state->renew_tickets();
  use_keys(*m_state);
}

DtlsServer::~DtlsServer() {
  for (auto& [address, peer] : m_state->peers) {
    if (peer.open) api().bye(peer.open->session.get(), GNUTLS_SHUT_WR);
  }
}

/// A ticket says who its holder is, not with which key that was proved: when one was replaced, none is taken any more.
void State::renew_tickets() {
  const std::uint64_t now = accounts->generation();
  if (ticket_key.data != nullptr && now == generation) return;
  generation = now;
  release(ticket_key);
  gnutls::check(api().session_ticket_key_generate(&ticket_key), "ticket key");
}

/// A ticket that was taken is one of the keys that the accounts have, unless one was replaced within its handshake.
void State::prove_by_ticket(Association& one) {
  const auto key = one.generation == accounts->generation() ? accounts->psk(one.proof.psk_identity) : std::nullopt;
  if (key) one.proof.psk_digest = psk_digest(*key);
}

State::Peer& State::peer_at(const PeerAddress& address) {
  const auto there = peers.find(address);
  if (there != peers.end()) {
    silent.splice(silent.end(), silent, there->second.place);
    return there->second;
  }
  if (peers.size() >= options.most_peers && !silent.empty()) drop(PeerAddress(silent.front()), true);
  silent.push_back(address);
  Peer& peer = peers[address];
  peer.place = std::prev(silent.end());
  return peer;
}

void State::drop(const PeerAddress& address, bool say_goodbye) {
  const auto there = peers.find(address);
  if (there == peers.end()) return;
  handshakes.erase(address);
  const bool was_open = there->second.open != nullptr;
  if (was_open && say_goodbye) api().bye(there->second.open->session.get(), GNUTLS_SHUT_WR);
  silent.erase(there->second.place);
  peers.erase(there);
  if (was_open) events.closed(address);
}

void State::drop_handshake(const PeerAddress& address, const std::string& reason) {
  const auto there = peers.find(address);
  if (there == peers.end() || !there->second.shaking) return;
  there->second.shaking.reset();
  handshakes.erase(address);
  if (!there->second.open) {
    silent.erase(there->second.place);
    peers.erase(there);
  }
  if (!reason.empty()) events.refused(address, reason);
}

/// A client that proved its address begins (RFC 6347 clause 4.2.8: what it had before lasts until the new handshake is done).
void State::begin(const PeerAddress& from, gnutls_dtls_prestate_st& prestate, BytesView datagram) {
  if (handshakes.size() >= options.most_handshakes && !handshakes.empty()) {
    const auto first = std::ranges::min_element(handshakes, {}, [this](const PeerAddress& one) { return peers.at(one).shaking->begun; });
    drop_handshake(PeerAddress(*first), "too many handshakes that are not finished");
  }
  auto one = std::make_unique<Association>();
  one->server = this;
  one->address = from;
  one->client_random = random_in(datagram);
  renew_tickets();
  one->generation = generation;
  gnutls_session_t session = nullptr;
  gnutls::check(api().init(&session, GNUTLS_SERVER | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK | GNUTLS_ENABLE_RAWPK), "session");
  one->session.reset(session);
  gnutls::check(api().priority_set_direct(session, priority.c_str(), nullptr), "priorities");
  gnutls::check(api().credentials_set(session, GNUTLS_CRD_CERTIFICATE, certificates.get()), "credentials");
  gnutls::check(api().credentials_set(session, GNUTLS_CRD_PSK, psk.get()), "credentials");
  api().certificate_server_set_request(session, GNUTLS_CERT_REQUIRE);
  api().session_set_ptr(session, one.get());
  api().session_set_verify_function(session, verify_client);
  api().transport_set_ptr(session, one.get());
  api().transport_set_push_function(session, push);
  api().transport_set_pull_function(session, pull);
  api().transport_set_pull_timeout_function(session, pull_timeout);
  api().handshake_set_hook_function(session, GNUTLS_HANDSHAKE_CLIENT_HELLO, GNUTLS_HOOK_POST, after_client_hello);
  api().dtls_prestate_set(session, &prestate);
  api().dtls_set_mtu(session, gnutls::kMtu);
  api().dtls_set_timeouts(session, static_cast<unsigned>(options.times.first.count()),
                          static_cast<unsigned>(options.times.give_up.count()));
  api().db_set_ptr(session, one.get());
  api().db_set_store_function(session, keep_session);
  api().db_set_retrieve_function(session, find_session);
  api().db_set_remove_function(session, forget_session);
  api().db_set_cache_expiration(session, static_cast<int>(std::chrono::seconds(options.longest_session).count()));
  if (options.tickets) gnutls::check(api().session_ticket_enable_server(session, &ticket_key), "tickets");
  one->waiting.push_back(to_bytes(datagram));
  one->pause = options.times.next(milliseconds(0));
  one->again = Clock::now() + one->pause;
  Peer& peer = peer_at(from);
  handshakes.insert(from);
  peer.shaking = std::move(one);
  advance(peer, *peer.shaking);
}

void State::advance(Peer& peer, Association& one) {
  const PeerAddress address = one.address;
  int code = 0;
  do {
    code = api().handshake(one.session.get());
  } while (code < 0 && is_again(code) && !one.waiting.empty());
  if (code < 0) {
    if (api().error_is_fatal(code) == 0) return;
    const std::string reason = !one.refusal.empty() ? one.refusal : api().strerror(code);
    events.refused(address, reason);  // before the peer can know it
    api().alert_send_appropriate(one.session.get(), code);
    return drop_handshake(address, {});
  }
  api().dtls_set_mtu(one.session.get(), gnutls::kMtu);
  DtlsSummary summary = gnutls::summary_of(one.session.get());
  one.proof = proof_of(one);
  if (summary.resumed && is_psk(one.session.get()) && one.psk_digest.empty()) prove_by_ticket(one);
  if (!summary.resumed) one.resumed_fragment = 0;
  if (one.resumed_fragment != 0 && one.resumed_fragment <= 4096) summary.max_fragment = static_cast<std::uint16_t>(one.resumed_fragment);
  // verify_client() has asked about certificates and raw keys, unless the session was resumed; about a pre-shared key nobody has.
  const bool asked = !summary.resumed && !is_psk(one.session.get());
  if (const auto good = asked ? Result<void>() : accounts->judge(one.proof); !good) {
    events.refused(address, good.error().text);
    api().alert_send(one.session.get(), GNUTLS_AL_FATAL, GNUTLS_A_ACCESS_DENIED);
    return drop_handshake(address, {});
  }
  const bool was_open = peer.open != nullptr;
  one.done = true;
  peer.open = std::move(peer.shaking);
  handshakes.erase(address);
  if (was_open) events.closed(address);
  events.connected(address, one.proof, summary);
  take_messages(address, one);
}

void State::take_messages(const PeerAddress& from, Association& one) {
  Bytes message(gnutls::kRecord);
  while (true) {
    const auto size = api().record_recv(one.session.get(), message.data(), message.size());
    if (size > 0) {
      const PeerProof proof = one.proof;  // the handler may close the connection
      events.message(from, proof, BytesView(message).first(static_cast<std::size_t>(size)));
      const auto there = peers.find(from);
      if (there == peers.end() || there->second.open.get() != &one) return;
      continue;
    }
    const int code = static_cast<int>(size);
    if (size == 0 || (api().error_is_fatal(code) != 0 && !is_again(code))) return drop(from, false);
    if (code == GNUTLS_E_REHANDSHAKE) api().alert_send(one.session.get(), GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
    if (is_again(code) && one.waiting.empty()) return;
  }
}

void DtlsServer::receive(const PeerAddress& from, BytesView datagram) {
  if (datagram.size() < kRecordHeader) return;
  const auto there = m_state->peers.find(from);
  const bool known = there != m_state->peers.end();
  const std::uint8_t type = datagram[0];
  const bool first_epoch = datagram[3] == 0 && datagram[4] == 0;
  constexpr std::uint8_t kClientHello = 1;
  if (type == kHandshakeRecord && first_epoch && datagram.size() > kRecordHeader && datagram[kRecordHeader] == kClientHello) {
    gnutls_dtls_prestate_st prestate{};
    const Bytes copy = to_bytes(datagram);  // GnuTLS takes it as not constant
    Bytes address = from.bytes;
    const bool proven = api().dtls_cookie_verify(&m_state->cookie_key, address.data(), address.size(),
                                                 const_cast<std::uint8_t*>(copy.data()),  // NOLINT(cppcoreguidelines-pro-type-const-cast)
                                                 copy.size(), &prestate) >= 0;
    // The same ClientHello again is one that was retransmitted; another one is of a client that gave up, or was restarted.
    const bool repeated = known && there->second.shaking != nullptr && there->second.shaking->client_random == random_in(datagram);
    if (!proven) {
      CookieTarget target{m_state.get(), &from};
      api().dtls_cookie_send(&m_state->cookie_key, address.data(), address.size(), &prestate, &target, push_cookie);
      return;
    }
    if (!repeated) return m_state->begin(from, prestate, datagram);
  }
  if (!known) return;
  State::Peer& peer = m_state->peer_at(from);
  // Records of the new handshake and of the connection before it are distinguished by their type: data belongs to the open connection.
  const bool for_open = peer.open != nullptr && (peer.shaking == nullptr || type == kApplicationRecord);
  Association& one = for_open ? *peer.open : *peer.shaking;
  if (one.waiting.size() >= kMostWaiting) return;
  one.waiting.push_back(to_bytes(datagram));
  if (one.done) {
    m_state->take_messages(from, one);
  } else {
    m_state->advance(peer, one);
  }
}

Result<void> DtlsServer::send(const PeerAddress& to, BytesView message) {
  const auto there = m_state->peers.find(to);
  if (there == m_state->peers.end() || !there->second.open) return fail(ErrorCode::kNotFound, "the peer has no DTLS connection");
  if (message.size() > room(to)) return fail(ErrorCode::kRange, "a message longer than the fragment length");
  const auto sent = api().record_send(there->second.open->session.get(), message.data(), message.size());
  if (sent < 0) return fail(ErrorCode::kIo, std::string("DTLS, sending: ") + api().strerror(static_cast<int>(sent)));
  return {};
}

std::size_t DtlsServer::room(const PeerAddress& peer) const {
  const auto there = m_state->peers.find(peer);
  if (there == m_state->peers.end() || !there->second.open) return 0;
  const Association& one = *there->second.open;
  gnutls_session_t session = one.session.get();
  const std::size_t fragment = one.resumed_fragment != 0 ? one.resumed_fragment : api().record_get_max_size(session);
  return std::min<std::size_t>(api().dtls_get_data_mtu(session), fragment);
}

void DtlsServer::close(const PeerAddress& peer) {
  m_state->drop(peer, true);
}

void DtlsServer::on_time() {
  const auto now = Clock::now();
  std::vector<PeerAddress> due;
  for (const PeerAddress& address : m_state->handshakes) {
    const Association& one = *m_state->peers.at(address).shaking;
    if (now >= one.again || now - one.begun >= m_state->options.times.give_up) due.push_back(address);
  }
  for (const PeerAddress& address : due) {
    const auto there = m_state->peers.find(address);
    if (there == m_state->peers.end() || !there->second.shaking) continue;
    Association& one = *there->second.shaking;
    if (now - one.begun >= m_state->options.times.give_up) {
      m_state->drop_handshake(address, "the client did not finish its handshake");
      continue;
    }
    one.pause = m_state->options.times.next(one.pause);
    one.again = now + one.pause;
    m_state->advance(there->second, one);
  }
}

milliseconds DtlsServer::wake_up() const {
  auto first = Clock::now() + std::chrono::hours(1);
  for (const PeerAddress& address : m_state->handshakes) {
    const Association& one = *m_state->peers.at(address).shaking;
    first = std::min({first, one.again, one.begun + m_state->options.times.give_up});
  }
  return std::max(std::chrono::ceil<milliseconds>(first - Clock::now()), milliseconds(0));
}

std::size_t DtlsServer::peers() const {
  return m_state->peers.size();
}

}  // namespace uicclab::lwm2m
