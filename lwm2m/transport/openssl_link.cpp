// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstring>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "core/crypto/error.hpp"
#include "core/crypto/openssl.hpp"
#include "lwm2m/transport/dtls_links.hpp"

namespace uicclab::lwm2m {
namespace {

using std::chrono::milliseconds;

constexpr long kMtu = 1280;  // what every path of IPv6 takes
constexpr long kRecordHeader = 13;
constexpr std::size_t kRecord = 16384;   // of plain data, without a fragment length
constexpr std::size_t kLongestPsk = 64;  // appendix E.1.1: what a client supports

struct Free : crypto::FreeOpenssl {
  using crypto::FreeOpenssl::operator();
  void operator()(SSL* p) const { SSL_free(p); }
  void operator()(SSL_CTX* p) const { SSL_CTX_free(p); }
  void operator()(SSL_SESSION* p) const { SSL_SESSION_free(p); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

struct State {
  std::unique_ptr<UdpLink> socket;
  DtlsOptions options;
  KeptSession kept;  ///< its certificates are those of the handshake that is running, if that shows any
  Owned<SSL_CTX> context;
  Owned<SSL> ssl;
  DtlsSummary summary;
  std::optional<Error> trouble;  ///< what a callback found
};

State& state_of(SSL* ssl) {
  return *static_cast<State*>(SSL_get_app_data(ssl));
}

unsigned give_psk(SSL* ssl, const char*, char* identity, unsigned identity_room, unsigned char* psk, unsigned psk_room) {
  const DtlsOptions& options = state_of(ssl).options;
  if (options.psk_identity.size() + 1 > identity_room || options.psk.size() > psk_room) return 0;
  std::memcpy(identity, options.psk_identity.c_str(), options.psk_identity.size() + 1);
  const BytesView key = options.psk.expose(crypto::ExposeSecret{"the handshake's pre-shared key"});
  std::ranges::copy(key, psk);
  return static_cast<unsigned>(key.size());
}

/// OpenSSL cuts handshake messages by the MTU alone: with a longer one the device's own certificate would go in records over the fragment
/// length that was just agreed, which GnuTLS refuses (RFC 6066 clause 4). The ClientHello before it stays whole.
void after_server_hello(const SSL* ssl, int where, int) {
  if ((where & SSL_CB_LOOP) == 0 || SSL_get_state(ssl) != TLS_ST_CR_SRVR_HELLO) return;
  auto* changing = const_cast<SSL*>(ssl);  // NOLINT(cppcoreguidelines-pro-type-const-cast): what a callback is given
  const long fragment = state_of(changing).options.max_fragment;
  if (fragment != 0) SSL_set_mtu(changing, std::min(fragment + kRecordHeader, kMtu));
}

/// In microseconds, as OpenSSL wants it.
unsigned next_timeout(SSL* ssl, unsigned before) {
  const auto next = state_of(ssl).options.times.next(milliseconds(before / 1000));
  return static_cast<unsigned>(std::chrono::microseconds(next).count());
}

int judge_server(X509_STORE_CTX* store, void*) {
  auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  State& state = state_of(ssl);
  std::vector<Bytes> chain;
  const auto add = [&chain](X509* one) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(one, &der);
    if (size > 0) chain.emplace_back(der, der + size);
    OPENSSL_free(der);
  };
  X509* leaf = X509_STORE_CTX_get0_cert(store);
  if (leaf != nullptr) add(leaf);
  const STACK_OF(X509)* sent = X509_STORE_CTX_get0_untrusted(store);
  for (int i = 0; i < sk_X509_num(sent); ++i) {
    X509* one = sk_X509_value(sent, i);
    if (leaf == nullptr || X509_cmp(one, leaf) != 0) add(one);
  }
  try {
    state.kept.chain = chain;
    const auto good = state.options.trust ? check_server(chain, *state.options.trust) : fail(ErrorCode::kRefused, "no server certificate");
    if (good) return 1;
    state.trouble = good.error();
  } catch (const std::exception& error) {  // none may leave through OpenSSL
    state.trouble = Error{ErrorCode::kRefused, error.what()};
  }
  X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
  return 0;
}

Result<std::string> suite_names(SSL* ssl, const std::vector<std::uint16_t>& suites) {
  std::string names;
  for (const std::uint16_t id : suites) {
    const std::array<unsigned char, 2> bytes{static_cast<unsigned char>(id >> 8), static_cast<unsigned char>(id)};
    const SSL_CIPHER* cipher = SSL_CIPHER_find(ssl, bytes.data());
    if (cipher != nullptr) names += (names.empty() ? "" : ":") + std::string(SSL_CIPHER_get_name(cipher));
  }
  if (names.empty()) return fail(ErrorCode::kUnsupported, "OpenSSL supports none of the cipher suites");
  return names;
}

Result<void> use_certificate(State& state) {
  const unsigned char* at = state.options.certificate.data();
  const Owned<X509> certificate(d2i_X509(nullptr, &at, static_cast<long>(state.options.certificate.size())));
  at = state.options.private_key.data();
  const Owned<EVP_PKEY> key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(state.options.private_key.size())));
  const bool good = certificate && key && SSL_CTX_use_certificate(state.context.get(), certificate.get()) == 1 &&
                    SSL_CTX_use_PrivateKey(state.context.get(), key.get()) == 1;
  ERR_clear_error();
  if (!good) return fail(ErrorCode::kMalformed, "the device's certificate and private key cannot be used together");
  return {};
}

/// RFC 7925: what the suites do not need is not offered. OpenSSL cannot leave out the signature algorithms; one is their shortest list.
void trim_extensions(SSL_CTX* context, const std::vector<std::uint16_t>& suites) {
  const auto uses_cbc = [](std::uint16_t id) { return id == 0x00AE || id == 0xC037 || id == 0xC023; };
  if (std::ranges::none_of(suites, uses_cbc)) SSL_CTX_set_options(context, SSL_OP_NO_ENCRYPT_THEN_MAC);
  const auto uses_certificates = [](std::uint16_t id) { return id == 0xC0AE || id == 0xC023; };
  if (std::ranges::none_of(suites, uses_certificates)) SSL_CTX_set1_sigalgs_list(context, "ECDSA+SHA256");
  SSL_CTX_set1_groups_list(context, "P-256");
}

Result<void> prepare(State& state) {
  DtlsOptions& options = state.options;
  if (options.psk_identity.find('\0') != std::string::npos) {
    return fail(ErrorCode::kUnsupported, "a PSK identity with a byte 00, which OpenSSL cannot send");
  }
  if (options.psk_identity.size() > PSK_MAX_IDENTITY_LEN) return fail(ErrorCode::kRange, "a PSK identity over 256 bytes");
  if (options.psk.size() > kLongestPsk) return fail(ErrorCode::kRange, "a pre-shared key over 64 bytes");
  state.context.reset(SSL_CTX_new(DTLS_client_method()));
  SSL_CTX* context = state.context.get();
  if (context == nullptr || SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) != 1 ||
      SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION) != 1) {
    crypto::throw_openssl_error("SSL_CTX_new");
  }
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_QUERY_MTU | SSL_OP_CIPHER_SERVER_PREFERENCE);
  if (!options.tickets) SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  trim_extensions(context, options.suites);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT);
  constexpr std::array<std::uint16_t, 4> kFragments{512, 1024, 2048, 4096};
  if (const auto fragment = std::ranges::find(kFragments, options.max_fragment); fragment != kFragments.end()) {
    SSL_CTX_set_tlsext_max_fragment_length(context, static_cast<std::uint8_t>(fragment - kFragments.begin() + 1));
  } else if (options.max_fragment != 0) {
    return fail(ErrorCode::kRange, "a maximum fragment length is 512, 1024, 2048 or 4096");
  }
  if (!options.psk.empty()) SSL_CTX_set_psk_client_callback(context, give_psk);
  if (options.trust) {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_cert_verify_callback(context, judge_server, nullptr);
  }
  if (!options.certificate.empty()) {
    if (const auto used = use_certificate(state); !used) return used;
  }
  state.ssl.reset(SSL_new(context));
  SSL* ssl = state.ssl.get();
  if (ssl == nullptr) crypto::throw_openssl_error("SSL_new");
  const auto names = suite_names(ssl, options.suites);
  if (!names) return tl::unexpected(names.error());
  if (SSL_set_cipher_list(ssl, names->c_str()) != 1) crypto::throw_openssl_error("SSL_set_cipher_list");
  if (!options.server_name.empty()) SSL_set_tlsext_host_name(ssl, options.server_name.c_str());
  SSL_set_app_data(ssl, &state);
  DTLS_set_timer_cb(ssl, next_timeout);
  DTLS_set_link_mtu(ssl, kMtu);
  SSL_set_info_callback(ssl, after_server_hello);
  BIO* bio = BIO_new_dgram(state.socket->descriptor(), BIO_NOCLOSE);
  if (bio == nullptr) crypto::throw_openssl_error("BIO_new_dgram");
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (getpeername(state.socket->descriptor(), reinterpret_cast<sockaddr*>(&peer), &size) != 0) throw SystemError("getpeername");
  BIO_ctrl(bio, BIO_CTRL_DGRAM_SET_CONNECTED, 0, &peer);
  SSL_set_bio(ssl, bio, bio);
  if (const auto& kept = state.kept.session; !kept.empty()) {
    const unsigned char* at = kept.data();
    const Owned<SSL_SESSION> session(d2i_SSL_SESSION(nullptr, &at, static_cast<long>(kept.size())));
    if (session) SSL_set_session(ssl, session.get());  // one that cannot be read: a full handshake
    ERR_clear_error();
  }
  return {};
}

/// Why a call of OpenSSL failed, in words without secrets.
Error reason_of(State& state, const std::string& when) {
  const unsigned long code = ERR_peek_last_error();
  const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
  const int system = errno;
  ERR_clear_error();
  if (state.trouble) return *std::exchange(state.trouble, std::nullopt);
  if (code != 0 && ERR_GET_LIB(code) == ERR_LIB_SSL)
    return {ErrorCode::kRefused, "DTLS " + when + ": " + (text != nullptr ? text : "failed")};
  if (system == ECONNREFUSED) return {ErrorCode::kIo, "nobody listens there (ICMP port unreachable)"};
  return {ErrorCode::kIo, "DTLS " + when + ": " + (text != nullptr ? text : system != 0 ? std::strerror(system) : "the connection broke")};
}

/// Waits for a datagram or the end of `within`, and retransmits when DTLS wants to.
Result<void> wait(State& state, milliseconds within) {
  timeval left{};
  const bool timed = DTLSv1_get_timeout(state.ssl.get(), &left) == 1;
  const milliseconds retransmit(left.tv_sec * 1000 + (left.tv_usec + 999) / 1000);
  const auto ready = state.socket->wait(timed ? std::min(within, retransmit) : within);
  if (!ready) return tl::unexpected(ready.error());
  if (!*ready && timed && DTLSv1_handle_timeout(state.ssl.get()) < 0) return tl::unexpected(reason_of(state, "retransmission"));
  return {};
}

Result<void> handshake(State& state) {
  const auto begin = std::chrono::steady_clock::now();
  while (true) {
    ERR_clear_error();
    errno = 0;
    const int done = SSL_connect(state.ssl.get());
    if (done == 1) return {};
    const int error = SSL_get_error(state.ssl.get(), done);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return tl::unexpected(reason_of(state, "handshake"));
    const auto spent = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begin);
    if (spent >= state.options.times.give_up) {
      return fail(ErrorCode::kIo, "DTLS handshake: the server did not finish it within " + std::to_string(spent.count() / 1000) +
                                      " s (a server is silent, too, when the key is not the one that it has)");
    }
    if (const auto waited = wait(state, state.options.times.give_up - spent); !waited) return waited;
  }
}

class OpensslLink final : public DtlsLink {
 public:
  explicit OpensslLink(std::unique_ptr<State> state) : m_state(std::move(state)) {}
  ~OpensslLink() override {
    SSL_shutdown(m_state->ssl.get());
    ERR_clear_error();
  }
  OpensslLink(const OpensslLink&) = delete;
  OpensslLink& operator=(const OpensslLink&) = delete;

  Result<void> send(BytesView datagram) override;
  Result<std::optional<Bytes>> receive(milliseconds within) override;
  const DtlsSummary& summary() const override { return m_state->summary; }
  std::size_t room() const override {
    const std::size_t fragment = m_state->summary.max_fragment;
    return fragment == 0 ? kUdpRoom : std::min(fragment, kUdpRoom);
  }
  crypto::WipedBytes session() const override;

 private:
  std::unique_ptr<State> m_state;
};

Result<void> OpensslLink::send(BytesView datagram) {
  if (datagram.empty()) return {};
  ERR_clear_error();
  errno = 0;
  if (SSL_write(m_state->ssl.get(), datagram.data(), static_cast<int>(datagram.size())) > 0) return {};
  return tl::unexpected(reason_of(*m_state, "sending"));
}

Result<std::optional<Bytes>> OpensslLink::receive(milliseconds within) {
  const auto until = std::chrono::steady_clock::now() + within;
  Bytes out(kRecord);
  while (true) {
    ERR_clear_error();
    errno = 0;
    const int size = SSL_read(m_state->ssl.get(), out.data(), static_cast<int>(out.size()));
    if (size > 0) {
      out.resize(static_cast<std::size_t>(size));
      return out;
    }
    const int error = SSL_get_error(m_state->ssl.get(), size);
    if (error == SSL_ERROR_ZERO_RETURN) return fail(ErrorCode::kIo, "the server closed the DTLS connection");
    if (error != SSL_ERROR_WANT_READ) return tl::unexpected(reason_of(*m_state, "receiving"));
    const auto left = std::chrono::duration_cast<milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return std::nullopt;
    if (const auto waited = wait(*m_state, left); !waited) return tl::unexpected(waited.error());
  }
}

crypto::WipedBytes OpensslLink::session() const {
  SSL_SESSION* session = SSL_get_session(m_state->ssl.get());
  if (session == nullptr || !m_state->summary.extended_master_secret || SSL_SESSION_is_resumable(session) != 1) return {};
  unsigned size = 0;
  SSL_SESSION_get_id(session, &size);
  if (size == 0 && SSL_SESSION_has_ticket(session) != 1) return {};
  crypto::WipedBytes out(static_cast<std::size_t>(std::max(i2d_SSL_SESSION(session, nullptr), 0)));
  unsigned char* at = out.data();
  if (out.empty()) return out;
  i2d_SSL_SESSION(session, &at);
  return keep_session(out, m_state->kept.chain, m_state->options);
}

}  // namespace

Result<std::unique_ptr<DtlsLink>> connect_openssl(std::unique_ptr<UdpLink> socket, DtlsOptions options, KeptSession kept) {
  auto state = std::make_unique<State>();
  state->socket = std::move(socket);
  state->options = std::move(options);
  state->kept = std::move(kept);
  if (const auto prepared = prepare(*state); !prepared) return tl::unexpected(prepared.error());
  if (const auto shaken = handshake(*state); !shaken) return tl::unexpected(shaken.error());
  SSL* ssl = state->ssl.get();
  DtlsSummary& summary = state->summary;
  summary.suite = SSL_CIPHER_standard_name(SSL_get_current_cipher(ssl));
  summary.resumed = SSL_session_reused(ssl) == 1;
  summary.extended_master_secret = SSL_get_extms_support(ssl) == 1;
  const std::uint8_t fragment = SSL_SESSION_get_max_fragment_length(SSL_get_session(ssl));
  summary.max_fragment = fragment == 0 ? std::uint16_t{0} : static_cast<std::uint16_t>(256U << fragment);
  return std::make_unique<OpensslLink>(std::move(state));
}

}  // namespace uicclab::lwm2m
