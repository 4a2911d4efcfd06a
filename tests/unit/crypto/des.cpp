// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/des.hpp"

#include <doctest/doctest.h>

#include "core/crypto/error.hpp"
#include "tests/support/vector_file.hpp"

using namespace uicclab;
using namespace uicclab::crypto;

namespace {

DesKey key_of(BytesView bytes) {
  return DesKey::from(SecretBytes(bytes)).value();
}

constexpr Bytes8 kZero{};

}  // namespace

TEST_CASE("DES and triple DES with two and three keys (FIPS 81, NIST SP 800-67)") {
  for (const auto& v : test::load_vectors("des.txt")) {
    CAPTURE(v.place());
    Des des(key_of(v.bytes("key")));
    const Bytes plain = v.bytes("plain");
    const Bytes cipher = v.bytes("cipher");
    if (v.has("iv")) {
      const auto iv = v.array<8>("iv");
      CHECK(to_hex(des.cbc_encrypt(iv, plain)) == to_hex(cipher));
      CHECK(to_hex(des.cbc_encrypt(iv, plain)) == to_hex(cipher));
      CHECK(to_hex(des.cbc_decrypt(iv, cipher).value()) == to_hex(plain));
    } else {
      CHECK(to_hex(des.ecb_encrypt(plain)) == to_hex(cipher));
      CHECK(to_hex(des.ecb_decrypt(cipher).value()) == to_hex(plain));
    }
  }
}

TEST_CASE("DES MACs of ISO/IEC 9797-1 annex A (algorithms 1 and 3)") {
  for (const auto& v : test::load_vectors("des_mac.txt")) {
    CAPTURE(v.place());
    const SecretBytes key(v.bytes("key"));
    const Bytes message = v.bytes("message");
    const std::string method = v.text("padding");
    const MacPadding padding = method == "1" ? MacPadding::kZeros : method == "2" ? MacPadding::k80 : MacPadding::kNone;
    const BytesView head = BytesView(message).first(message.size() / 3);
    const BytesView tail = BytesView(message).subspan(message.size() / 3);
    if (v.number("algorithm") == 1) {
      Des des(DesKey::from(key.clone()).value());
      CHECK(to_hex(des.mac(kZero, {head, tail}, padding)) == to_hex(v.bytes("mac")));
    } else {
      RetailMac retail = RetailMac::from(key).value();
      CHECK(to_hex(retail.compute(kZero, {head, tail}, padding)) == to_hex(v.bytes("mac")));
    }
  }
}

TEST_CASE("the ICV of a DES MAC counts as the block before the message") {
  Des des(key_of("404142434445464748494A4B4C4D4E4F"_h));
  const auto first = "0102030405060708"_h;
  const auto second = "1112131415161718"_h;
  const Bytes8 icv = des.mac(kZero, {first}, MacPadding::kNone);
  CHECK(des.mac(icv, {second}, MacPadding::kNone) == des.mac(kZero, {first, second}, MacPadding::kNone));
  CHECK(des.mac(kZero, {second}, MacPadding::kNone) != des.mac(icv, {second}, MacPadding::kNone));
}

TEST_CASE("MAC padding: method 1 adds nothing to whole blocks, method 2 always adds, an empty message becomes one block") {
  Des des(key_of("0123456789ABCDEF"_h));
  const auto whole = "0102030405060708"_h;
  CHECK(des.mac(kZero, {whole}, MacPadding::kZeros) == des.mac(kZero, {whole}, MacPadding::kNone));
  CHECK(des.mac(kZero, {whole}, MacPadding::k80) == des.mac(kZero, {whole, "8000000000000000"_h}, MacPadding::kNone));
  CHECK(des.mac(kZero, {}, MacPadding::kZeros) == des.mac(kZero, {kZero}, MacPadding::kNone));
  CHECK(des.mac(kZero, {}, MacPadding::k80) == des.mac(kZero, {"8000000000000000"_h}, MacPadding::kNone));
}

TEST_CASE("DES keys of other lengths are refused; a retail MAC takes 16 bytes only") {
  for (std::size_t size = 0; size <= 32; ++size) {
    const bool good = size == 8 || size == 16 || size == 24;
    const auto key = DesKey::from(SecretBytes(Bytes(size, 0x11)));
    CHECK(key.has_value() == good);
    if (!good) CHECK(key.error().code == ErrorCode::kRange);
    CHECK(RetailMac::from(SecretBytes(Bytes(size, 0x11))).has_value() == (size == 16));
  }
}

TEST_CASE("DES refuses a part of a block") {
  Des des(key_of("0123456789ABCDEF"_h));
  for (std::size_t size : {1U, 7U, 9U}) {
    const Bytes bytes(size, 0);
    CHECK(des.ecb_decrypt(bytes).error().code == ErrorCode::kMalformed);
    CHECK(des.cbc_decrypt(kZero, bytes).error().code == ErrorCode::kMalformed);
    CHECK_THROWS_AS(des.ecb_encrypt(bytes), CryptoError);
    CHECK_THROWS_AS(des.cbc_encrypt(kZero, bytes), CryptoError);
    CHECK_THROWS_AS(des.mac(kZero, {bytes}, MacPadding::kNone), CryptoError);
  }
  CHECK_THROWS_AS(des.mac(kZero, {}, MacPadding::kNone), CryptoError);
}
