// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/validation.hpp"

#include <functional>

#include <doctest/doctest.h>

#include "tests/support/vector_file.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;

namespace {

using Change = std::function<void(ObjectInstance& account)>;

const test::VectorSet& credentials() {
  static const test::VectorSet set = test::load_vectors("credentials.txt").at(0);
  return set;
}

/// The account of the default test card: nothing is wrong with it.
BootstrapFile good_file() {
  BootstrapFile file;
  ObjectInstance account{0, {}};
  account.set(security::kUri, std::string_view("coaps://127.0.0.1:5684"));
  account.set_boolean(security::kBootstrap, false);
  account.set(security::kMode, 0);
  account.set(security::kIdentity, std::string_view("uicclab-001010000000001"));
  account.set(security::kSecretKey, "000102030405060708090A0B0C0D0E0F"_h);
  account.set(security::kSmsMode, 2);
  account.set(security::kSmsKeyParameters, "121216B20203"_h);
  account.set(security::kSmsKeys, "707172737475767778797A7B7C7D7E7F808182838485868788898A8B8C8D8E8F"_h);
  account.set(security::kSmsNumber, std::string_view("+491710000000"));
  account.set(security::kShortServerId, 1);
  ObjectInstance server{0, {}};
  server.set(server::kShortServerId, 1);
  server.set(server::kLifetime, 300);
  server.set_boolean(server::kNotificationStoring, false);
  server.set(server::kBinding, std::string_view("U"));
  file.objects.push_back({kSecurityObject, std::nullopt, {account}});
  file.objects.push_back({kServerObject, std::nullopt, {server}});
  return file;
}

void use_raw_keys(ObjectInstance& account) {
  account.set(security::kMode, 1);
  account.set(security::kIdentity, credentials().bytes("client_public"));
  account.set(security::kServerKey, credentials().bytes("server_public"));
  account.set(security::kSecretKey, credentials().bytes("client_private"));
}

void use_certificates(ObjectInstance& account) {
  account.set(security::kMode, 2);
  account.set(security::kIdentity, credentials().bytes("client_certificate"));
  account.set(security::kServerKey, credentials().bytes("server_certificate"));
  account.set(security::kSecretKey, credentials().bytes("client_private"));
}

std::string text_of(const std::vector<Refusal>& refusals) {
  std::string text;
  for (const Refusal& one : refusals) text += one.path + ": " + one.reason + "\n";
  return text;
}

std::vector<Refusal> check(const Change& change, const std::string& endpoint = {}) {
  BootstrapFile file = good_file();
  change(file.objects[0].instances[0]);
  return validate(file, {{1, 1}, endpoint});
}

/// Exactly one refusal, there, with this in its reason.
void refused(const Change& change, const char* path, const char* reason, const std::string& endpoint = {}) {
  const auto refusals = check(change, endpoint);
  CAPTURE(path);
  CAPTURE(reason);
  CAPTURE(text_of(refusals));
  REQUIRE(refusals.size() == 1);
  CHECK(refusals[0].path == path);
  CHECK(refusals[0].reason.find(reason) != std::string::npos);
}

}  // namespace

TEST_CASE("The test card's account, raw public keys and certificates have nothing that is refused") {
  CHECK(text_of(check([](ObjectInstance&) {})).empty());
  CHECK(text_of(check(use_raw_keys)).empty());
  CHECK(text_of(check(use_certificates, "uicclab-001010000000001")).empty());
  CHECK(text_of(check([](ObjectInstance& account) {
          use_certificates(account);
          account.set(security::kUri, std::string_view("coaps://a.example.com"));
          account.set(security::kServerKey, credentials().bytes("wildcard_certificate"));
        })).empty());
  CHECK(text_of(check([](ObjectInstance& account) {
          use_certificates(account);
          account.set(security::kServerKey, credentials().bytes("authority_certificate"));
        })).empty());
}

TEST_CASE("Pre-shared keys: mode, suites and secrets that a device refuses (LwM2M 1.0 7.1.1)") {
  using O = ObjectInstance;
  refused([](O& a) { a.set(security::kMode, 9); }, "/0/0/2", "unknown security mode 9");
  refused([](O& a) { a.remove(security::kMode); }, "/0/0/2", "missing");
  refused([](O& a) { a.remove(security::kIdentity); }, "/0/0/3", "identity is missing");
  refused([](O& a) { a.set(security::kIdentity, "FF"_h); }, "/0/0/3", "not UTF-8");
  refused([](O& a) { a.set(security::kIdentity, Bytes(129, 'a')); }, "/0/0/3", "128");
  refused([](O& a) { a.remove(security::kSecretKey); }, "/0/0/5", "missing");
  refused([](O& a) { a.set(security::kSecretKey, BytesView()); }, "/0/0/5", "missing");
  refused([](O& a) { a.set(security::kSecretKey, "00112233445566778899AABBCCDDEE"_h); }, "/0/0/5", "15 bytes");
  refused([](O& a) { a.add(security::kCiphersuite, 0, "C0A9"_h); }, "/0/0/5", "needs 32");
  refused([](O& a) { a.set(security::kSecretKey, as_bytes("1234567890123456")); }, "/0/0/5", "guessed");
  refused([](O& a) { a.set(security::kSecretKey, Bytes(16, 0xAA)); }, "/0/0/5", "guessed");
  refused([](O& a) { a.add(security::kCiphersuite, 0, "008C"_h); }, "/0/0/16", "SHA-1");
  refused([](O& a) { a.add(security::kCiphersuite, 0, "C0AE"_h); }, "/0/0/16", "does not fit");
  refused([](O& a) { a.add(security::kCiphersuite, 0, "1234"_h); }, "/0/0/16", "not known");
  refused([](O& a) { a.set(security::kCiphersuite, "C0A8"_h); }, "/0/0/16", "multiple");
  refused([](O& a) { a.set(security::kUri, std::string_view("coap://127.0.0.1")); }, "/0/0/0", "needs DTLS");
  refused([](O& a) { a.set(security::kUri, std::string_view("nonsense")); }, "/0/0/0", "scheme");
  refused([](O& a) { a.set(security::kMode, 3); }, "/0/0/0", "NoSec");
  // A low-entropy secret is what ECDHE_PSK is for.
  CHECK(check([](O& a) {
          a.set(security::kSecretKey, as_bytes("123456"));
          a.add(security::kCiphersuite, 0, "C037"_h);
        }).empty());
  refused(
      [](O& a) {
        a.set(security::kSecretKey, as_bytes("1234567890123456"));
        a.add(security::kCiphersuite, 0, "C037"_h);
        a.add(security::kCiphersuite, 1, "C0A8"_h);
      },
      "/0/0/5", "guessed");
}

TEST_CASE("Raw public keys that a device refuses (LwM2M 1.0 7.1.2)") {
  const auto with = [](std::uint16_t resource, const char* name) {
    return [resource, name](ObjectInstance& account) {
      use_raw_keys(account);
      account.set(resource, credentials().bytes(name));
    };
  };
  refused(with(security::kServerKey, "small_public"), "/0/0/4", "224 bits");
  refused(with(security::kServerKey, "rsa_public"), "/0/0/4", "elliptic");
  refused(with(security::kServerKey, "server_certificate"), "/0/0/4", "SubjectPublicKeyInfo");
  refused(with(security::kServerKey, "client_public"), "/0/0/4", "same key pair");
  refused(with(security::kSecretKey, "client_public"), "/0/0/5", "no private key");
  refused(with(security::kIdentity, "server_certificate"), "/0/0/3", "SubjectPublicKeyInfo");
  const auto wrong = check(with(security::kSecretKey, "server_private"));
  CHECK(text_of(wrong).find("does not belong") != std::string::npos);
  CHECK(text_of(wrong).find("is the server's") != std::string::npos);
}

TEST_CASE("Certificates that a device refuses (LwM2M 1.0 7.1.3)") {
  const auto with = [](std::uint16_t resource, const char* name) {
    return [resource, name](ObjectInstance& account) {
      use_certificates(account);
      account.set(security::kUri, std::string_view("coaps://lwm2m.example.com"));
      account.set(resource, credentials().bytes(name));
    };
  };
  CHECK(text_of(check(with(security::kServerKey, "server_certificate"))).empty());
  refused(with(security::kServerKey, "sha1_certificate"), "/0/0/4", "SHA1");
  CHECK(text_of(check(with(security::kServerKey, "md5_certificate"))).find("/0/0/4: a certificate signed with MD5") != std::string::npos);
  refused(with(security::kServerKey, "same_certificate"), "/0/0/4", "same key pair");
  refused(with(security::kServerKey, "server_public"), "/0/0/4", "no X.509");
  refused(with(security::kIdentity, "nameless_certificate"), "/0/0/3", "common name");
  refused(with(security::kIdentity, "server_public"), "/0/0/3", "no X.509");
  refused(use_certificates, "/0/0/3", "endpoint name", "another-device");
  CHECK(text_of(check(with(security::kServerKey, "toplevel_certificate"))).find("*.com is not allowed") != std::string::npos);
  refused(
      [&](ObjectInstance& account) {
        with(security::kServerKey, "server_certificate")(account);
        account.set(security::kUri, std::string_view("coaps://other.example.com"));
      },
      "/0/0/4", "does not name the host");
  const auto small = check([&](ObjectInstance& account) {
    with(security::kIdentity, "small_certificate")(account);
    account.set(security::kSecretKey, credentials().bytes("small_private"));
  });
  CHECK(text_of(small) == "/0/0/3: a key of 224 bits; 256 are the least\n");
  // Resource 13: a hash in place of the certificate.
  const auto with_hash = [](std::size_t size) {
    return [size](ObjectInstance& account) {
      use_certificates(account);
      account.set(security::kMatchingType, encode_unsigned(1));
      account.set(security::kServerKey, Bytes(size, 7));
    };
  };
  CHECK(text_of(check(with_hash(32))).empty());
  refused(with_hash(20), "/0/0/4", "hash");
}

TEST_CASE("SMS binding: the end-points, their TARs, and what mode 1 is (LwM2M 1.0 7.2.2.1, 7.2.2.3; SMS session-key CR 7.2.2.1)") {
  using O = ObjectInstance;
  const auto set = [](std::int64_t mode, std::string_view tar) {
    return [mode, tar](O& a) {
      a.set(security::kSmsMode, mode);
      a.set(security::kSmsKeyParameters, BytesView(concat({"121216"_h, *from_hex(tar)})));
    };
  };
  for (const char* tar : {"BFFF00", "BFFF01", "BFFFFF"}) {
    CHECK(check(set(204, tar)).empty());
    CHECK(text_of(check(set(1, tar))).find("mode 1 is DTLS over SMS") != std::string::npos);
    refused(set(2, tar), "/0/0/7", "is for packets that end in the device");
  }
  for (const char* tar : {"BFFEFF", "B20203", "C00000", "000000"}) {
    refused(set(204, tar), "/0/0/7", "must be BFFF00 to BFFFFF");
    CHECK(text_of(check(set(1, tar))).find("/0/0/7: TAR " + std::string(tar)) != std::string::npos);
  }
  CHECK(text_of(check(set(2, "B20204"))).find("TAR B20204") != std::string::npos);
  for (const std::int64_t mode : {1, 204}) {
    const auto with = [mode, set](auto change) {
      return [=](O& a) {
        set(mode, "BFFF01")(a);
        change(a);
      };
    };
    CHECK(text_of(check(with([](O& a) { a.remove(security::kSmsKeys); }))).find("/0/0/8: the SMS keys is missing") != std::string::npos);
    CHECK(text_of(check(with([](O& a) { a.set(security::kSmsKeys, Bytes(24, 7)); }))).find("/0/0/8") != std::string::npos);
    CHECK(text_of(check(with([](O& a) { a.remove(security::kSmsNumber); }))).find("/0/0/9") != std::string::npos);
  }
  refused(
      [set](O& a) {
        set(204, "BFFF01")(a);
        a.remove(security::kSmsKeyParameters);
      },
      "/0/0/7", "missing");
  // Without key parameters mode 1 is that of LwM2M 1.0.
  CHECK(text_of(check([](O& a) {
          a.set(security::kSmsMode, 1);
          a.remove(security::kSmsKeyParameters);
          a.remove(security::kSmsKeys);
        })) == "/0/0/6: DTLS over SMS, which uicclab's device and card do not have; packets that end in the device are mode 204\n");
}

TEST_CASE("SMS binding: modes, parameters and keys that a device refuses (LwM2M 1.0 7.2.2.3)") {
  using O = ObjectInstance;
  for (const std::int64_t mode : {0, 4, 5, 203}) {
    refused([mode](O& a) { a.set(security::kSmsMode, mode); }, "/0/0/6", "reserved");
  }
  for (const std::int64_t mode : {3, 255}) CHECK(check([mode](O& a) { a.set(security::kSmsMode, mode); }).empty());
  refused([](O& a) { a.remove(security::kSmsNumber); }, "/0/0/9", "number");
  refused([](O& a) { a.remove(security::kSmsKeys); }, "/0/0/8", "missing");
  refused([](O& a) { a.remove(security::kSmsKeyParameters); }, "/0/0/7", "missing");
  refused([](O& a) { a.set(security::kSmsKeyParameters, "121216B202"_h); }, "/0/0/7", "length");
  refused([](O& a) { a.set(security::kSmsKeyParameters, "111116B20203"_h); }, "/0/0/7", "neither");  // single DES
  refused([](O& a) { a.set(security::kSmsKeyParameters, "151516B20203"_h); }, "/0/0/7", "neither");  // two keys
  refused([](O& a) { a.set(security::kSmsKeyParameters, "121916B20203"_h); }, "/0/0/7", "neither");
  refused([](O& a) { a.set(security::kSmsKeyParameters, "121212B20203"_h); }, "/0/0/7", "ciphering");
  refused([](O& a) { a.set(security::kSmsKeyParameters, "121206B20203"_h); }, "/0/0/7", "counter");
  refused([](O& a) { a.set(security::kSmsKeyParameters, "191916B20203"_h); }, "/0/0/8", "48");
  refused([](O& a) { a.set(security::kSmsKeys, Bytes(16, 1)); }, "/0/0/8", "one key");
}

TEST_CASE("Accounts: identifiers and instances that do not fit together (LwM2M E.1, E.2)") {
  using O = ObjectInstance;
  refused([](O& a) { a.set(security::kShortServerId, 2); }, "/0/0/10", "no Server instance");
  refused([](O& a) { a.remove(security::kShortServerId); }, "/0/0/10", "short server identifier");
  refused([](O& a) { a.remove(security::kUri); }, "/0/0/0", "missing");
  refused([](O& a) { a.set(99, std::string_view("x")); }, "/0/0/99", "no such resource");
  refused([](O& a) { a.set(18, 23); }, "/0/0/18", "no such resource");  // of 1.2 only
  CHECK(check([](O& a) {
          a.set_boolean(security::kBootstrap, true);
          a.remove(security::kShortServerId);
        }).empty());
  BootstrapFile twice = good_file();
  twice.objects[0].instances.push_back(twice.objects[0].instances[0]);
  twice.objects[0].instances[1].id = 1;
  CHECK(text_of(validate(twice)).find("/0/1/10: two accounts") != std::string::npos);
  BootstrapFile server_only = good_file();
  server_only.objects.erase(server_only.objects.begin());
  CHECK(text_of(validate(server_only)) == "/0: there is no Security object\n");
  BootstrapFile without_lifetime = good_file();
  without_lifetime.objects[1].instances[0].remove(server::kLifetime);
  CHECK(text_of(validate(without_lifetime)) == "/1/0/1: Lifetime is missing\n");
  BootstrapFile future = good_file();
  future.objects[1].version = ObjectVersion{2, 0};
  CHECK(text_of(validate(future)) == "/1: an unknown version of the object\n");
  BootstrapFile other = good_file();
  other.objects.push_back({5, std::nullopt, {}});
  CHECK(validate(other).at(0).severity == Refusal::Severity::kWarning);
}

TEST_CASE("Which secrets can be guessed") {
  for (const char* bad : {"", "1234", "password", "0000000000000000000000000000000000", "12345678901234567890123", "correcthorsebattery"}) {
    CHECK(is_low_entropy(as_bytes(bad)));
  }
  for (const char* good : {"3x@mpl3P5K53cr3tK3y", "kW8vQz1LmN4pRt6Ys2Xa", "correcthorsebatterystaple"})
    CHECK_FALSE(is_low_entropy(as_bytes(good)));
  CHECK_FALSE(is_low_entropy("000102030405060708090A0B0C0D0E0F"_h));
  CHECK(is_low_entropy("FF00FF00FF00FF00FF00FF00FF00FF00"_h));

  // A number that was padded, in binary, in semi-octets and in digits; an IMEI in semi-octets.
  CHECK(is_low_entropy("00000000000000000001021C4A9F3E77"_h));
  CHECK(is_low_entropy("4901542032375180FFFFFFFFFFFFFFFF"_h));
  CHECK(is_low_entropy("49015420323751804901542032375184"_h));
  CHECK(is_low_entropy(as_bytes("0000000000000000000490154203237518")));
  CHECK(is_low_entropy("34393031353432303332333735313800FFFF"_h));
  // A half that is repeated, whole or in part.
  CHECK(is_low_entropy("8F1B64C97A02D35E8F1B64C97A02D35E"_h));
  CHECK(is_low_entropy("8F1B64C97A02D3558F1B64C97A02D3558F1B"_h));
  // Words that are not of ASCII: "Schl\u00FCsselgr\u00F6\u00DFe", four characters of Japanese.
  CHECK(is_low_entropy("5363686CC3BC7373656C6772C3B6C39F65"_h));
  CHECK(is_low_entropy("E38391E382B9E383AFE383BCE38389"_h));
  // Random keys, with a zero at either end, and with bytes that look like digits.
  CHECK_FALSE(is_low_entropy("00A1B2C3D4E5F60718293A4B5C6D7E00"_h));
  CHECK_FALSE(is_low_entropy("8F1B64C97A02D35E"_h));
  CHECK_FALSE(is_low_entropy("31B73299348A35E036F0373839A1C2D4"_h));
  CHECK_FALSE(is_low_entropy(as_bytes("8403195527716049823675019284736105")));
}
