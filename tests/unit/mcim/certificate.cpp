// SPDX-License-Identifier: Apache-2.0
// Certificates of TREs: made, asked for, and checked before anything is wrapped (TR 33.812 5.1.3.7.3.3).
#include "mcim/certificate.hpp"

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "core/crypto/certificate.hpp"
#include "core/crypto/certificate_chain.hpp"
#include "core/crypto/certificate_issue.hpp"
#include "tests/support/vector_file.hpp"

using namespace uicclab;
using namespace uicclab::crypto;
using std::chrono::hours;

namespace {

constexpr std::chrono::sys_seconds kNow{std::chrono::seconds(1'800'000'000)};

const PrivateKey& rsa() {
  static const PrivateKey key = PrivateKey::generate(KeyKind::kRsa);
  return key;
}
const PrivateKey& p256() {
  static const PrivateKey key = PrivateKey::generate(KeyKind::kP256);
  return key;
}

struct Authority {
  PrivateKey key = PrivateKey::generate(KeyKind::kP256);
  Bytes certificate;
};

CertificateTerms terms(const char* name, CertificateUse use = CertificateUse::kEncryption) {
  const auto days = std::chrono::days(use == CertificateUse::kAuthority ? 365 : 0);
  return {name, kNow - hours(1) - days, kNow + hours(1) + days, use, true};
}
Bytes issue(const PublicKey& key, const CertificateTerms& wanted, const Authority& by) {
  SeededRandom random(1);
  auto made = issue_certificate(key, wanted, by.key, by.certificate, random);
  REQUIRE(made);
  return *made;
}
Authority authority(const char* name, const Authority* by = nullptr) {
  Authority out;
  SeededRandom random(2);
  const auto made = issue_certificate(out.key.public_key(), terms(name, CertificateUse::kAuthority), by != nullptr ? by->key : out.key,
                                      by != nullptr ? BytesView(by->certificate) : BytesView(), random);
  REQUIRE(made);
  out.certificate = *made;
  return out;
}

PublicKey public_key_of(EVP_PKEY* key) {
  Bytes der(static_cast<std::size_t>(i2d_PUBKEY(key, nullptr)));
  unsigned char* at = der.data();
  i2d_PUBKEY(key, &at);
  EVP_PKEY_free(key);
  return *PublicKey::from_der(der);
}

std::string refusal(const std::vector<Bytes>& chain, const std::vector<Bytes>& anchors, std::chrono::sys_seconds now = kNow) {
  const auto checked = mcim::check_certificate(chain, anchors, now);
  return checked ? "" : checked.error().text;
}

}  // namespace

TEST_CASE("A certificate of a given CA, for encryption, in its time: its key; RSA and EC") {
  const Authority ca = authority("test CA");
  for (const PrivateKey* key : {&rsa(), &p256()}) {
    const Bytes one = issue(key->public_key(), terms("meter-1"), ca);
    const auto checked = mcim::check_certificate({&one, 1}, {&ca.certificate, 1}, kNow);
    REQUIRE(checked);
    CHECK(*checked == key->public_key());
    CHECK(refusal({one}, {}) == "");
    CHECK(read_certificate(one)->common_name == "meter-1");
    CHECK_FALSE(read_certificate(one)->is_ca);
  }
}

TEST_CASE("Expired, not yet valid, unknown CA, signature only, weak: each in its own words") {
  const Authority ca = authority("test CA");
  const Authority other = authority("test CA");
  const Bytes good = issue(rsa().public_key(), terms("meter-1"), ca);
  CHECK(refusal({good}, {ca.certificate}, kNow + hours(1) - std::chrono::seconds(1)) == "");
  CHECK(refusal({good}, {ca.certificate}, kNow + hours(2)) == "the certificate expired at 2027-01-15 09:00:00 UTC");
  CHECK(refusal({good}, {ca.certificate}, kNow - hours(2)) == "the certificate is not valid before 2027-01-15 07:00:00 UTC");
  CHECK(refusal({good}, {other.certificate}).starts_with("no chain of signatures from the certificate to a given CA ("));
  CHECK(refusal({good}, {other.certificate, ca.certificate}) == "");
  // Its own authority is none.
  SeededRandom random(3);
  const Bytes own = *issue_certificate(p256().public_key(), terms("meter-1"), p256(), {}, random);
  CHECK(refusal({own}, {ca.certificate}).starts_with("no chain"));

  for (const PrivateKey* key : {&rsa(), &p256()}) {
    const Bytes signing = issue(key->public_key(), terms("meter-1", CertificateUse::kSignature), ca);
    CHECK(refusal({signing}, {ca.certificate}) == std::string("the certificate is not for encryption: its key usage must include ") +
                                                      (key == &rsa() ? "keyEncipherment" : "keyAgreement") + " (RFC 5280 clause 4.2.1.3)");
  }
  const PublicKey weak_rsa = public_key_of(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{1024}));
  CHECK(refusal({issue(weak_rsa, terms("weak"), ca)}, {ca.certificate}) == "weak key: RSA with 1024 bits, must have at least 2048");
  const PublicKey weak_ec = public_key_of(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-224"));
  CHECK(refusal({issue(weak_ec, terms("weak"), ca)}, {ca.certificate}) == "weak key: EC with 224 bits, must have at least 256");
  const PublicKey other_curve = public_key_of(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-384"));
  CHECK(refusal({issue(other_curve, terms("P-384"), ca)}, {ca.certificate}) == "a device's key is RSA or on P-256");
  CHECK_FALSE(mcim::check_key(weak_rsa));
  CHECK(mcim::check_key(rsa().public_key()));
  CHECK(refusal({}, {ca.certificate}) == "no certificate");
  CHECK(refusal({Bytes(10)}, {ca.certificate}) != "");
}

TEST_CASE("A chain by an authority between; without it, or with one that is no authority, none (RFC 5280 clause 6)") {
  const Authority root = authority("root");
  const Authority between = authority("between", &root);
  const Bytes one = issue(p256().public_key(), terms("meter-1"), between);
  CHECK(refusal({one, between.certificate}, {root.certificate}) == "");
  CHECK(refusal({one}, {root.certificate}).starts_with("no chain"));
  CHECK(refusal({one}, {between.certificate}) == "");  // a given CA need not be a root
  Authority device;
  device.certificate = issue(device.key.public_key(), terms("a device"), root);
  const Bytes forged = issue(p256().public_key(), terms("meter-1"), device);
  CHECK(refusal({forged, device.certificate}, {root.certificate}).starts_with("no chain"));
}

TEST_CASE("A request proves that the key is there (PKCS #10, RFC 2986)") {
  for (const PrivateKey* key : {&rsa(), &p256()}) {
    Bytes request = *request_certificate(*key, "meter-1");
    const auto read = read_certificate_request(request);
    REQUIRE(read);
    CHECK(read->common_name == "meter-1");
    CHECK(read->key == key->public_key());
    request.back() ^= 1;
    CHECK_FALSE(read_certificate_request(request));
    for (std::size_t cut = 0; cut < request.size(); cut += 11) CHECK_FALSE(read_certificate_request(BytesView(request).first(cut)));
  }
  CHECK_FALSE(request_certificate(p256(), ""));
  CHECK_FALSE(request_certificate(p256(), std::string(65, 'x')));
  CHECK_FALSE(request_certificate(p256(), "\xFF"));
}

TEST_CASE("Issued with and without subjectKeyIdentifier; not with another's key; several in one file") {
  const Authority ca = authority("test CA");
  CertificateTerms wanted = terms("meter-1");
  CHECK(read_certificate(issue(rsa().public_key(), wanted, ca))->has_key_identifier);
  wanted.key_identifier = false;
  CHECK_FALSE(read_certificate(issue(rsa().public_key(), wanted, ca))->has_key_identifier);
  SeededRandom random(4);
  CHECK(issue_certificate(rsa().public_key(), wanted, p256(), ca.certificate, random).error().code == ErrorCode::kMismatch);
  wanted.common_name = std::string(65, 'x');
  CHECK_FALSE(issue_certificate(rsa().public_key(), wanted, ca.key, ca.certificate, random));
  CHECK(certificates_of_file(ca.certificate)->size() == 1);
  CHECK_FALSE(certificates_of_file({}));
  CHECK_FALSE(certificates_of_file(as_bytes("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")));
}

TEST_CASE("CMS by subjectKeyIdentifier and by issuer and serial number opens with the key (RFC 5652 6.2.1)") {
  const Authority ca = authority("test CA");
  for (const PrivateKey* key : {&rsa(), &p256()}) {
    for (const bool identifier : {true, false}) {
      CertificateTerms wanted = terms("meter-1");
      wanted.key_identifier = identifier;
      const Bytes plain(80, 0x5A);
      const auto wrapped = cms_encrypt(plain, issue(key->public_key(), wanted, ca));
      REQUIRE(wrapped);
      const auto opened = cms_decrypt(*wrapped, *key);
      REQUIRE(opened);
      CHECK(equal(*opened, plain));
      CHECK_FALSE(cms_decrypt(*wrapped, key == &rsa() ? p256() : rsa()));
      const auto name = as_bytes("test CA");  // the issuer's name is in the one, and not in the other
      CHECK(std::ranges::search(*wrapped, name).empty() == identifier);
    }
  }
}
