// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/transport/dtls_server.hpp"

#include <doctest/doctest.h>

#include "tests/support/dtls_peers.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;
using std::chrono::milliseconds;
using test::EchoServer;
using test::KeyPair;
using test::KnownPeers;

namespace {

const auto kKey = "D31C924FA0775BE809C63D81F26AB415"_h;

DtlsServerOptions server_options(const KeyPair& key) {
  DtlsServerOptions out;
  out.public_key = key.public_key();
  out.raw_private = key.secret.der();
  return out;
}

Result<std::unique_ptr<DtlsLink>> connect(const EchoServer& server, DtlsOptions options) {
  options.times.give_up = milliseconds(5000);
  return DtlsLink::connect(*UdpLink::connect("127.0.0.1", server.port()), std::move(options));
}

DtlsOptions raw_options(const KeyPair& own, BytesView server_key, std::uint16_t suite = 0xC0AE) {
  DtlsOptions out;
  out.suites = {suite};
  out.public_key = own.public_key();
  out.private_key = own.secret.der();
  out.server_public_key = to_bytes(server_key);
  return out;
}

DtlsOptions psk_options(std::uint16_t suite = 0xC0A8) {
  DtlsOptions out;
  out.suites = {suite};
  out.psk_identity = "device-1";
  out.psk = crypto::SecretBytes(kKey);
  return out;
}

void check_echo(DtlsLink& link) {
  const auto message = "40011234"_h;
  REQUIRE(link.send(message));
  const auto back = link.receive(milliseconds(5000));
  REQUIRE(back);
  REQUIRE(*back);
  CHECK(equal(**back, message));
}

struct World {
  KeyPair server_key, device_key, other_key;
  KnownPeers accounts;
  World() {
    accounts.keys[to_bytes(as_bytes("device-1"))] = to_bytes(kKey);
    accounts.raw_keys.insert(device_key.public_key());
  }
};

}  // namespace

TEST_CASE("Raw public keys: both suites, both ends check the other's key, sessions are resumed by identifier (LwM2M 1.0 7.1.8; RFC 7250)") {
  World world;
  EchoServer server(server_options(world.server_key), world.accounts);
  for (const auto& [suite, name] : {std::pair<std::uint16_t, const char*>{0xC0AE, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"},
                                    {0xC023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"}}) {
    auto link = connect(server, raw_options(world.device_key, world.server_key.public_key(), suite));
    REQUIRE_MESSAGE(link, link.error().text);
    CHECK((*link)->summary().suite == name);
    CHECK((*link)->summary().extended_master_secret);
    CHECK((*link)->summary().max_fragment == 512);
    CHECK_FALSE((*link)->summary().resumed);
    check_echo(**link);
    CHECK(server.proof().mode == SecurityMode::kRawPublicKey);
    CHECK(server.proof().public_key == world.device_key.public_key());
    auto again = raw_options(world.device_key, world.server_key.public_key(), suite);
    again.session = (*link)->session();
    const auto resumed = connect(server, std::move(again));
    REQUIRE_MESSAGE(resumed, resumed.error().text);
    CHECK((*resumed)->summary().resumed);
    check_echo(**resumed);
  }
}

TEST_CASE("Raw public keys: 32 bytes of the server's key are enough; another server key is refused (UDP channel CR 7.1.2, D.1.1.2)") {
  World world;
  EchoServer server(server_options(world.server_key), world.accounts);
  CHECK(connect(server, raw_options(world.device_key, *raw_public_key(world.server_key.secret.public_key()))));
  const auto wrong = connect(server, raw_options(world.device_key, world.other_key.public_key()));
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().text == "the server's public key is not the one that is stored");
}

TEST_CASE("Raw public keys: the server refuses a key that no account has (UDP channel CR 7.1.2)") {
  World world;
  EchoServer server(server_options(world.server_key), world.accounts);
  const auto stranger = connect(server, raw_options(world.other_key, world.server_key.public_key()));
  REQUIRE_FALSE(stranger);
  CHECK(stranger.error().code == ErrorCode::kRefused);
  CHECK(server.refusal() == "nobody's");
}

TEST_CASE("A resumed session is checked again: a removed account is refused") {
  World world;
  EchoServer server(server_options(world.server_key), world.accounts);
  crypto::WipedBytes session;
  {
    const auto link = connect(server, raw_options(world.device_key, world.server_key.public_key()));
    REQUIRE(link);
    session = (*link)->session();
  }
  world.accounts.raw_keys.clear();
  auto again = raw_options(world.device_key, world.server_key.public_key());
  again.session = session;
  const auto link = connect(server, std::move(again));
  CHECK((!link || !(*link)->receive(milliseconds(2000))));
}

TEST_CASE("A pre-shared key that was replaced: no session and no ticket made with it is resumed (LwM2M 1.0 7.1; RFC 5077 5.5)") {
  for (const bool tickets : {false, true}) {
    CAPTURE(tickets);
    World world;
    EchoServer server(server_options(world.server_key), world.accounts);
    const auto options = [&](BytesView key, const crypto::WipedBytes& session) {
      auto out = psk_options();
      out.psk = crypto::SecretBytes(key);
      out.tickets = tickets;
      out.session = session;
      return out;
    };
    const auto session_of = [&](BytesView key, const crypto::WipedBytes& before, bool resumed) {
      const auto link = connect(server, options(key, before));
      REQUIRE_MESSAGE(link, link.error().text);
      CHECK((*link)->summary().resumed == resumed);
      check_echo(**link);
      return (*link)->session();
    };
    const auto first = session_of(kKey, {}, false);
    const auto again = session_of(kKey, first, true);
    const auto replaced = "0102030405060708090A0B0C0D0E0F10"_h;
    world.accounts.keys[to_bytes(as_bytes("device-1"))] = to_bytes(replaced);
    ++world.accounts.changes;
    // Who has the old key and its session stays out; with the new key the old session is no help and no hindrance.
    auto stale = options(kKey, again);
    stale.times.give_up = milliseconds(1500);
    CHECK_FALSE(DtlsLink::connect(*UdpLink::connect("127.0.0.1", server.port()), std::move(stale)));
    session_of(replaced, session_of(replaced, again, false), true);
  }
}

TEST_CASE("A client resumes no session with other credentials or another server key than it was made with (RFC 5246 F.1.4)") {
  World world;
  EchoServer server(server_options(world.server_key), world.accounts);
  world.accounts.raw_keys.insert(world.other_key.public_key());
  const auto link = connect(server, raw_options(world.device_key, world.server_key.public_key()));
  REQUIRE_MESSAGE(link, link.error().text);
  const auto resumed_with = [&](DtlsOptions options) {
    options.session = (*link)->session();
    const auto again = connect(server, std::move(options));
    REQUIRE_MESSAGE(again, again.error().text);
    return (*again)->summary().resumed;
  };
  CHECK(resumed_with(raw_options(world.device_key, world.server_key.public_key())));
  CHECK_FALSE(resumed_with(raw_options(world.device_key, *raw_public_key(world.server_key.secret.public_key()))));
  CHECK_FALSE(resumed_with(raw_options(world.other_key, world.server_key.public_key())));
  CHECK_FALSE(resumed_with(psk_options()));
}

TEST_CASE("Pre-shared keys in the server's role: each suite that a server must have, by OpenSSL as client (LwM2M 1.0 7.1.7)") {
  World world;
  EchoServer server(server_options(world.server_key), world.accounts);
  for (const auto& [suite, name] : {std::pair<std::uint16_t, const char*>{0xC0A8, "TLS_PSK_WITH_AES_128_CCM_8"},
                                    {0x00AE, "TLS_PSK_WITH_AES_128_CBC_SHA256"},
                                    {0xC037, "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256"}}) {
    auto link = connect(server, psk_options(suite));
    REQUIRE_MESSAGE(link, link.error().text);
    CHECK((*link)->summary().suite == name);
    CHECK((*link)->summary().max_fragment == 512);
    CHECK((*link)->summary().extended_master_secret);
    check_echo(**link);
    CHECK(server.proof().psk_identity == to_bytes(as_bytes("device-1")));
    auto again = psk_options(suite);
    again.session = (*link)->session();
    const auto resumed = connect(server, std::move(again));
    REQUIRE_MESSAGE(resumed, resumed.error().text);
    CHECK((*resumed)->summary().resumed);
    check_echo(**resumed);
  }
}

TEST_CASE("A secret that can be guessed is good for suites with a key agreement only, at the server too (UDP channel CR 7.1)") {
  World world;
  world.accounts.keys[to_bytes(as_bytes("device-1"))] = to_bytes(as_bytes("1234567812345678"));
  EchoServer server(server_options(world.server_key), world.accounts);
  const auto weak = [](std::uint16_t suite) {
    auto out = psk_options(suite);
    out.psk = crypto::SecretBytes(as_bytes("1234567812345678"));
    return out;
  };
  CHECK(connect(server, weak(0xC037)));
  CHECK_FALSE(connect(server, weak(0xC0A8)));
  CHECK(server.refusal() == "a secret that can be guessed, in a suite without a key agreement");
}

TEST_CASE("An unknown identity fails as a wrong key does (RFC 4279 2)") {
  World world;
  EchoServer server(server_options(world.server_key), world.accounts);
  const auto error_of = [&](const char* identity, std::uint8_t change) {
    auto out = psk_options();
    out.psk_identity = identity;
    Bytes key = to_bytes(kKey);
    key[0] ^= change;
    out.psk = crypto::SecretBytes(key);
    out.times.give_up = milliseconds(1500);
    const auto link = DtlsLink::connect(*UdpLink::connect("127.0.0.1", server.port()), std::move(out));
    REQUIRE_FALSE(link);
    return link.error().text;
  };
  CHECK(error_of("device-1", 1) == error_of("nobody", 0));
}

TEST_CASE("A client that gave up begins anew from the same port at once (RFC 6347 4.2.8)") {
  World world;
  EchoServer server(server_options(world.server_key), world.accounts);
  const std::uint16_t port = UdpSocket::bind("127.0.0.1", 0)->port();
  auto wrong = psk_options();
  Bytes key = to_bytes(kKey);
  key[0] ^= 1;
  wrong.psk = crypto::SecretBytes(key);
  wrong.times.give_up = milliseconds(1000);
  REQUIRE_FALSE(DtlsLink::connect(*UdpLink::connect("127.0.0.1", server.port(), port), std::move(wrong)));
  auto right = psk_options();
  right.times.give_up = milliseconds(5000);
  const auto link = DtlsLink::connect(*UdpLink::connect("127.0.0.1", server.port(), port), std::move(right));
  REQUIRE_MESSAGE(link, link.error().text);
  check_echo(**link);
}

TEST_CASE("Handshakes that are never finished do not keep others out: the one begun first gives way") {
  World world;
  auto options = server_options(world.server_key);
  options.most_handshakes = 1;
  EchoServer server(std::move(options), world.accounts);
  auto wrong = psk_options();  // of a wrong key the server hears nothing that it can read, and waits
  Bytes key = to_bytes(kKey);
  key[0] ^= 1;
  wrong.psk = crypto::SecretBytes(key);
  wrong.times.give_up = milliseconds(1500);
  REQUIRE_FALSE(DtlsLink::connect(*UdpLink::connect("127.0.0.1", server.port()), std::move(wrong)));
  const auto right = connect(server, psk_options());
  REQUIRE_MESSAGE(right, right.error().text);
  check_echo(**right);
}

TEST_CASE(
    "Nothing is kept of a client that did not prove its address by a cookie (RFC 6347 4.2.1), and bytes that are not DTLS change nothing") {
  World world;
  std::size_t answers = 0;
  DtlsServer server(server_options(world.server_key), world.accounts,
                    {.send = [&](const auto&, BytesView) { ++answers; },
                     .message = [](const auto&, const auto&, BytesView) {},
                     .connected = [](const auto&, const auto&, const auto&) {},
                     .closed = [](const auto&) {},
                     .refused = [](const auto&, const auto&) {}});
  const PeerAddress from{{1, 2, 3}};
  // A ClientHello without a cookie: record header, handshake header, version, random, no session, no cookie, one suite, no compression.
  Bytes hello = to_bytes("16FEFF0000000000000000003B0100002F000000000000002FFEFD"_h);
  hello.resize(hello.size() + 32, 0x55);
  append(hello, "00000002C0A801000000"_h);
  hello[12] = static_cast<std::uint8_t>(hello.size() - 13);
  server.receive(from, hello);
  CHECK(answers == 1);
  CHECK(server.peers() == 0);
  SeededRandom random(1);
  for (int i = 0; i < 2000; ++i) {
    Bytes bytes = hello;
    for (int k = 0; k < 4; ++k) bytes[random.next() % bytes.size()] = static_cast<std::uint8_t>(random.next());
    bytes.resize(random.next() % bytes.size() + 1);
    server.receive(from, bytes);
  }
  CHECK(server.peers() == 0);
  CHECK_FALSE(server.send(from, hello));
}

TEST_CASE("A PSK identity of 128 bytes works at both ends (RFC 4279 5.3; UDP channel CR D.1.1.1)") {
  World world;
  const std::string identity(128, 'i');
  world.accounts.keys[to_bytes(as_bytes(identity))] = to_bytes(kKey);
  EchoServer server(server_options(world.server_key), world.accounts);
  auto options = psk_options();
  options.psk_identity = identity;
  const auto link = connect(server, std::move(options));
  REQUIRE_MESSAGE(link, link.error().text);
  check_echo(**link);
  CHECK(server.proof().psk_identity == to_bytes(as_bytes(identity)));
}
