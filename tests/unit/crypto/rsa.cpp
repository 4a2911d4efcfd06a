// SPDX-License-Identifier: Apache-2.0
// RSA by its parts against OpenSSL's own RSA (EVP), both ways: RFC 8017 clauses 7 and 8.
#include "core/crypto/rsa.hpp"

#include <array>

#include <doctest/doctest.h>
#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include "core/crypto/openssl.hpp"

using namespace uicclab;
using namespace uicclab::crypto;

namespace {

class Counting final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) byte = m_next++;
  }

 private:
  std::uint8_t m_next = 0;
};

const Bytes kExponent{1, 0, 1};

Owned<EVP_PKEY> public_key(const rsa::Pair& pair) {
  Bytes n(pair.modulus.rbegin(), pair.modulus.rend());
  Bytes e(kExponent.rbegin(), kExponent.rend());
  const std::array parameters{OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, n.data(), n.size()),
                              OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, e.data(), e.size()), OSSL_PARAM_construct_end()};
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  REQUIRE(EVP_PKEY_fromdata_init(context.get()) == 1);
  EVP_PKEY* key = nullptr;
  REQUIRE(EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, const_cast<OSSL_PARAM*>(parameters.data())) == 1);
  return Owned<EVP_PKEY>(key);
}

Bytes signature(const rsa::Pair& pair, BytesView encoded, bool with_crt) {
  const auto done = with_crt ? rsa::crt_power({pair.p, pair.q, pair.dp, pair.dq, pair.pq}, encoded, pair.modulus.size())
                             : rsa::power(pair.modulus, pair.private_exponent, encoded);
  REQUIRE(done);
  return *done;
}

}  // namespace

TEST_CASE("rsa: signatures by PKCS #1 v1.5 and PSS, with and without CRT, pass OpenSSL's verification (RFC 8017 clause 8)") {
  Counting random;
  for (const unsigned bits : {512U, 1024U, 1056U}) {
    CAPTURE(bits);
    const auto pair = rsa::generate(bits, kExponent);
    REQUIRE(pair);
    CHECK(pair->modulus.size() == bits / 8);
    const auto key = public_key(*pair);
    const Bytes hash = digest(DigestName::kSha1, kExponent);
    for (const bool pss : {false, true}) {
      for (const bool with_crt : {false, true}) {
        const auto encoded =
            pss ? rsa::encode_pss(DigestName::kSha1, hash, bits, random) : rsa::encode_pkcs1(DigestName::kSha1, hash, bits / 8);
        REQUIRE(encoded);
        const Bytes made = signature(*pair, *encoded, with_crt);
        const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(key.get(), nullptr));
        REQUIRE(EVP_PKEY_verify_init(context.get()) == 1);
        REQUIRE(EVP_PKEY_CTX_set_rsa_padding(context.get(), pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) == 1);
        REQUIRE(EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha1()) == 1);
        if (pss) REQUIRE(EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), RSA_PSS_SALTLEN_DIGEST) == 1);
        CHECK(EVP_PKEY_verify(context.get(), made.data(), made.size(), hash.data(), hash.size()) == 1);
        const auto back = rsa::power(pair->modulus, kExponent, made);
        REQUIRE(back);
        if (pss) {
          CHECK(rsa::verify_pss(DigestName::kSha1, hash, *back, bits));
          Bytes bent = *back;
          bent[bent.size() / 2] ^= 1;
          CHECK_FALSE(rsa::verify_pss(DigestName::kSha1, hash, bent, bits));
        }
      }
    }
  }
}

TEST_CASE("rsa: what OpenSSL enciphers by OAEP and PKCS #1 v1.5 is deciphered; other padding is not (RFC 8017 clause 7)") {
  const auto pair = rsa::generate(1024, kExponent);
  REQUIRE(pair);
  const auto key = public_key(*pair);
  const Bytes message{1, 2, 3, 4, 5};
  for (const bool oaep : {false, true}) {
    const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(key.get(), nullptr));
    REQUIRE(EVP_PKEY_encrypt_init(context.get()) == 1);
    REQUIRE(EVP_PKEY_CTX_set_rsa_padding(context.get(), oaep ? RSA_PKCS1_OAEP_PADDING : RSA_PKCS1_PADDING) == 1);
    if (oaep) REQUIRE(EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), EVP_sha256()) == 1);
    Bytes cipher(128);
    std::size_t size = cipher.size();
    REQUIRE(EVP_PKEY_encrypt(context.get(), cipher.data(), &size, message.data(), message.size()) == 1);
    const Bytes encoded = signature(*pair, cipher, true);
    CHECK(encoded == signature(*pair, cipher, false));
    const auto plain = oaep ? rsa::unpad_oaep(encoded, DigestName::kSha256) : rsa::unpad_type_2(encoded);
    REQUIRE(plain);
    CHECK(*plain == message);
    CHECK_FALSE((oaep ? rsa::unpad_oaep(encoded, DigestName::kSha1) : rsa::unpad_type_1(encoded)).has_value());
    Bytes bent = encoded;
    bent[0] = 1;
    CHECK_FALSE((oaep ? rsa::unpad_oaep(bent, DigestName::kSha256) : rsa::unpad_type_2(bent)).has_value());
  }
}

TEST_CASE("rsa: what does not fit is refused (RFC 8017 clauses 5.1.1, 7.1.1, 7.2.1)") {
  Counting random;
  CHECK(rsa::power(Bytes{0xF0, 0x01}, kExponent, Bytes{0xF0, 0x01}).error().code == ErrorCode::kRange);
  CHECK(rsa::power(Bytes{0xF0, 0x00}, kExponent, Bytes{1}).error().code == ErrorCode::kRange);
  CHECK(rsa::power({}, {}, {}).error().code == ErrorCode::kRange);
  CHECK(rsa::crt_power({}, Bytes{1}, 64).error().code == ErrorCode::kRange);
  CHECK(rsa::generate(512, Bytes{4}).error().code == ErrorCode::kRange);
  CHECK_FALSE(rsa::pad_type_1(Bytes(54), 64));
  CHECK(rsa::pad_type_1(Bytes(53), 64));
  CHECK_FALSE(rsa::pad_oaep(Bytes(23), 64, DigestName::kSha1, random));
  CHECK(rsa::pad_oaep(Bytes(22), 64, DigestName::kSha1, random));
  CHECK_FALSE(rsa::encode_pss(DigestName::kSha256, Bytes(32), 512, random));
  CHECK_FALSE(rsa::unpad_oaep(Bytes(41), DigestName::kSha1));
}
