// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/milenage.hpp"

#include <doctest/doctest.h>

#include "core/crypto/gsm_conversion.hpp"
#include "tests/support/vector_file.hpp"

using namespace uicclab;
using namespace uicclab::crypto;

namespace {

constexpr ExposeSecret kTest{"a test compares it"};

std::string hex(const SecretBytes& secret) {
  return to_hex(secret.expose(kTest));
}

const SecretBytes kK("465B5CE8B199B49FAA5F0A2EE238A6BC"_h);
const SecretBytes kOpc("CD63CB71954A9F4E48A5994E37A02BAF"_h);
constexpr Rand kRand = "23553CBE9637A89D218AE64DAE47BF35"_h;
constexpr Sqn kSqn = "FF9BB4D0B607"_h;
constexpr Amf kAmf = "B9B9"_h;

/// OUT1 to OUT5 as TS 35.206 clause 4.1 writes them, bit by bit and one block at a time.
Bytes16 reference_out(std::size_t number, const MilenageConstants& constants, const Bytes16& in1) {
  AesBlock aes(AesKey::from(kK.clone()).value());
  const auto exclusive_or = [](const Bytes16& a, const Bytes16& b) {
    Bytes16 out;
    for (std::size_t i = 0; i < 16; ++i) out[i] = a[i] ^ b[i];
    return out;
  };
  const auto rot = [](const Bytes16& x, std::size_t r) {
    Bytes16 out{};
    for (std::size_t i = 0; i < 128; ++i) {
      const std::size_t from = (i + r) % 128;
      const unsigned bit = (x[from / 8] >> (7 - from % 8)) & 1U;
      out[i / 8] |= static_cast<std::uint8_t>(bit << (7 - i % 8));
    }
    return out;
  };
  Bytes16 opc;
  std::ranges::copy(kOpc.expose(kTest), opc.begin());
  const Bytes16 temp = aes.encrypt(exclusive_or(kRand, opc));
  const Bytes16& c = constants.c[number - 1];
  const std::size_t r = constants.r[number - 1];
  const Bytes16 input =
      number == 1 ? exclusive_or(exclusive_or(temp, rot(exclusive_or(in1, opc), r)), c) : exclusive_or(rot(exclusive_or(temp, opc), r), c);
  return exclusive_or(aes.encrypt(input), opc);
}

}  // namespace

TEST_CASE("Milenage: all functions, AUTN, AUTS and the conversion to GSM of TS 35.208 test sets 1 to 20") {
  const auto sets = test::load_vectors("milenage.txt");
  CHECK(sets.size() == 20);
  for (const auto& v : sets) {
    CAPTURE(v.place());
    const SecretBytes k(v.bytes("k"));
    const auto rand = v.array<16>("rand");
    const auto sqn = v.array<6>("sqn");
    const auto amf = v.array<2>("amf");
    const SecretBytes opc = Milenage::opc_from_op(k, SecretBytes(v.bytes("op"))).value();
    CHECK(hex(opc) == to_hex(v.bytes("opc")));

    Milenage milenage = Milenage::from(k, opc).value();
    CHECK(to_hex(milenage.f1(rand, sqn, amf)) == to_hex(v.bytes("f1")));
    CHECK(to_hex(milenage.f1star(rand, sqn, amf)) == to_hex(v.bytes("f1star")));
    CHECK(to_hex(milenage.f5star(rand)) == to_hex(v.bytes("f5star")));
    const F2345 keys = milenage.f2345(rand);
    CHECK(to_hex(keys.res) == to_hex(v.bytes("f2")));
    CHECK(hex(keys.ck) == to_hex(v.bytes("f3")));
    CHECK(hex(keys.ik) == to_hex(v.bytes("f4")));
    CHECK(to_hex(keys.ak) == to_hex(v.bytes("f5")));

    CHECK(to_hex(make_autn(milenage, rand, sqn, amf)) == to_hex(v.bytes("autn")));
    CHECK(to_hex(make_auts(milenage, rand, sqn)) == to_hex(v.bytes("auts")));
    const GsmAnswer gsm = ConvertedGsm(milenage).a3a8(rand);
    CHECK(to_hex(gsm.sres) == to_hex(v.bytes("sres")));
    CHECK(hex(gsm.kc) == to_hex(v.bytes("kc")));
  }
}

TEST_CASE("Milenage: the combined call is f2345 and f1 (TS 33.102 clause 6.3.3)") {
  for (const auto& v : test::load_vectors("milenage.txt")) {
    CAPTURE(v.place());
    Milenage milenage = Milenage::from(SecretBytes(v.bytes("k")), SecretBytes(v.bytes("opc"))).value();
    const auto autn = v.array<16>("autn");
    Sqn concealed;
    std::copy_n(autn.begin(), 6, concealed.begin());
    const Answer answer = milenage.answer(v.array<16>("rand"), concealed, v.array<2>("amf"));
    CHECK(to_hex(answer.sqn) == to_hex(v.bytes("sqn")));
    CHECK(to_hex(answer.xmac) == to_hex(v.bytes("f1")));
    CHECK(to_hex(answer.keys.res) == to_hex(v.bytes("f2")));
    CHECK(hex(answer.keys.ck) == to_hex(v.bytes("f3")));
    CHECK(hex(answer.keys.ik) == to_hex(v.bytes("f4")));
  }
}

TEST_CASE("GSM-Milenage of TS 55.205 test sets 1 to 19, both SRES derivation functions") {
  const auto sets = test::load_vectors("gsm_milenage.txt");
  CHECK(sets.size() == 19);
  for (const auto& v : sets) {
    CAPTURE(v.place());
    Milenage milenage = Milenage::from(SecretBytes(v.bytes("k")), SecretBytes(v.bytes("opc"))).value();
    const auto rand = v.array<16>("rand");
    const GsmAnswer first = ConvertedGsm(milenage).a3a8(rand);
    CHECK(to_hex(first.sres) == to_hex(v.bytes("sres1")));
    CHECK(hex(first.kc) == to_hex(v.bytes("kc")));
    const GsmAnswer second = ConvertedGsm(milenage, SresMethod::kTruncated).a3a8(rand);
    CHECK(to_hex(second.sres) == to_hex(v.bytes("sres2")));
    CHECK(hex(second.kc) == to_hex(v.bytes("kc")));
  }
}

TEST_CASE("Milenage with an operator's own constants (TS 35.206 clause 5.3) is what clause 4.1 says, for every rotation") {
  const auto in1 = "FF9BB4D0B607B9B9FF9BB4D0B607B9B9"_h;
  for (unsigned r = 0; r < 128; ++r) {
    CAPTURE(r);
    MilenageConstants constants;
    for (std::size_t i = 0; i < 5; ++i) {
      constants.r[i] = static_cast<std::uint8_t>((r + 29 * i) % 128);
      constants.c[i].fill(static_cast<std::uint8_t>(0x11 * i + r));
    }
    Milenage milenage = Milenage::from(kK, kOpc, constants).value();
    std::array<std::string, 6> out;
    for (std::size_t n = 1; n <= 5; ++n) out[n] = to_hex(reference_out(n, constants, in1));
    const F2345 keys = milenage.f2345(kRand);
    CHECK(to_hex(milenage.f1(kRand, kSqn, kAmf)) == out[1].substr(0, 16));
    CHECK(to_hex(milenage.f1star(kRand, kSqn, kAmf)) == out[1].substr(16));
    CHECK(to_hex(keys.ak) == out[2].substr(0, 12));
    CHECK(to_hex(keys.res) == out[2].substr(16));
    CHECK(hex(keys.ck) == out[3]);
    CHECK(hex(keys.ik) == out[4]);
    CHECK(to_hex(milenage.f5star(kRand)) == out[5].substr(0, 12));
  }
}

TEST_CASE("Milenage refuses keys of other lengths and rotations over 127") {
  for (std::size_t size : {0U, 15U, 17U, 24U, 32U}) {
    const SecretBytes bad(Bytes(size, 0x11));
    CHECK(Milenage::from(bad, kOpc).error().code == ErrorCode::kRange);
    CHECK(Milenage::from(kK, bad).error().code == ErrorCode::kRange);
    CHECK(Milenage::opc_from_op(bad, kOpc).error().code == ErrorCode::kRange);
    CHECK(Milenage::opc_from_op(kK, bad).error().code == ErrorCode::kRange);
  }
  for (std::size_t i = 0; i < 5; ++i) {
    MilenageConstants constants;
    constants.r[i] = 128;
    CHECK(Milenage::from(kK, kOpc, constants).error().code == ErrorCode::kRange);
  }
}

TEST_CASE("AUTS: the network gets SQN_MS back and refuses every changed byte and every other length (TS 33.102 clause 6.3.5)") {
  Milenage milenage = Milenage::from(kK, kOpc).value();
  const Auts auts = make_auts(milenage, kRand, kSqn);
  CHECK(auts.size() == 14);
  CHECK(open_auts(milenage, kRand, auts).value() == kSqn);
  for (std::size_t i = 0; i < auts.size(); ++i) {
    Bytes changed = to_bytes(auts);
    changed[i] ^= 0x01;
    CHECK(open_auts(milenage, kRand, changed).error().code == ErrorCode::kMismatch);
  }
  Bytes longer = to_bytes(auts);
  longer.push_back(0);
  CHECK(open_auts(milenage, kRand, longer).error().code == ErrorCode::kTrailing);
  for (std::size_t size = 0; size < auts.size(); ++size) {
    CHECK(open_auts(milenage, kRand, auts.view().first(size)).error().code == ErrorCode::kTruncated);
  }
  Rand other = kRand;
  other[15] ^= 1;
  CHECK(open_auts(milenage, other, auts).error().code == ErrorCode::kMismatch);
}
