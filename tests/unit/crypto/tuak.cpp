// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/tuak.hpp"

#include <doctest/doctest.h>

#include "tests/support/vector_file.hpp"

using namespace uicclab;
using namespace uicclab::crypto;

namespace {

constexpr ExposeSecret kTest{"a test compares it"};

std::string hex(const SecretBytes& secret) {
  return to_hex(secret.expose(kTest));
}

}  // namespace

TEST_CASE("Keccak-f[1600] makes SHA3-256 of \"abc\" (FIPS 202 example)") {
  KeccakState state{};
  state[0] = 0x06636261;              // "abc", then the domain bits 01 and the first padding bit
  state[16] = 0x8000000000000000ULL;  // the last padding bit, of a rate of 136 bytes
  keccak_f1600(state);
  Bytes digest;
  for (std::size_t i = 0; i < 32; ++i) digest.push_back(static_cast<std::uint8_t>(state[i / 8] >> (8 * (i % 8))));
  CHECK(to_hex(digest) == "3A985DA74FE225B2045C172D6BD390BD855F086E3E9D525B46BFE24511431532");
}

TEST_CASE("TUAK: all functions of TS 35.233 test sets 1 to 6, with their lengths and iterations") {
  const auto sets = test::load_vectors("tuak.txt");
  CHECK(sets.size() == 6);
  for (const auto& v : sets) {
    CAPTURE(v.place());
    const auto iterations = static_cast<unsigned>(v.number("iterations"));
    const SecretBytes k(v.bytes("k"));
    const auto rand = v.array<16>("rand");
    const auto sqn = v.array<6>("sqn");
    const auto amf = v.array<2>("amf");
    const SecretBytes topc = Tuak::topc_from_top(k, SecretBytes(v.bytes("top")), iterations).value();
    CHECK(hex(topc) == to_hex(v.bytes("topc")));

    Tuak tuak = Tuak::from(k, topc,
                           {.mac_size = v.bytes("f1").size(),
                            .res_size = v.bytes("f2").size(),
                            .ck_size = v.bytes("f3").size(),
                            .ik_size = v.bytes("f4").size(),
                            .iterations = iterations})
                    .value();
    CHECK(to_hex(tuak.f1(rand, sqn, amf)) == to_hex(v.bytes("f1")));
    CHECK(to_hex(tuak.f1star(rand, sqn, amf)) == to_hex(v.bytes("f1star")));
    CHECK(to_hex(tuak.f5star(rand)) == to_hex(v.bytes("f5star")));
    const F2345 keys = tuak.f2345(rand);
    CHECK(to_hex(keys.res) == to_hex(v.bytes("f2")));
    CHECK(hex(keys.ck) == to_hex(v.bytes("f3")));
    CHECK(hex(keys.ik) == to_hex(v.bytes("f4")));
    CHECK(to_hex(keys.ak) == to_hex(v.bytes("f5")));

    const Autn autn = make_autn(tuak, rand, sqn, amf);
    CHECK(autn.size() == 8 + v.bytes("f1").size());
    Sqn concealed;
    std::copy_n(autn.view().begin(), 6, concealed.begin());
    const Answer answer = tuak.answer(rand, concealed, amf);
    CHECK(answer.sqn == sqn);
    CHECK(equal(answer.xmac, autn.view().subspan(8)));
    CHECK(hex(answer.keys.ck) == to_hex(v.bytes("f3")));
    CHECK(open_auts(tuak, rand, make_auts(tuak, rand, sqn)).value() == sqn);
  }
}

TEST_CASE("TUAK: each parameter changes the function it belongs to") {
  const SecretBytes k("ABABABABABABABABABABABABABABABAB"_h);
  const SecretBytes topc("BD04D9530E87513C5D837AC2AD954623A8E2330C115305A73EB45D1F40CCCBFF"_h);
  const Rand rand{};
  const auto ck = [&](const TuakParameters& p) { return hex(Tuak::from(k, topc, p).value().f2345(rand).ck); };
  const auto mac = [&](const TuakParameters& p) { return to_hex(Tuak::from(k, topc, p).value().f1(rand, {}, {})); };
  const std::string standard = ck({});
  CHECK(ck({.res_size = 4}) != standard);
  CHECK(ck({.res_size = 32}) != standard);
  CHECK(ck({.ck_size = 32}).substr(0, 32) != standard);
  CHECK(ck({.ik_size = 32}) != standard);
  CHECK(ck({.iterations = 2}) != standard);
  CHECK(ck({.mac_size = 32}) == standard);
  CHECK(mac({.mac_size = 16}).substr(0, 16) != mac({}));
  CHECK(mac({.res_size = 16, .ck_size = 32}) == mac({}));
}

TEST_CASE("TUAK refuses lengths and iterations that TS 35.231 does not have") {
  const SecretBytes k(Bytes(16, 0x11));
  const SecretBytes topc(Bytes(32, 0x22));
  for (std::size_t size = 0; size <= 64; ++size) {
    const bool mac = size == 8 || size == 16 || size == 32;
    const bool key = size == 16 || size == 32;
    CHECK(Tuak::from(k, topc, {.mac_size = size}).has_value() == mac);
    CHECK(Tuak::from(k, topc, {.res_size = size}).has_value() == (mac || size == 4));
    CHECK(Tuak::from(k, topc, {.ck_size = size}).has_value() == key);
    CHECK(Tuak::from(k, topc, {.ik_size = size}).has_value() == key);
    CHECK(Tuak::from(SecretBytes(Bytes(size, 0x11)), topc).has_value() == key);
    CHECK(Tuak::from(k, SecretBytes(Bytes(size, 0x22))).has_value() == (size == 32));
    CHECK(Tuak::topc_from_top(SecretBytes(Bytes(size, 0x11)), topc).has_value() == key);
    CHECK(Tuak::topc_from_top(k, SecretBytes(Bytes(size, 0x22))).has_value() == (size == 32));
  }
  CHECK(Tuak::from(k, topc, {.iterations = 0}).error().code == ErrorCode::kRange);
  CHECK(Tuak::from(k, topc, {.iterations = 256}).error().code == ErrorCode::kRange);
  CHECK(Tuak::from(k, topc, {.iterations = 255}).has_value());
  CHECK(Tuak::topc_from_top(k, topc, 0).error().code == ErrorCode::kRange);
}
