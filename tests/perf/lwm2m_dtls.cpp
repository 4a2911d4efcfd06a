// SPDX-License-Identifier: Apache-2.0
// DTLS at the LwM2M server, in a process of its own, over loopback: handshakes with pre-shared keys a second, memory for each registered
// device, Updates a second beside a CoAP echo on the same DTLS server that does nothing; handshakes with raw public keys beside a server
// that calls GnuTLS and nothing else. Prints numbers and ratios; judges nothing.
#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <deque>
#include <fstream>
#include <functional>

#include <gnutls/abstract.h>
#include <gnutls/dtls.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lwm2m/raw_key.hpp"
#include "lwm2m/server/server.hpp"
#include "lwm2m/transport/udp_socket.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;
using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

namespace {

constexpr std::size_t kDevices = 500;  // each has a socket
constexpr std::size_t kUpdates = 20'000;
constexpr std::size_t kWindow = 64;
constexpr std::size_t kHandshakes = 300;

const auto kKey = "D31C924FA0775BE809C63D81F26AB415"_h;

double seconds_since(Steady::time_point begin) {
  return std::chrono::duration<double>(Steady::now() - begin).count();
}

/// A process that serves datagrams until it is gone.
class Served {
 public:
  using Take = std::function<void(UdpSocket& socket, const Datagram& datagram)>;
  explicit Served(const std::function<Take(UdpSocket&)>& make) {
    UdpSocket socket = *UdpSocket::bind("127.0.0.1", 0);
    m_port = socket.port();
    m_child = ::fork();
    if (m_child != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const Take take = make(socket);
    while (true) {
      pollfd wait{socket.descriptor(), POLLIN, 0};
      ::poll(&wait, 1, -1);
      while (const auto datagram = socket.receive()) take(socket, *datagram);
    }
  }
  ~Served() {
    ::kill(m_child, SIGKILL);
    ::waitpid(m_child, nullptr, 0);
  }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;
  std::uint16_t port() const { return m_port; }
  /// Seconds of a processor that it has used: what a loaded machine does not change.
  double processor() const {
    std::ifstream in("/proc/" + std::to_string(m_child) + "/schedstat");
    double nanoseconds = 0;
    in >> nanoseconds;
    return nanoseconds / 1e9;
  }
  std::size_t resident() const {
    std::ifstream in("/proc/" + std::to_string(m_child) + "/statm");
    std::size_t whole = 0, pages = 0;
    in >> whole >> pages;
    return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  }

 private:
  std::uint16_t m_port = 0;
  pid_t m_child = 0;
};

/// Any number of devices with one key, and one raw public key.
class Everybody final : public server::Accounts {
 public:
  explicit Everybody(Bytes raw) : m_raw(std::move(raw)) {}
  std::optional<server::Account> find(const std::string& endpoint) override { return psk(endpoint); }
  std::optional<server::Account> find_by_identity(SecurityMode, BytesView identity) override {
    return psk({identity.begin(), identity.end()});
  }
  std::optional<server::Account> find_by_public_key(const crypto::PublicKey&) override {
    return server::Account{"raw", SecurityMode::kRawPublicKey, m_raw, {}, {}};
  }
  std::uint64_t generation() override { return 0; }

 private:
  static server::Account psk(const std::string& name) {
    return {name, SecurityMode::kPsk, to_bytes(as_bytes(name)), crypto::SecretBytes(kKey), {}};
  }
  Bytes m_raw;
};

struct Keys {
  crypto::PrivateKey server = crypto::PrivateKey::generate(crypto::KeyKind::kP256),
                     device = crypto::PrivateKey::generate(crypto::KeyKind::kP256);
};

/// What a server process is made of; it lives as long as the process.
struct World {
  World(const Keys& keys, UdpSocket& out, bool echo) : accounts(keys.device.public_key().der()), dtls_accounts(accounts) {
    DtlsServerOptions options;
    options.public_key = keys.server.public_key().der();
    options.raw_private = keys.server.der();
    const auto answer = [this, echo](const PeerAddress& from, const PeerProof& proof, BytesView bytes) {
      if (!echo) return lwm2m.receive(from, proof, bytes);
      auto request = coap::parse(bytes);
      if (!request) return;
      coap::Message back;
      back.type = coap::Type::kAcknowledgement;
      back.code = request->options.empty() ? coap::kBadRequest : coap::kChanged;
      back.id = request->id;
      back.token = request->token;
      (void)dtls->send(from, coap::encode(back));
    };
    dtls.emplace(
        std::move(options), dtls_accounts,
        DtlsServer::Events{.send = [&out](const PeerAddress& to, BytesView bytes) { out.send(to, bytes); },
                           .message = answer,
                           .connected = [this](const auto& peer, const auto& proof, const auto&) { lwm2m.connected(peer, proof); },
                           .closed = [this](const auto& peer) { lwm2m.closed(peer); },
                           .refused = [](const auto&, const std::string& reason) { std::fprintf(stderr, "%s\n", reason.c_str()); }});
  }
  SystemClock clock;
  SeededRandom random{1};
  Everybody accounts;
  server::DtlsAccounts dtls_accounts;
  std::optional<DtlsServer> dtls;
  server::Server lwm2m{accounts,
                       clock,
                       random,
                       {.send = [this](const PeerAddress& to, BytesView bytes) { (void)dtls->send(to, bytes); },
                        .room = [this](const PeerAddress& to) { return dtls->room(to); },
                        .event = [](const std::string&) {},
                        .date = [] { return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now()); },
                        .resolve = [](const std::string&) { return Result<PeerAddress>(PeerAddress{}); }},
                       {}};
};

Served::Take ours(const Keys& keys, UdpSocket& socket, bool echo) {
  const auto world = std::make_shared<World>(keys, socket, echo);
  return [world](UdpSocket&, const Datagram& datagram) { world->dtls->receive(datagram.from, datagram.bytes); };
}

/// GnuTLS and nothing else: one handshake after the other, with a cookie and raw public keys. The client's key is taken as it is.
class RawServer {
 public:
  explicit RawServer(const Keys& keys) {
    const Bytes own = keys.server.public_key().der();
    const auto secret = keys.server.der();
    const gnutls_datum_t public_key{const_cast<unsigned char*>(own.data()), static_cast<unsigned>(own.size())};
    const gnutls_datum_t private_key{const_cast<unsigned char*>(secret.data()), static_cast<unsigned>(secret.size())};
    gnutls_certificate_allocate_credentials(&m_credentials);
    gnutls_certificate_set_rawpk_key_mem(m_credentials, &public_key, &private_key, GNUTLS_X509_FMT_DER, nullptr, 0, nullptr, 0, 0);
    gnutls_key_generate(&m_cookie_key, GNUTLS_COOKIE_KEY_SIZE);
  }
  void take(UdpSocket& socket, const Datagram& datagram) {
    m_socket = &socket;
    m_peer = datagram.from;
    constexpr std::size_t kHandshakeType = 13;
    const bool hello = datagram.bytes.size() > kHandshakeType && datagram.bytes[0] == 22 && datagram.bytes[3] == 0 &&
                       datagram.bytes[4] == 0 && datagram.bytes[kHandshakeType] == 1;
    Bytes copy = to_bytes(datagram.bytes), address = datagram.from.bytes;
    gnutls_dtls_prestate_st prestate{};
    if (hello) {
      if (gnutls_dtls_cookie_verify(&m_cookie_key, address.data(), address.size(), copy.data(), copy.size(), &prestate) < 0) {
        gnutls_dtls_cookie_send(&m_cookie_key, address.data(), address.size(), &prestate, this, push);
        return;
      }
      begin(prestate);
    }
    if (m_session == nullptr) return;
    m_waiting.push_back(std::move(copy));
    if (!m_done) m_done = gnutls_handshake(m_session) == GNUTLS_E_SUCCESS;
  }

 private:
  void begin(gnutls_dtls_prestate_st& prestate) {
    if (m_session != nullptr) gnutls_deinit(m_session);
    m_waiting.clear();
    m_done = false;
    gnutls_init(&m_session, GNUTLS_SERVER | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK | GNUTLS_ENABLE_RAWPK);
    gnutls_priority_set_direct(m_session,
                               "NONE:+VERS-DTLS1.2:+COMP-NULL:+SIGN-ECDSA-SHA256:+GROUP-SECP256R1:+ECDHE-ECDSA:+AES-128-CCM-8:+AEAD:"
                               "+CTYPE-CLI-RAWPK:+CTYPE-SRV-RAWPK",
                               nullptr);
    gnutls_credentials_set(m_session, GNUTLS_CRD_CERTIFICATE, m_credentials);
    gnutls_certificate_server_set_request(m_session, GNUTLS_CERT_REQUIRE);
    gnutls_transport_set_ptr(m_session, this);
    gnutls_transport_set_push_function(m_session, push);
    gnutls_transport_set_pull_function(m_session, pull);
    gnutls_transport_set_pull_timeout_function(m_session,
                                               [](gnutls_transport_ptr_t p, unsigned) { return self(p).m_waiting.empty() ? 0 : 1; });
    gnutls_dtls_prestate_set(m_session, &prestate);
    gnutls_dtls_set_mtu(m_session, 1280);
  }
  static RawServer& self(gnutls_transport_ptr_t pointer) { return *static_cast<RawServer*>(pointer); }
  static ssize_t push(gnutls_transport_ptr_t pointer, const void* data, size_t size) {
    self(pointer).m_socket->send(self(pointer).m_peer, {static_cast<const std::uint8_t*>(data), size});
    return static_cast<ssize_t>(size);
  }
  static ssize_t pull(gnutls_transport_ptr_t pointer, void* data, size_t size) {
    RawServer& server = self(pointer);
    if (server.m_waiting.empty()) {
      gnutls_transport_set_errno(server.m_session, EAGAIN);
      return -1;
    }
    const Bytes first = std::move(server.m_waiting.front());
    server.m_waiting.pop_front();
    const std::size_t taken = std::min(size, first.size());
    std::copy_n(first.begin(), taken, static_cast<std::uint8_t*>(data));
    return static_cast<ssize_t>(taken);
  }

  gnutls_certificate_credentials_t m_credentials = nullptr;
  gnutls_datum_t m_cookie_key{};
  gnutls_session_t m_session = nullptr;
  bool m_done = false;
  UdpSocket* m_socket = nullptr;
  PeerAddress m_peer;
  std::deque<Bytes> m_waiting;
};

template <typename T>
T must(Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "%s\n", result.error().text.c_str());
  std::exit(1);
}

std::unique_ptr<DtlsLink> connect(std::uint16_t port, DtlsOptions options) {
  return must(DtlsLink::connect(must(UdpLink::connect("127.0.0.1", port)), std::move(options)));
}

std::unique_ptr<DtlsLink> connect_psk(std::uint16_t port, const std::string& name) {
  DtlsOptions options;
  options.suites = {0xC0A8};
  options.psk_identity = name;
  options.psk = crypto::SecretBytes(kKey);
  return connect(port, std::move(options));
}

coap::Message message(std::uint16_t id, std::string_view path) {
  coap::Message out;
  out.code = coap::kPost;
  out.id = id;
  out.token = {1, 2, 3, 4};
  coap::add_path(out, path);
  return out;
}

coap::Message answer_on(DtlsLink& link) {
  const auto bytes = must(link.receive(milliseconds(5000)));
  if (bytes) return must(coap::parse(*bytes));
  std::fprintf(stderr, "no answer within 5 s\n");
  std::exit(1);
}

struct Device {
  std::unique_ptr<DtlsLink> link;
  std::string location;
};

/// How often a second, and how long the server's processor worked on one.
struct Pace {
  double a_second = 0, microseconds = 0;
  Pace(std::size_t count, double seconds, double processor)
      : a_second(static_cast<double>(count) / seconds), microseconds(processor * 1e6 / static_cast<double>(count)) {}
};

void print_beside(const char* what, const Pace& ours, const char* beside, const Pace& theirs) {
  std::printf("%s: %.0f a second, %.0f us of the server's processor each; %s: %.0f a second, %.0f us; ratios %.2f, %.2f\n", what,
              ours.a_second, ours.microseconds, beside, theirs.a_second, theirs.microseconds, ours.a_second / theirs.a_second,
              theirs.microseconds / ours.microseconds);
}

Pace updates(const Served& server, std::vector<Device>& devices) {
  const auto begin = Steady::now();
  const double processor = server.processor();
  std::size_t sent = 0;
  for (std::size_t done = 0; done < kUpdates; ++done) {
    for (; sent < kUpdates && sent - done < kWindow; ++sent) {
      Device& one = devices[sent % devices.size()];
      (void)one.link->send(coap::encode(message(static_cast<std::uint16_t>(kDevices + sent), one.location)));
    }
    const coap::Message answer = answer_on(*devices[done % devices.size()].link);
    if (answer.code != coap::kChanged) {
      std::fprintf(stderr, "an Update was answered %s\n", coap::name(answer.code).c_str());
      std::exit(1);
    }
  }
  return {kUpdates, seconds_since(begin), server.processor() - processor};
}

Pace raw_handshakes(const Served& server, const Keys& keys) {
  const auto begin = Steady::now();
  const double processor = server.processor();
  for (std::size_t i = 0; i < kHandshakes; ++i) {
    DtlsOptions options;
    options.suites = {0xC0AE};
    options.public_key = keys.device.public_key().der();
    options.private_key = keys.device.der();
    options.server_public_key = keys.server.public_key().der();
    connect(server.port(), std::move(options));
  }
  return {kHandshakes, seconds_since(begin), server.processor() - processor};
}

}  // namespace

int main() {
  const Keys keys;
  const Served serving([&](UdpSocket& socket) { return ours(keys, socket, false); });
  const Served echoing([&](UdpSocket& socket) { return ours(keys, socket, true); });
  const Served raw([&](UdpSocket&) -> Served::Take {
    const auto server = std::make_shared<RawServer>(keys);
    return [server](UdpSocket& socket, const Datagram& datagram) { server->take(socket, datagram); };
  });

  std::vector<Device> devices, echoes;
  connect_psk(serving.port(), "warm");
  connect_psk(echoing.port(), "warm");
  const std::size_t before = serving.resident();
  auto begin = Steady::now();
  for (std::size_t i = 0; i < kDevices; ++i) devices.push_back({connect_psk(serving.port(), "device-" + std::to_string(i)), {}});
  std::printf("handshakes with pre-shared keys: %.0f a second\n", static_cast<double>(kDevices) / seconds_since(begin));
  for (std::size_t i = 0; i < kDevices; ++i) {
    coap::Message register_ = message(static_cast<std::uint16_t>(i), "/rd");
    register_.add_number(coap::option::kContentFormat, coap::format::kLinkFormat);
    register_.add(coap::option::kUriQuery, "ep=device-" + std::to_string(i));
    register_.add(coap::option::kUriQuery, std::string_view("lt=86400"));
    register_.payload = to_bytes(as_bytes("</>;rt=\"oma.lwm2m\",</1/0>,</3/0>,</4/0>,</3347/0>"));
    (void)devices[i].link->send(coap::encode(register_));
    const auto answer = answer_on(*devices[i].link);
    if (answer.code != coap::kCreated) return 1;
    devices[i].location = "/rd/" + answer.texts(coap::option::kLocationPath).at(1);
    echoes.push_back({connect_psk(echoing.port(), "device-" + std::to_string(i)), devices[i].location});
  }
  const std::size_t grown = serving.resident() - before;
  std::printf("%zu devices with a DTLS connection registered: %.1f MB, %zu bytes each\n", kDevices, static_cast<double>(grown) / 1e6,
              grown / kDevices);
  const Pace echo = updates(echoing, echoes);
  print_beside("Updates over DTLS", updates(serving, devices), "a CoAP echo over DTLS that does nothing", echo);
  const Pace theirs = raw_handshakes(raw, keys);
  print_beside("handshakes with raw public keys (ECDHE-ECDSA)", raw_handshakes(serving, keys), "GnuTLS alone", theirs);
  return 0;
}
