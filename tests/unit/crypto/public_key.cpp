// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/public_key.hpp"

#include <doctest/doctest.h>

#include "core/crypto/key_agreement.hpp"
#include "tests/support/vector_file.hpp"

using namespace uicclab;
using namespace uicclab::crypto;

TEST_CASE("OAEP: what is enciphered for a key opens with it, by its label and length only (PKCS #1 v2.2 7.1)") {
  const PrivateKey key = PrivateKey::generate(KeyKind::kRsa);
  CHECK(key.kind() == KeyKind::kRsa);
  CHECK(key.public_key().bits() == 2048);
  const SecretBytes secret(Bytes(36, 0x5A));
  Bytes cipher = *key.public_key().oaep_encrypt(secret, "label");
  CHECK(*key.oaep_decrypt(cipher, "label", 36) == secret);
  CHECK(key.oaep_decrypt(cipher, "other", 36).error().code == ErrorCode::kMismatch);
  CHECK(key.oaep_decrypt(cipher, "label", 35).error().code == ErrorCode::kMismatch);
  CHECK(key.oaep_decrypt(BytesView(cipher).first(255), "label", 36).error().code == ErrorCode::kMismatch);
  CHECK(key.oaep_decrypt({}, "label", 36).error().code == ErrorCode::kMismatch);
  cipher[100] ^= 1;
  CHECK(key.oaep_decrypt(cipher, "label", 36).error().code == ErrorCode::kMismatch);
  const auto again = PrivateKey::from_der(key.der());
  REQUIRE(again);
  CHECK(again->public_key().der() == key.public_key().der());
  CHECK_FALSE(key.sign(cipher));
  CHECK_FALSE(key.public_key().verifies(cipher, cipher));
  CHECK_THROWS(key.scalar());
  CHECK_THROWS(key.public_key().point());
}

TEST_CASE("ECDSA on P-256: a signature is of one message and one key (FIPS 186-4)") {
  const PrivateKey key = PrivateKey::generate(KeyKind::kP256);
  const PrivateKey other = PrivateKey::generate(KeyKind::kP256);
  const auto message = as_bytes("message");
  Bytes signature = *key.sign(message);
  CHECK(key.public_key().verifies(message, signature));
  CHECK_FALSE(other.public_key().verifies(message, signature));
  CHECK_FALSE(key.public_key().verifies(as_bytes("messagf"), signature));
  CHECK_FALSE(key.public_key().verifies(message, {}));
  signature.back() ^= 1;
  CHECK_FALSE(key.public_key().verifies(message, signature));
  CHECK(key.public_key().point() == *public_key_of(Curve::kP256, key.scalar()));
  CHECK_FALSE(key.oaep_decrypt(signature, "", 16));
  CHECK(key.public_key().oaep_encrypt(SecretBytes(Bytes(16)), "").error().code == ErrorCode::kUnsupported);
}

TEST_CASE("Keys and certificates from files; other data is refused") {
  const auto v = test::load_vectors("credentials.txt").at(0);
  CHECK(PublicKey::from_certificate(v.bytes("server_certificate"))->der() == v.bytes("server_public"));
  CHECK_FALSE(PublicKey::from_der(v.bytes("server_certificate")));
  CHECK_FALSE(PublicKey::from_certificate(v.bytes("server_public")));
  CHECK(*PublicKey::from_der(v.bytes("client_public")) == *PublicKey::from_certificate(v.bytes("client_certificate")));
  CHECK_FALSE(*PublicKey::from_der(v.bytes("client_public")) == *PublicKey::from_der(v.bytes("server_public")));
  CHECK(PublicKey::from_der(v.bytes("small_public"))->kind() == KeyKind::kOtherEc);
  CHECK(PublicKey::from_der(v.bytes("small_public"))->bits() == 224);
  CHECK(PublicKey::from_der(v.bytes("rsa_public"))->kind() == KeyKind::kRsa);
  CHECK(PrivateKey::from_der(v.bytes("client_private"))->public_key().der() == v.bytes("client_public"));
  for (const char* name : {"client_public", "client_private", "client_certificate"}) {
    Bytes bytes = v.bytes(name);
    bytes.push_back(0);
    CHECK_FALSE(PublicKey::from_der(bytes));
    CHECK_FALSE(PublicKey::from_certificate(bytes));
    CHECK_FALSE(PrivateKey::from_der(bytes));
  }
  CHECK_FALSE(PublicKey::from_der({}));
  CHECK_FALSE(PrivateKey::from_der({}));
  CHECK_THROWS(PrivateKey::generate(KeyKind::kOther));
  CHECK_THROWS(PrivateKey::generate(KeyKind::kOtherEc));
}

TEST_CASE("CMS AuthEnvelopedData for RSA and for EC certificates, and nothing that was changed (RFC 5083)") {
  const auto v = test::load_vectors("credentials.txt").at(0);
  const auto plain = as_bytes("a subscription, more or less");
  for (const auto& [certificate, private_key] :
       {std::pair("client_certificate", "client_private"), std::pair("md5_certificate", "rsa_private")}) {
    CAPTURE(certificate);
    const auto key = PrivateKey::from_der(v.bytes(private_key));
    REQUIRE(key);
    const auto cms = cms_encrypt(plain, v.bytes(certificate));
    REQUIRE(cms);
    const auto opened = cms_decrypt(*cms, *key);
    REQUIRE(opened);
    CHECK(equal(*opened, plain));
    CHECK(cms_decrypt(*cms, *PrivateKey::from_der(v.bytes("server_private"))).error().code == ErrorCode::kMismatch);
    // The last bytes are the check value, those before it the enciphered content.
    for (std::size_t i = cms->size() - 40; i < cms->size(); ++i) {
      Bytes bad = *cms;
      bad[i] ^= 0x01;
      CHECK_FALSE(cms_decrypt(bad, *key));
    }
    for (std::size_t cut = 0; cut < cms->size(); cut += 7) CHECK_FALSE(cms_decrypt(BytesView(*cms).first(cut), *key));
  }
  CHECK(cms_encrypt(plain, v.bytes("client_public")).error().code == ErrorCode::kMalformed);
}

TEST_CASE("Files with keys: DER as it is, the first block of PEM") {
  const auto v = test::load_vectors("credentials.txt").at(0);
  const Bytes der = v.bytes("client_public");
  CHECK(equal(*der_of_file(der), der));
  CHECK(equal(*der_of_file(as_bytes("text\n-----BEGIN X-----\nAAEC\n-----END X-----\n")), "000102"_h));
  for (const char* bad :
       {"-----BEGIN X-----\n", "-----BEGIN X-----\n!!\n-----END X-----\n", "-----BEGIN X-----\nAAEC\n-----END Y-----\n"}) {
    CHECK_FALSE(der_of_file(as_bytes(bad)));
  }
}
