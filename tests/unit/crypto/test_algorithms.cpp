// SPDX-License-Identifier: Apache-2.0
// XOR and COMP128: the algorithms that only test cards and old cards have.
#include <doctest/doctest.h>

#include "core/crypto/comp128.hpp"
#include "core/crypto/gsm_conversion.hpp"
#include "core/crypto/xor_auth.hpp"
#include "tests/support/vector_file.hpp"

using namespace uicclab;
using namespace uicclab::crypto;

namespace {

constexpr ExposeSecret kTest{"a test compares it"};

std::string hex(const SecretBytes& secret) {
  return to_hex(secret.expose(kTest));
}

}  // namespace

TEST_CASE("XOR-3G of TS 34.108 clause 8.1.2") {
  for (const auto& v : test::load_vectors("xor_3g.txt")) {
    CAPTURE(v.place());
    XorAuth algorithm = XorAuth::from(SecretBytes(v.bytes("k"))).value();
    const auto rand = v.array<16>("rand");
    const auto sqn = v.array<6>("sqn");
    const auto amf = v.array<2>("amf");
    const F2345 keys = algorithm.f2345(rand);
    CHECK(to_hex(keys.res) == to_hex(v.bytes("res")));
    CHECK(hex(keys.ck) == to_hex(v.bytes("ck")));
    CHECK(hex(keys.ik) == to_hex(v.bytes("ik")));
    CHECK(to_hex(keys.ak) == to_hex(v.bytes("ak")));
    CHECK(to_hex(algorithm.f1(rand, sqn, amf)) == to_hex(v.bytes("mac")));
    CHECK(to_hex(make_autn(algorithm, rand, sqn, amf)) == to_hex(v.bytes("autn")));
    const GsmAnswer gsm = ConvertedGsm(algorithm).a3a8(rand);
    CHECK(to_hex(gsm.sres) == to_hex(v.bytes("sres")));
    CHECK(hex(gsm.kc) == to_hex(v.bytes("kc")));
    CHECK(open_auts(algorithm, rand, make_auts(algorithm, rand, sqn)).value() == sqn);
  }
}

TEST_CASE("XOR-3G: RES has the length chosen, 4 to 16 bytes") {
  const SecretBytes k("000102030405060708090A0B0C0D0E0F"_h);
  for (std::size_t size = 0; size <= 20; ++size) {
    auto algorithm = XorAuth::from(k, size);
    CHECK(algorithm.has_value() == (size >= 4 && size <= 16));
    if (algorithm) CHECK(algorithm->f2345(Rand{}).res.size() == size);
    CHECK(XorAuth::from(SecretBytes(Bytes(size, 0))).has_value() == (size == 16));
    CHECK(XorGsm::from(SecretBytes(Bytes(size, 0))).has_value() == (size == 16));
  }
}

TEST_CASE("XOR-2G of TS 51.010-1 clause A4.1.2") {
  for (const auto& v : test::load_vectors("xor_2g.txt")) {
    CAPTURE(v.place());
    const GsmAnswer answer = XorGsm::from(SecretBytes(v.bytes("ki"))).value().a3a8(v.array<16>("rand"));
    CHECK(to_hex(answer.sres) == to_hex(v.bytes("sres")));
    CHECK(hex(answer.kc) == to_hex(v.bytes("kc")));
  }
}

TEST_CASE("COMP128 versions 1, 2 and 3 against the answers of other implementations") {
  std::array<int, 4> seen{};
  for (const auto& v : test::load_vectors("comp128.txt")) {
    CAPTURE(v.place());
    const auto version = v.number("version");
    ++seen.at(version);
    Comp128 algorithm = Comp128::from(static_cast<Comp128Version>(version), SecretBytes(v.bytes("ki"))).value();
    const auto rand = v.array<16>("rand");
    for (int i = 0; i < 2; ++i) {  // nothing is left of the first call
      const GsmAnswer answer = algorithm.a3a8(rand);
      CHECK(to_hex(answer.sres) == to_hex(v.bytes("sres")));
      CHECK(hex(answer.kc) == to_hex(v.bytes("kc")));
    }
  }
  CHECK(seen == std::array<int, 4>{0, 5, 40, 40});
}

TEST_CASE("COMP128 refuses a Ki of another length") {
  for (std::size_t size : {0U, 8U, 15U, 17U, 32U}) {
    CHECK(Comp128::from(Comp128Version::k3, SecretBytes(Bytes(size, 0))).error().code == ErrorCode::kRange);
  }
}

TEST_CASE("c2 pads a short RES with zeros (TS 33.102 clause 6.8.1.2)") {
  CHECK(to_hex(sres_of("01020304"_h)) == "01020304");
  CHECK(to_hex(sres_of("0102030405"_h)) == "04020304");
  CHECK(to_hex(sres_of("0102030411121314"_h)) == "10101010");
  CHECK(to_hex(sres_of("01020304111213142122232481828384"_h)) == "B0B0B0B0");
  CHECK(to_hex(sres_of("0102030411121314"_h, SresMethod::kTruncated)) == "01020304");
}
