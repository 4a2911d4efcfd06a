// SPDX-License-Identifier: Apache-2.0
// The client's role with raw public keys (RFC 7250).
#include <algorithm>
#include <cerrno>
#include <cstring>

#include <sys/socket.h>

#include "lwm2m/raw_key.hpp"
#include "lwm2m/transport/dtls_links.hpp"
#include "lwm2m/transport/gnutls.hpp"

namespace uicclab::lwm2m {

Result<std::unique_ptr<DtlsLink>> DtlsLink::connect(std::unique_ptr<UdpLink> socket, DtlsOptions options) {
  const bool raw = !options.public_key.empty();
  KeptSession kept = usable_session(options);
  return (raw ? connect_gnutls : connect_openssl)(std::move(socket), std::move(options), std::move(kept));
}

namespace {

using gnutls::api;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

struct State {
  std::unique_ptr<UdpLink> socket;
  DtlsOptions options;
  KeptSession kept;
  gnutls::Certificates credentials;
  gnutls::Session session;
  DtlsSummary summary;
  std::optional<Error> trouble;  ///< what a callback found
};

/// What the server showed is the key that the account has: the whole of it (UDP channel CR clause 7.1.2).
Result<void> judge_server(gnutls_session_t session, const DtlsOptions& options) {
  if (api().certificate_type_get2(session, GNUTLS_CTYPE_SERVER) != GNUTLS_CRT_RAWPK) {
    return fail(ErrorCode::kRefused, "the server showed no raw public key");
  }
  const auto shown = gnutls::shown_by_peer(session);
  const auto key = shown.empty() ? fail(ErrorCode::kMalformed, "") : crypto::PublicKey::from_der(shown[0]);
  if (!key || !same_raw_key(options.server_public_key, *key)) {
    return fail(ErrorCode::kRefused, "the server's public key is not the one that is stored");
  }
  return {};
}

int verify_server(gnutls_session_t session) {
  State& state = *static_cast<State*>(api().session_get_ptr(session));
  try {
    const auto good = judge_server(session, state.options);
    if (good) return 0;
    state.trouble = good.error();
  } catch (const std::exception& error) {  // none may leave through GnuTLS
    state.trouble = Error{ErrorCode::kRefused, error.what()};
  }
  return GNUTLS_E_CERTIFICATE_ERROR;
}

Result<std::string> priority(const std::vector<std::uint16_t>& suites) {
  std::string out = std::string(gnutls::kCommon) + ":+ECDHE-ECDSA:+CTYPE-CLI-RAWPK:+CTYPE-SRV-RAWPK";
  bool any = false;
  for (const std::uint16_t id : suites) {
    const char* parts = id == 0xC0AE ? ":+AES-128-CCM-8:+AEAD" : id == 0xC023 ? ":+AES-128-CBC:+SHA256" : nullptr;
    if (parts == nullptr) continue;
    out += parts;
    any = true;
  }
  if (!any) return fail(ErrorCode::kUnsupported, "none of the cipher suites is for raw public keys");
  return out;
}

Result<void> prepare(State& state) {
  DtlsOptions& options = state.options;
  const auto wanted = priority(options.suites);
  if (!wanted) return tl::unexpected(wanted.error());
  gnutls_certificate_credentials_t credentials = nullptr;
  gnutls::check(api().certificate_allocate_credentials(&credentials), "credentials");
  state.credentials.reset(credentials);
  const gnutls_datum_t own = gnutls::datum(options.public_key);
  const gnutls_datum_t secret = gnutls::datum(options.private_key);
  if (api().certificate_set_rawpk_key_mem(credentials, &own, &secret, GNUTLS_X509_FMT_DER, nullptr, 0, nullptr, 0, 0) < 0) {
    return fail(ErrorCode::kMalformed, "the device's public and private key cannot be used together");
  }
  gnutls_session_t session = nullptr;
  constexpr unsigned kTickets = GNUTLS_NO_TICKETS;  // a session identifier costs less
  gnutls::check(api().init(&session, GNUTLS_CLIENT | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK | GNUTLS_ENABLE_RAWPK | kTickets), "session");
  state.session.reset(session);
  gnutls::check(api().priority_set_direct(session, wanted->c_str(), nullptr), "priorities");
  gnutls::check(api().credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials), "credentials");
  api().session_set_ptr(session, &state);
  api().session_set_verify_function(session, verify_server);
  api().transport_set_int2(session, state.socket->descriptor(), state.socket->descriptor());
  api().dtls_set_mtu(session, gnutls::kMtu);
  api().dtls_set_timeouts(session, static_cast<unsigned>(options.times.first.count()),
                          static_cast<unsigned>(options.times.give_up.count()));
  if (options.max_fragment != 0 && api().record_set_max_size(session, options.max_fragment) < 0) {
    return fail(ErrorCode::kRange, "a maximum fragment length is 512, 1024, 2048 or 4096");
  }
  if (!options.server_name.empty()) {
    gnutls::check(api().server_name_set(session, GNUTLS_NAME_DNS, options.server_name.data(), options.server_name.size()), "server name");
  }
  const auto& kept = state.kept.session;
  if (!kept.empty()) api().session_set_data(session, kept.data(), kept.size());
  return {};
}

Error reason_of(State& state, int code, const std::string& when) {
  if (state.trouble) return *std::exchange(state.trouble, std::nullopt);
  if (code == GNUTLS_E_FATAL_ALERT_RECEIVED || code == GNUTLS_E_WARNING_ALERT_RECEIVED) {
    const char* alert = api().alert_get_name(api().alert_get(state.session.get()));
    return {ErrorCode::kRefused, "DTLS " + when + ": the server refuses: " + (alert != nullptr ? alert : "an unknown alert")};
  }
  if (code == GNUTLS_E_PULL_ERROR || code == GNUTLS_E_PUSH_ERROR) {
    return {ErrorCode::kIo,
            errno == ECONNREFUSED ? "nobody listens there (ICMP port unreachable)" : "DTLS " + when + ": the connection broke"};
  }
  return {ErrorCode::kRefused, "DTLS " + when + ": " + api().strerror(code)};
}

constexpr bool goes_on(int code) {
  return code == GNUTLS_E_AGAIN || code == GNUTLS_E_INTERRUPTED || code == GNUTLS_E_GOT_APPLICATION_DATA;
}

/// GnuTLS sends a flight again when it is asked at the end of its timer, and its own timer runs over at 60 s; so it is asked at the times
/// of RFC 7925 clause 11, and whenever something came.
Result<void> handshake(State& state) {
  const auto begin = Clock::now();
  milliseconds pause = state.options.times.next(milliseconds(0));
  auto again = begin + pause;
  while (true) {
    errno = 0;
    const int done = api().handshake(state.session.get());
    if (done == GNUTLS_E_SUCCESS) return {};
    if (api().error_is_fatal(done) != 0 && !goes_on(done)) return tl::unexpected(reason_of(state, done, "handshake"));
    const auto now = Clock::now();
    if (now - begin >= state.options.times.give_up) {
      const auto spent = std::chrono::duration_cast<std::chrono::seconds>(now - begin);
      return fail(ErrorCode::kIo, "DTLS handshake: the server did not finish it within " + std::to_string(spent.count()) + " s");
    }
    const auto until = std::min(again, begin + state.options.times.give_up);
    const auto ready = state.socket->wait(std::chrono::ceil<milliseconds>(until - now) + milliseconds(1));
    if (!ready) return tl::unexpected(ready.error());
    if (*ready) continue;
    if (Clock::now() >= again) {
      pause = state.options.times.next(pause);
      again = Clock::now() + pause;
    }
  }
}

class GnutlsLink final : public DtlsLink {
 public:
  explicit GnutlsLink(std::unique_ptr<State> state) : m_state(std::move(state)) {}
  ~GnutlsLink() override { api().bye(m_state->session.get(), GNUTLS_SHUT_WR); }
  GnutlsLink(const GnutlsLink&) = delete;
  GnutlsLink& operator=(const GnutlsLink&) = delete;

  Result<void> send(BytesView datagram) override {
    if (datagram.empty()) return {};
    errno = 0;
    const auto sent = api().record_send(m_state->session.get(), datagram.data(), datagram.size());
    if (sent > 0) return {};
    return tl::unexpected(reason_of(*m_state, static_cast<int>(sent), "sending"));
  }

  Result<std::optional<Bytes>> receive(milliseconds within) override {
    const auto until = Clock::now() + within;
    Bytes out(gnutls::kRecord);
    while (true) {
      errno = 0;
      const auto size = api().record_recv(m_state->session.get(), out.data(), out.size());
      if (size > 0) {
        out.resize(static_cast<std::size_t>(size));
        return out;
      }
      if (size == 0) return fail(ErrorCode::kIo, "the server closed the DTLS connection");
      const int code = static_cast<int>(size);
      if (code == GNUTLS_E_REHANDSHAKE) continue;  // no renegotiation (RFC 7925 clause 17)
      if (!goes_on(code)) return tl::unexpected(reason_of(*m_state, code, "receiving"));
      const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
      if (left.count() <= 0) return std::nullopt;
      const auto ready = m_state->socket->wait(left);
      if (!ready) return tl::unexpected(ready.error());
    }
  }

  const DtlsSummary& summary() const override { return m_state->summary; }
  std::size_t room() const override {
    const std::size_t fragment = m_state->summary.max_fragment;
    return fragment == 0 ? kUdpRoom : std::min(fragment, kUdpRoom);
  }

  crypto::WipedBytes session() const override {
    if (!m_state->summary.extended_master_secret) return {};
    gnutls_datum_t data{};
    if (api().session_get_data2(m_state->session.get(), &data) < 0) return {};
    crypto::WipedBytes out = keep_session(gnutls::view(data), {}, m_state->options);
    crypto::wipe({data.data, data.size});
    api().free(data.data);
    return out;
  }

 private:
  std::unique_ptr<State> m_state;
};

}  // namespace

Result<std::unique_ptr<DtlsLink>> connect_gnutls(std::unique_ptr<UdpLink> socket, DtlsOptions options, KeptSession kept) {
  auto state = std::make_unique<State>();
  state->socket = std::move(socket);
  state->options = std::move(options);
  state->kept = std::move(kept);
  if (const auto prepared = prepare(*state); !prepared) return tl::unexpected(prepared.error());
  if (const auto shaken = handshake(*state); !shaken) return tl::unexpected(shaken.error());
  // A resumed session carries what was judged when it began.
  if (const auto good = judge_server(state->session.get(), state->options); !good) return tl::unexpected(good.error());
  state->summary = gnutls::summary_of(state->session.get());
  return std::make_unique<GnutlsLink>(std::move(state));
}

}  // namespace uicclab::lwm2m
