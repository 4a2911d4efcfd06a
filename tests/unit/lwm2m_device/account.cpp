// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/device/account.hpp"

#include <doctest/doctest.h>

#include "lwm2m/device/device_state.hpp"
#include "lwm2m/device/registration.hpp"
#include "lwm2m/raw_key.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;
using namespace uicclab::lwm2m::device;

namespace {

constexpr auto kKey = "D3 1C 92 4F A0 77 5B E8 09 C6 3D 81 F2 6A B4 15"_h;

ObjectInstance security_of(std::uint16_t id, std::string_view uri, std::int64_t mode, std::int64_t short_id) {
  ObjectInstance out{id, {}};
  out.set(security::kUri, uri);
  out.set_boolean(security::kBootstrap, false);
  out.set(security::kMode, mode);
  out.set(security::kIdentity, std::string_view("device-1"));
  out.set(security::kSecretKey, BytesView(kKey));
  out.set(security::kShortServerId, short_id);
  return out;
}

BootstrapFile some_file() {
  ObjectInstance boot = security_of(0, "coaps://boot.example", 0, 9);
  boot.set_boolean(security::kBootstrap, true);
  boot.set(security::kHoldOff, std::int64_t{30});
  ObjectInstance server{0, {}};
  server.set(server::kShortServerId, std::int64_t{2});
  server.set(server::kLifetime, std::int64_t{300});
  server.set(server::kBinding, std::string_view("UQ"));
  return {{{kSecurityObject,
            std::nullopt,
            {boot, security_of(1, "coap://plain.example", 3, 1), security_of(2, "coaps://a.example:1234", 0, 2)}},
           {kServerObject, std::nullopt, {server}}}};
}

Account psk_account() {
  return *find_account(some_file(), std::uint16_t{2}, false);
}

}  // namespace

TEST_CASE("The account that is asked for, with the Server object that belongs to it (LwM2M E.1, E.2)") {
  const BootstrapFile file = some_file();
  const auto first = find_account(file, std::nullopt, false);
  REQUIRE(first);
  CHECK(first->uri.host == "plain.example");
  CHECK(first->lifetime == std::chrono::seconds(86400));
  const Account second = psk_account();
  CHECK(second.uri.port == 1234);
  CHECK(second.lifetime == std::chrono::seconds(300));
  CHECK(second.binding == "UQ");
  CHECK(default_endpoint(second) == "device-1");
  CHECK(find_account(file, std::nullopt, true)->hold_off == std::chrono::seconds(30));
  CHECK(find_account(file, std::uint16_t{7}, false).error().code == ErrorCode::kNotFound);
  CHECK(find_account({}, std::nullopt, false).error().code == ErrorCode::kNotFound);
  CHECK(object_links(file) == "</>;rt=\"oma.lwm2m\",</1/0>,</3/0>");
}

TEST_CASE("Accounts that cannot be are refused") {
  const auto with = [](std::string_view uri, std::int64_t mode) {
    return find_account({{{kSecurityObject, std::nullopt, {security_of(0, uri, mode, 1)}}}}, std::nullopt, false);
  };
  CHECK(with("coaps://a", 0));
  CHECK_FALSE(with("coap://a", 0));
  CHECK_FALSE(with("coaps://a", 3));
  CHECK(with("coaps+tcp://a", 0).error().code == ErrorCode::kUnsupported);
  CHECK(with("tel:+49", 3).error().code == ErrorCode::kUnsupported);
  CHECK_FALSE(with("http://a", 3));
  CHECK_FALSE(with("coaps://a", 7));
}

TEST_CASE("Suites: CCM_8 first, key agreement for a secret that can be guessed, nothing with SHA-1 (LwM2M 1.0 7.1)") {
  Account account = psk_account();
  CHECK(proposed_suites(account) == std::vector<std::uint16_t>{0xC0A8, 0x00AE, 0xC037});
  account.security.set(security::kSecretKey, std::string_view("password"));
  CHECK(proposed_suites(account) == std::vector<std::uint16_t>{0xC037});
  account.security.add(security::kCiphersuite, 0, encode_unsigned(0xC0A8));
  CHECK(proposed_suites(account).error().code == ErrorCode::kRefused);
  account.security.set(security::kSecretKey, BytesView(kKey));
  account.security.add(security::kCiphersuite, 1, encode_unsigned(0x008C));
  account.security.add(security::kCiphersuite, 2, encode_unsigned(0xC0AE));
  account.security.add(security::kCiphersuite, 3, encode_unsigned(0xFFFF));
  CHECK(proposed_suites(account) == std::vector<std::uint16_t>{0xC0A8});
  account = psk_account();
  account.mode = SecurityMode::kCertificate;
  CHECK(proposed_suites(account) == std::vector<std::uint16_t>{0xC0AE, 0xC023});
  account.mode = SecurityMode::kRawPublicKey;
  CHECK(proposed_suites(account) == std::vector<std::uint16_t>{0xC0AE, 0xC023});
  account.mode = SecurityMode::kEst;
  REQUIRE_FALSE(proposed_suites(account));
  CHECK(proposed_suites(account).error().code == ErrorCode::kUnsupported);
  CHECK(dtls_options(account, std::nullopt).error().code == ErrorCode::kUnsupported);
}

TEST_CASE(
    "Raw public keys: as DER or as 32 bytes each; not the server's own pair, not without the server's key (UDP channel CR 7.1.2, "
    "D.1.1.2)") {
  const auto own = crypto::PrivateKey::generate(crypto::KeyKind::kP256);
  const auto peer = crypto::PrivateKey::generate(crypto::KeyKind::kP256);
  const auto account_of = [](BytesView key, BytesView secret, BytesView server) {
    Account account = psk_account();
    account.mode = SecurityMode::kRawPublicKey;
    account.security.set(security::kIdentity, key);
    account.security.set(security::kSecretKey, secret);
    account.security.set(security::kServerKey, server);
    return account;
  };
  const Bytes short_key = *raw_public_key(own.public_key());
  const auto short_secret = *raw_private_key(own);
  const BytesView scalar = short_secret.expose(crypto::ExposeSecret{"a test"});
  const Bytes server = peer.public_key().der();
  for (const auto& account :
       {account_of(own.public_key().der(), own.der(), server), account_of(short_key, scalar, *raw_public_key(peer.public_key()))}) {
    const auto options = dtls_options(account, std::nullopt);
    REQUIRE(options);
    CHECK(options->public_key == own.public_key().der());
    CHECK(options->private_key == own.der());
    CHECK(same_raw_key(options->server_public_key, peer.public_key()));
    CHECK_FALSE(same_raw_key(options->server_public_key, own.public_key()));
  }
  CHECK(dtls_options(account_of(short_key, scalar, {}), std::nullopt).error().code == ErrorCode::kMalformed);
  CHECK(dtls_options(account_of(short_key, scalar, Bytes(5, 1)), std::nullopt).error().code == ErrorCode::kMalformed);
  CHECK(dtls_options(account_of(short_key, Bytes(32, 0), server), std::nullopt).error().code == ErrorCode::kMalformed);
  for (const Bytes& same : {short_key, own.public_key().der()}) {
    CHECK(dtls_options(account_of(short_key, scalar, same), std::nullopt).error().code == ErrorCode::kRefused);
  }
}

TEST_CASE("Missing or too long credentials are refused, and the error does not contain them") {
  Account account = psk_account();
  CHECK(dtls_options(account, std::nullopt)->psk_identity == "device-1");
  CHECK(dtls_options(account, std::nullopt)->server_name == account.uri.host);  // RFC 7925 clause 13
  account.security.set(security::kSecretKey, BytesView(Bytes(65, 0x5A)));
  const auto long_key = dtls_options(account, std::nullopt);
  CHECK_FALSE(long_key);
  account.security.remove(security::kSecretKey);
  CHECK(dtls_options(account, std::nullopt).error().code == ErrorCode::kMalformed);
}

TEST_CASE("A handshake waits 9 s, then twice as long each time, at most 60 s (RFC 7925 11)") {
  const DtlsTimes times;
  std::vector<std::int64_t> waits;
  for (std::chrono::milliseconds wait = times.next({}); waits.size() < 6; wait = times.next(wait)) waits.push_back(wait.count() / 1000);
  CHECK(waits == std::vector<std::int64_t>{9, 18, 36, 60, 60, 60});
}

TEST_CASE("A PSK identity that OpenSSL cannot send, or that is too long, and suites that it lacks are refused before anything is sent") {
  const auto refused = [](DtlsOptions options) {
    return DtlsLink::connect(*UdpLink::connect("127.0.0.1", 9), std::move(options)).error().code;
  };
  const auto options = [] {
    DtlsOptions out;
    out.suites = {0xC0A8};
    out.psk = crypto::SecretBytes(kKey);
    return out;
  };
  DtlsOptions one = options();
  one.psk_identity = std::string("a\0b", 3);
  CHECK(refused(std::move(one)) == ErrorCode::kUnsupported);
  one = options();
  one.psk_identity = std::string(257, 'a');
  CHECK(refused(std::move(one)) == ErrorCode::kRange);
  one = options();
  one.suites = {0xD003};
  CHECK(refused(std::move(one)) == ErrorCode::kUnsupported);
  one = options();
  one.max_fragment = 700;
  CHECK(refused(std::move(one)) == ErrorCode::kRange);
}

TEST_CASE("What a device keeps is sealed: only its key opens it, and no bit of it can be changed (RFC 7925 9)") {
  SeededRandom random(3);
  const crypto::SecretBytes key(Bytes(32, 1));
  DeviceState state;
  state.bootstrap_digest = Bytes(32, 2);
  state.server = "coaps://a:5684";
  state.endpoint = "me";
  state.location = "rd/1";
  state.lifetime = std::chrono::seconds(300);
  state.registered = std::chrono::sys_seconds(std::chrono::seconds(1'700'000'000));
  state.dtls_session = crypto::to_wiped(Bytes(500, 0x5E));
  state.max_fragment = 1024;
  state.tickets = true;
  const Bytes sealed = seal_state(state, key, random);
  const auto back = open_state(sealed, key);
  REQUIRE(back);
  CHECK(back->location == "rd/1");
  CHECK(back->dtls_session == state.dtls_session);
  CHECK(back->max_fragment == 1024);
  CHECK(back->tickets);
  CHECK(back->registered == state.registered);
  CHECK(back->is_registered(state.registered + std::chrono::seconds(299)));
  CHECK_FALSE(back->is_registered(state.registered + std::chrono::seconds(300)));
  CHECK(std::ranges::search(sealed, Bytes(16, 0x5E)).empty());
  CHECK_FALSE(open_state(sealed, crypto::SecretBytes(Bytes(32, 9))));
  CHECK_FALSE(open_state({}, key));
  for (std::size_t i = 0; i < sealed.size(); i += 7) {
    Bytes changed = sealed;
    changed[i] ^= 0x01;
    CHECK(open_state(changed, key).error().text == "not a device state encrypted with this key");
  }
}

TEST_CASE("An endpoint name fits its option, and is the certificate's common name (RFC 7252 table 4; LwM2M 1.0 7.1.9)") {
  Account account = psk_account();
  CHECK(check_endpoint(account, "anything"));
  CHECK(check_endpoint(account, std::string(252, 'x')));
  CHECK(check_endpoint(account, std::string(253, 'x')).error().code == ErrorCode::kRange);
  CHECK(check_endpoint(account, "").error().code == ErrorCode::kRange);
  account.mode = SecurityMode::kCertificate;
  CHECK(check_endpoint(account, "anything").error().code == ErrorCode::kRefused);
}
