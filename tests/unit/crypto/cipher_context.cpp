// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/cipher_context.hpp"

#include <doctest/doctest.h>
#include <openssl/err.h>

#include "core/crypto/error.hpp"

using namespace uicclab;
using namespace uicclab::crypto;

TEST_CASE("cipher context: wrong use is an exception, and the context works after it") {
  const SecretBytes key("2B7E151628AED2A6ABF7158809CF4F3C"_h);
  const Bytes block(16, 0);
  Bytes out(16);
  CipherContext cbc;
  CHECK_FALSE(cbc.has_key());
  for (std::size_t size : {0U, 15U, 17U, 33U}) {
    CHECK_THROWS_AS(cbc.set_key(CipherName::kAesCbc, SecretBytes(Bytes(size, 1)), Direction::kEncrypt), CryptoError);
    CHECK_THROWS_AS(cbc.set_key(CipherName::kTdesCbc, SecretBytes(Bytes(size, 1)), Direction::kEncrypt), CryptoError);
  }
  CHECK_FALSE(cbc.has_key());
  cbc.set_key(CipherName::kAesCbc, key, Direction::kEncrypt);
  CHECK(cbc.has_key());
  cbc.update(block, out);
  const Bytes first = out;
  CHECK_THROWS_AS(cbc.set_iv(Bytes(15, 0)), CryptoError);
  CHECK_THROWS_AS(cbc.set_iv({}), CryptoError);
  CHECK_THROWS_AS(cbc.update(block, std::span(out).first(15)), CryptoError);
  CHECK_THROWS_AS(cbc.update(Bytes(5, 0), out), CryptoError);
  cbc.set_iv(Bytes(16, 0));
  cbc.update(block, out);
  CHECK(out == first);
}

TEST_CASE("OpenSSL's refusal becomes an exception with the call and its reason; its error queue is left empty") {
  ERR_raise(ERR_LIB_EVP, ERR_R_MALLOC_FAILURE);
  try {
    throw_openssl_error("EVP_Something");
  } catch (const CryptoError& error) {
    const std::string text = error.what();
    CHECK(text.starts_with("EVP_Something failed: error:"));
    CHECK(text.find("malloc failure") != std::string::npos);
  }
  CHECK(ERR_peek_error() == 0);
  CHECK_THROWS_WITH_AS(throw_openssl_error("EVP_Other"), "EVP_Other failed: no reason given", CryptoError);
}
