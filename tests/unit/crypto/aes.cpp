// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/aes.hpp"

#include <doctest/doctest.h>

#include "core/crypto/error.hpp"
#include "tests/support/vector_file.hpp"

using namespace uicclab;
using namespace uicclab::crypto;

namespace {

AesKey key_of(BytesView bytes) {
  return AesKey::from(SecretBytes(bytes)).value();
}

const AesKey kKey = key_of("2B7E151628AED2A6ABF7158809CF4F3C"_h);
constexpr Bytes16 kZero{};

}  // namespace

TEST_CASE("AES: ECB, CBC and CTR of FIPS 197 and NIST SP 800-38A, both directions") {
  for (const auto& v : test::load_vectors("aes.txt")) {
    CAPTURE(v.place());
    const AesKey key = key_of(v.bytes("key"));
    const Bytes plain = v.bytes("plain");
    const Bytes cipher = v.bytes("cipher");
    const std::string mode = v.text("mode");
    if (mode == "ECB") {
      AesBlock aes(key);
      Bytes out(plain.size());
      aes.encrypt(plain, out);
      CHECK(to_hex(out) == to_hex(cipher));
      aes.decrypt(out, out);
      CHECK(to_hex(out) == to_hex(plain));
    } else if (mode == "CBC") {
      AesCbc aes(key);
      const auto iv = v.array<16>("iv");
      CHECK(to_hex(aes.encrypt(iv, plain)) == to_hex(cipher));
      CHECK(to_hex(aes.decrypt(iv, cipher).value()) == to_hex(plain));
    } else {
      REQUIRE(mode == "CTR");
      AesCtr aes(key);
      const auto iv = v.array<16>("iv");
      CHECK(to_hex(aes.apply(iv, plain)) == to_hex(cipher));
      CHECK(to_hex(aes.apply(iv, cipher)) == to_hex(plain));
    }
  }
}

TEST_CASE("AES-CMAC of NIST SP 800-38B, in one part and cut at every byte") {
  for (const auto& v : test::load_vectors("aes_cmac.txt")) {
    CAPTURE(v.place());
    AesCmac cmac(key_of(v.bytes("key")));
    const Bytes message = v.bytes("message");
    const std::string mac = to_hex(v.bytes("mac"));
    CHECK(to_hex(cmac.compute(message)) == mac);
    for (std::size_t cut = 0; cut <= message.size(); ++cut) {
      CHECK(to_hex(cmac.compute({BytesView(message).first(cut), BytesView(message).subspan(cut)})) == mac);
    }
  }
}

TEST_CASE("AES contexts start again with each message") {
  AesCbc cbc(kKey);
  const auto plain = "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"_h;
  const Bytes once = cbc.encrypt(kZero, plain);
  CHECK(cbc.encrypt(kZero, plain) == once);
  CHECK(equal(cbc.decrypt(kZero, once).value(), plain));
  CHECK(cbc.encrypt(kZero, plain) == once);

  AesCtr ctr(kKey);
  const Bytes odd = ctr.apply(kZero, BytesView(plain).first(5));
  CHECK(ctr.apply(kZero, BytesView(plain).first(5)) == odd);

  AesBlock block(kKey);
  CHECK(block.decrypt(block.encrypt(kZero)) == kZero);
}

TEST_CASE("AES-CBC works in place") {
  AesCbc cbc(kKey);
  auto bytes = "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"_h;
  const auto plain = bytes;
  const Bytes cipher = cbc.encrypt(kZero, plain);
  cbc.encrypt(kZero, bytes, bytes);
  CHECK(equal(bytes, cipher));
  CHECK(cbc.decrypt(kZero, bytes, bytes).has_value());
  CHECK(bytes == plain);
}

TEST_CASE("AES keys of other lengths are refused") {
  for (std::size_t size = 0; size <= SecretBytes::kCapacity; ++size) {
    const bool good = size == 16 || size == 24 || size == 32;
    const auto key = AesKey::from(SecretBytes(Bytes(size, 0x11)));
    CHECK(key.has_value() == good);
    if (!good) CHECK(key.error().code == ErrorCode::kRange);
  }
}

TEST_CASE("AES refuses a part of a block: as a Result what comes from outside, as an exception what the caller should have padded") {
  AesCbc cbc(kKey);
  AesBlock block(kKey);
  for (std::size_t size : {1U, 15U, 17U, 31U}) {
    const Bytes bytes(size, 0);
    Bytes out(size);
    CHECK(cbc.decrypt(kZero, bytes).error().code == ErrorCode::kMalformed);
    CHECK_THROWS_AS(cbc.encrypt(kZero, bytes), CryptoError);
    CHECK_THROWS_AS(block.encrypt(bytes, out), CryptoError);
    CHECK_THROWS_AS(block.decrypt(bytes, out), CryptoError);
  }
  CHECK(cbc.decrypt(kZero, {}).value().empty());
  CHECK(cbc.encrypt(kZero, {}).empty());
  Bytes in(32);
  Bytes too_short(16);
  CHECK_THROWS_AS(cbc.encrypt(kZero, in, too_short), CryptoError);
}
