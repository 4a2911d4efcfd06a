// SPDX-License-Identifier: Apache-2.0
// uicclab lwm2m serve: a LwM2M server and bootstrap server over UDP and DTLS; uicclab lwm2m manage: its client.
#include <csignal>
#include <deque>
#include <iostream>

#include <poll.h>
#include <sys/signalfd.h>

#include "cli/common/http_api.hpp"
#include "cli/common/input_file.hpp"
#include "cli/lwm2m/account_database.hpp"
#include "cli/lwm2m/lwm2m.hpp"
#include "cli/lwm2m/serve_script.hpp"
#include "cli/lwm2m/sms_service.hpp"
#include "core/crypto/random.hpp"
#include "core/json.hpp"
#include "core/visible.hpp"
#include "lwm2m/raw_key.hpp"
#include "lwm2m/server/server.hpp"
#include "lwm2m/server_uri.hpp"
#include "lwm2m/transport/udp_socket.hpp"

namespace uicclab::cli {
namespace {

using lwm2m::PeerAddress;
using lwm2m::PeerProof;
using lwm2m::server::Server;

constexpr std::size_t kRoom = 1152;  // RFC 7252 clause 4.6: what fits an IPv6 path of 1280 bytes
constexpr std::size_t kMostEvents = 10'000, kMostEventBytes = 16 * 1024 * 1024;  // of either what comes first

struct ServeOptions {
  std::string database, host = "127.0.0.1", http_host = "127.0.0.1", raw_key, certificate, private_key, script;
  std::uint16_t coap = 5683, coaps = 5684;
  std::optional<std::uint16_t> http;
  bool open = false, no_coap = false, no_coaps = false, no_tickets = false;
  SmsServiceOption sms;
};

crypto::WipedBytes der_in(const std::string& path) {
  auto der = crypto::der_of_file(read_input(path, kKeyFile));
  if (!der) throw Exit{kUsage, path + ": " + der.error().text};
  return *std::move(der);
}

/// All certificates of a PEM file, or the one of a DER file.
std::vector<Bytes> chain_in(const std::string& path) {
  const Bytes content = read_input(path, kObjectFile);
  const std::string text(content.begin(), content.end());
  constexpr std::string_view kEnd = "-----END CERTIFICATE-----";
  std::vector<Bytes> out;
  for (std::size_t at = 0, end = text.find(kEnd); end != std::string::npos; end = text.find(kEnd, at)) {
    end += kEnd.size();
    const auto der = crypto::der_of_file(as_bytes(std::string_view(text).substr(at, end - at)));
    if (!der) throw Exit{kUsage, path + ": " + der.error().text};
    out.push_back(to_bytes(*der));
    at = end;
  }
  if (out.empty()) out.push_back(content);
  return out;
}

lwm2m::DtlsServerOptions dtls_options(const ServeOptions& options) {
  lwm2m::DtlsServerOptions out;
  out.tickets = !options.no_tickets;
  if (!options.raw_key.empty()) {
    const auto key = lwm2m::read_raw_private_key(der_in(options.raw_key));
    if (!key) throw Exit{kUsage, options.raw_key + ": " + key.error().text};
    out.public_key = key->public_key().der();
    out.raw_private = key->der();
  }
  if (options.certificate.empty() != options.private_key.empty()) throw Exit{kUsage, "--certificate and --private-key belong together"};
  if (!options.certificate.empty()) {
    out.chain = chain_in(options.certificate);
    const auto key = crypto::PrivateKey::from_der(der_in(options.private_key));
    if (!key) throw Exit{kUsage, options.private_key + ": " + key.error().text};
    out.private_key = key->der();
  }
  return out;
}

class Serving {
 public:
  explicit Serving(const ServeOptions& options)
      : m_options(options),
        m_database(options.database),
        m_dtls_accounts(m_database),
        m_server(m_database, m_clock, m_random,
                 {.send = [this](const PeerAddress& to, BytesView bytes) { send(to, bytes); },
                  .room = [this](const PeerAddress& to) { return room(to); },
                  .event = [this](const std::string& json) { on_event(json); },
                  .date = [] { return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now()); },
                  .resolve = [](const std::string& where) { return resolve(where); }},
                 {.open = options.open}) {
    if (!options.no_coap) m_plain = lwm2m_value(lwm2m::UdpSocket::bind(options.host, options.coap));
    if (!options.no_coaps) {
      m_secure = lwm2m_value(lwm2m::UdpSocket::bind(options.host, options.coaps));
      m_dtls.emplace(dtls_options(options), m_dtls_accounts, dtls_events());
    }
    if (options.http) m_http.emplace(options.http_host, *options.http, [this](const auto& request, auto reply) { ask(request, reply); });
    if (!options.sms.devices.empty()) m_sms.emplace(options.sms, m_random, [this](const std::string& json) { on_event(json); });
    if (!options.script.empty()) {
      m_script.emplace(read_text_or_standard_input(options.script, kScriptFile), m_server, m_clock, [](const std::string& line) {
        std::cout << visible(line) << "\n" << std::flush;
      });
    }
  }

  int run() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    const net::Fd stop(signalfd(-1, &signals, SFD_CLOEXEC));
    if (!stop) throw SystemError("signalfd");
    announce();
    while (true) {
      std::vector<pollfd> wait{{stop.get(), POLLIN, 0}};
      for (const auto* socket : {&m_plain, &m_secure}) {
        if (*socket) wait.push_back({(*socket)->descriptor(), POLLIN, 0});
      }
      if (m_http) m_http->add_to(wait);
      ::poll(wait.data(), wait.size(), static_cast<int>(pause().count()));
      if (wait[0].revents != 0) return kOk;
      serve_sockets();
      if (m_http) m_http->serve();
      if (m_dtls) m_dtls->on_time();
      m_server.on_time();
      if (m_sms) m_sms->on_time();
      if (!m_script) continue;
      m_script->run();
      if (m_script->done()) return m_script->failed() ? kCheckFailed : kOk;
    }
  }

 private:
  void announce() {
    if (m_database.empty()) {
      std::cerr << visible(m_options.database) << (m_database.is_new() ? ": new database, " : ": ")
                << "no accounts yet: uicclab lwm2m account add ENDPOINT --database " << visible(m_options.database) << " --psk KEY\n";
    }
    std::cout << "uicclab " UICCLAB_VERSION ": LwM2M server\n";
    if (m_plain) std::cout << "CoAP    coap://" << m_options.host << ":" << m_plain->port() << "\n";
    if (m_secure) std::cout << "DTLS    coaps://" << m_options.host << ":" << m_secure->port() << "\n";
    if (m_http) std::cout << "HTTP    http://" << m_options.http_host << ":" << m_http->port() << "\n";
    std::cout << "Stop with Ctrl-C.\n" << std::flush;
  }

  std::chrono::milliseconds pause() const {
    auto out = std::min(m_server.wake_up(), std::chrono::milliseconds(60'000));
    if (m_dtls) out = std::min(out, m_dtls->wake_up());
    if (const auto due = m_sms ? m_sms->wake_up() : std::nullopt) out = std::min(out, *due);
    if (m_script) out = std::min(out, std::chrono::milliseconds(200));  // its patience
    return out;
  }

  lwm2m::DtlsServer::Events dtls_events() {
    return {.send = [this](const PeerAddress& to, BytesView bytes) { m_secure->send(to, bytes); },
            .message = [this](const PeerAddress& from, const PeerProof& proof, BytesView bytes) { m_server.receive(from, proof, bytes); },
            .connected =
                [this](const PeerAddress& peer, const PeerProof& proof, const lwm2m::DtlsSummary& summary) {
                  m_server.connected(peer, proof);
                  on_event(Json::object()
                               .set("event", "connected")
                               .set("address", text_of(peer))
                               .set("suite", summary.suite)
                               .set("resumed", summary.resumed)
                               .set("max_fragment", summary.max_fragment)
                               .text());
                },
            .closed = [this](const PeerAddress& peer) { m_server.closed(peer); },
            .refused =
                [this](const PeerAddress& peer, const std::string& reason) {
                  on_event(Json::object().set("event", "handshake refused").set("address", text_of(peer)).set("reason", reason).text());
                }};
  }

  /// At most so many datagrams before time is looked at again.
  void serve_sockets() {
    constexpr int kBurst = 512;
    for (int i = 0; i < kBurst && m_plain; ++i) {
      const auto datagram = m_plain->receive();
      if (!datagram) break;
      m_server.receive(datagram->from, {}, datagram->bytes);
    }
    for (int i = 0; i < kBurst && m_secure; ++i) {
      const auto datagram = m_secure->receive();
      if (!datagram) break;
      m_dtls->receive(datagram->from, datagram->bytes);
    }
  }

  /// A peer with a DTLS connection is reached on it, any other without.
  void send(const PeerAddress& to, BytesView bytes) {
    if (m_dtls && m_dtls->room(to) > 0) {
      (void)m_dtls->send(to, bytes);
    } else if (m_plain) {
      m_plain->send(to, bytes);
    }
  }
  std::size_t room(const PeerAddress& to) const {
    const std::size_t secure = m_dtls ? m_dtls->room(to) : 0;
    return secure > 0 ? std::min(secure, kRoom) : kRoom;
  }

  static Result<PeerAddress> resolve(const std::string& where) {
    const auto uri = lwm2m::parse_server_uri("coap://" + where);
    if (!uri) return tl::unexpected(uri.error());
    return lwm2m::UdpSocket::address_of(uri->host, uri->port);
  }

  void on_event(const std::string& json) {
    std::cerr << visible(json) << "\n";
    m_events.push_back(json);
    m_event_bytes += json.size();
    ++m_event_count;
    while (m_events.size() > kMostEvents || m_event_bytes > kMostEventBytes) {
      m_event_bytes -= m_events.front().size();
      m_events.pop_front();
    }
    if (m_script) m_script->on_event(json);
  }

  static std::string error_json(const std::string& text) { return Json::object().set("error", text).text(); }

  void ask(const HttpRequest& request, const HttpApi::Reply& reply) {
    if (request.method == "GET" && request.path == "/devices") return reply({200, m_server.registrations_json()});
    if (request.method == "GET" && request.path.starts_with("/events")) return reply({200, events_since(request.path)});
    if (request.method == "POST" && request.path.starts_with("/sms") && m_sms) return ask_sms(request, reply);
    if (request.method != "POST" || request.path != "/command") {
      return reply({404, error_json("GET /devices, GET /events?since=N, POST /command")});
    }
    const auto command = lwm2m::server::parse_command(request.body);
    if (!command) return reply({400, error_json(command.error().text)});
    m_server.manage(*command, [reply](const Server::Outcome& outcome) { reply({outcome.good ? 200 : 400, outcome.json}); });
  }

  void ask_sms(const HttpRequest& request, const HttpApi::Reply& reply) {
    const auto answer = request.path == "/sms/awake"    ? m_sms->set_awake(request.body, true)
                        : request.path == "/sms/asleep" ? m_sms->set_awake(request.body, false)
                                                        : m_sms->receive(request.body);
    if (answer) return reply({200, *answer});
    reply({400, error_json(answer.error().text)});
  }

  std::string events_since(const std::string& path) const {
    constexpr std::string_view kSince = "/events?since=";
    std::size_t since = path.starts_with(kSince) ? std::strtoul(path.c_str() + kSince.size(), nullptr, 10) : 0;
    const std::size_t first = m_event_count - m_events.size();
    since = std::max(since, first);
    Json events = Json::array();
    for (std::size_t i = since; i < m_event_count; ++i) events.add(Json::raw(m_events[i - first]));
    return Json::object().set("next", m_event_count).set("events", events).text();
  }

  const ServeOptions& m_options;
  SystemClock m_clock;
  crypto::SystemRandom m_random;
  AccountDatabase m_database;
  lwm2m::server::DtlsAccounts m_dtls_accounts;
  Server m_server;
  std::optional<lwm2m::UdpSocket> m_plain, m_secure;
  std::optional<lwm2m::DtlsServer> m_dtls;
  std::optional<HttpApi> m_http;
  std::optional<SmsService> m_sms;
  std::optional<ServeScript> m_script;
  std::deque<std::string> m_events;
  std::size_t m_event_count = 0, m_event_bytes = 0;
};

struct ManageOptions {
  std::string server = "127.0.0.1:8683";
  std::vector<std::string> words;
};

int manage(const ManageOptions& options) {
  const auto uri = lwm2m::parse_server_uri("coap://" + options.server);
  if (!uri) throw Exit{kUsage, "--server " + options.server + ": it must be HOST:PORT of the HTTP interface"};
  std::string line;
  for (const std::string& one : options.words) line += (line.empty() ? "" : " ") + one;
  const bool devices = line == "devices";
  const std::size_t blank = line.find(' ');
  const std::string word = line.substr(0, blank);
  const bool sms = blank != std::string::npos && (word == "sms" || word == "awake" || word == "asleep");
  const auto answer = sms       ? ask_http(uri->host, uri->port, "POST", word == "sms" ? "/sms" : "/sms/" + word, line.substr(blank + 1))
                      : devices ? ask_http(uri->host, uri->port, "GET", "/devices", "")
                      : line == "events" ? ask_http(uri->host, uri->port, "GET", "/events", "")
                                         : ask_http(uri->host, uri->port, "POST", "/command", line);
  if (!answer && answer.error().code == ErrorCode::kIo) lwm2m_fail(answer.error());
  std::cout << visible(answer ? *answer : answer.error().text) << "\n";
  return answer ? kOk : kCheckFailed;
}

}  // namespace

void add_lwm2m_serve(App& lwm2m, Action& action) {
  const auto options = std::make_shared<ServeOptions>();  // shared with the callback, which outlives this function
  auto* serving = lwm2m.add_subcommand("serve", "Be a LwM2M 1.0/1.1 server and bootstrap server, over UDP and DTLS");
  serving->add_option("--database", options->database, "SQLite file with the accounts (lwm2m account add)")->required();
  serving->add_option("--host", options->host, "Address to listen on")->capture_default_str();
  serving->add_option("--coap", options->coap, "UDP port without DTLS; 0: any free port")->capture_default_str();
  serving->add_option("--coaps", options->coaps, "UDP port for DTLS; 0: any free port")->capture_default_str();
  serving->add_flag("--no-coap", options->no_coap, "Not without DTLS");
  serving->add_flag("--no-coaps", options->no_coaps, "Not with DTLS");
  serving->add_flag("--open", options->open, "Let devices without an account register without DTLS");
  serving->add_option("--raw-key", options->raw_key, "Private key of the server for raw public keys: PEM, DER, or its 32 bytes");
  serving->add_option("--certificate", options->certificate, "Certificate of the server, and those above it: PEM, or DER");
  serving->add_option("--private-key", options->private_key, "Private key of the certificate: PEM or DER");
  serving->add_flag("--no-tickets", options->no_tickets, "Resume sessions by their identifiers only");
  serving->add_option("--http", options->http,
                      "TCP port of the HTTP interface, for lwm2m manage; 0: any free port; default: no HTTP interface");
  serving->add_option("--http-host", options->http_host, "Loopback address of the HTTP interface")->capture_default_str();
  options->sms.add_to(*serving);
  serving->add_option("--script", options->script,
                      std::string("Execute the lines of this file, or of standard input (-), and end. ") + ServeScript::kWords);
  set_example(*serving, "  uicclab lwm2m serve --database server.db --http 8683\n  uicclab lwm2m manage read device-1 /3/0");
  serving->callback([options, &action] { action = [options] { return Serving(*options).run(); }; });

  const auto asking = std::make_shared<ManageOptions>();
  auto* managing = lwm2m.add_subcommand("manage", "Ask a running lwm2m serve to manage a device, through its HTTP interface");
  managing->add_option("--server", asking->server, "HOST:PORT of the HTTP interface")->capture_default_str();
  managing
      ->add_option("COMMAND", asking->words,
                   std::string("devices, events, sms TPDU ..., awake EP, asleep EP, or: ") + lwm2m::server::kCommandForms)
      ->required();
  set_example(*managing, "  uicclab lwm2m manage read device-1 /3/0\n  uicclab lwm2m manage write device-1 /3/0/15 Europe/Berlin");
  managing->callback([asking, &action] { action = [asking] { return manage(*asking); }; });
}

}  // namespace uicclab::cli
