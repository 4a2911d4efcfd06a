// SPDX-License-Identifier: Apache-2.0
// AUTHENTICATE in the GSM and 3G contexts: 3GPP TS 31.102 clause 7.1, 3GPP TS 31.103 clause 7.1.
#include <sstream>

#include "core/crypto/comp128.hpp"
#include "core/crypto/tuak.hpp"
#include "core/crypto/xor_auth.hpp"
#include "tests/support/vector_file.hpp"
#include "tests/unit/usim/network.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

Bytes service_table(const std::string& text) {
  Bytes table(17, 0x00);
  std::istringstream in(text);
  for (unsigned number = 0; in >> number;) table[(number - 1) / 8] |= static_cast<std::uint8_t>(1U << ((number - 1) % 8));
  return table;
}

std::int64_t number_of(BytesView sqn) {
  std::int64_t number = 0;
  for (std::uint8_t byte : sqn) number = number << 8 | byte;
  return number;
}

Bytes whole(const apdu::Response& response) {
  return concat({response.data, std::array{response.status.sw1(), response.status.sw2()}});
}

applet::Parameters with(applet::Parameters parameters, std::string key, applet::ParameterValue value) {
  parameters.set(std::move(key), std::move(value));
  return parameters;
}

/// DB, LV RES, LV CK, LV IK, LV Kc.
Bytes success(BytesView res, BytesView ck, BytesView ik, BytesView kc) {
  return concat({"DB"_h, lv(res), lv(ck), lv(ik), lv(kc)});
}

}  // namespace

TEST_CASE("AUTHENTICATE answers byte by byte as TS 31.102 7.1.2 says") {
  for (const VectorSet& set : load_vectors("authenticate.txt")) {
    CAPTURE(set.place());
    Instance usim(with(milenage_parameters(), "sqn.start", number_of(set.bytes("sqn_start"))));
    usim.context.tree().add(kUst, service_table(set.text("services")));
    CHECK(to_hex(whole(usim.run(set.bytes("command")))) == set.text("answer"));
  }
}

TEST_CASE("Milenage through AUTHENTICATE: RES, CK, IK, Kc, and AUTS when it is replayed (TS 35.208 test sets)") {
  for (const VectorSet& set : load_vectors("milenage.txt")) {
    CAPTURE(set.place());
    for (const char* key : {"opc", "op"}) {
      applet::Parameters parameters;
      parameters.set("algorithm", "milenage");
      parameters.set("k", set.text("k"));
      parameters.set(key, set.text(key));
      parameters.set("sqn.delta", std::int64_t{0});
      Instance usim(parameters);
      const Bytes command = challenge(set.bytes("rand"), set.bytes("autn"));
      const auto answer = usim.run(command);
      CHECK(answer.status == sw::kOk);
      CHECK(answer.data == success(set.bytes("f2"), set.bytes("f3"), set.bytes("f4"), set.bytes("kc")));
      const auto again = usim.run(command);
      CHECK(again.status == sw::kOk);
      CHECK(again.data == concat({"DC"_h, lv(set.bytes("auts"))}));
      const auto gsm = usim.run(authenticate(0x80, lv(set.bytes("rand"))));
      CHECK(gsm.data == concat({lv(set.bytes("sres")), lv(set.bytes("kc"))}));
    }
  }
}

TEST_CASE("SRES can be the first half of RES (TS 55.205 SRES derivation function #2)") {
  for (const VectorSet& set : load_vectors("gsm_milenage.txt")) {
    CAPTURE(set.place());
    applet::Parameters parameters;
    parameters.set("algorithm", "milenage");
    parameters.set("k", set.text("k"));
    parameters.set("opc", set.text("opc"));
    const Bytes command = authenticate(0x80, lv(set.bytes("rand")));
    CHECK(Instance(parameters).run(command).data == concat({lv(set.bytes("sres1")), lv(set.bytes("kc"))}));
    parameters.set("gsm_algorithm", "derived-truncated");
    CHECK(Instance(parameters).run(command).data == concat({lv(set.bytes("sres2")), lv(set.bytes("kc"))}));
  }
}

TEST_CASE("TUAK through AUTHENTICATE with every length of MAC, RES, CK and IK (TS 35.233 test sets)") {
  for (const VectorSet& set : load_vectors("tuak.txt")) {
    CAPTURE(set.place());
    for (const char* key : {"topc", "top"}) {
      applet::Parameters parameters;
      parameters.set("algorithm", "tuak");
      parameters.set("k", set.text("k"));
      parameters.set(key, set.text(key));
      parameters.set("keccak_iterations", static_cast<std::int64_t>(set.number("iterations")));
      parameters.set("mac_length", static_cast<std::int64_t>(set.bytes("f1").size()));
      parameters.set("res_length", static_cast<std::int64_t>(set.bytes("f2").size()));
      parameters.set("ck_length", static_cast<std::int64_t>(set.bytes("f3").size()));
      parameters.set("ik_length", static_cast<std::int64_t>(set.bytes("f4").size()));
      parameters.set("sqn.delta", std::int64_t{0});
      Instance usim(parameters);
      usim.context.tree().add(kUst, services({38}));
      const crypto::Sqn concealed = crypto::conceal(set.array<6>("sqn"), set.array<6>("f5"));
      const Bytes command = challenge(set.bytes("rand"), concat({concealed, set.bytes("amf"), set.bytes("f1")}));
      CHECK(usim.run(command).data == concat({"DB"_h, lv(set.bytes("f2")), lv(set.bytes("f3")), lv(set.bytes("f4"))}));

      // The replay's AUTS opens at the home network's end.
      const auto auts = usim.run(command).data;
      REQUIRE(auts.size() > 2);
      crypto::TuakParameters sizes{set.bytes("f1").size(), set.bytes("f2").size(), set.bytes("f3").size(), set.bytes("f4").size(),
                                   static_cast<unsigned>(set.number("iterations"))};
      auto network = crypto::Tuak::from(crypto::SecretBytes(set.bytes("k")), crypto::SecretBytes(set.bytes("topc")), sizes).value();
      const auto sqn_ms = crypto::open_auts(network, set.array<16>("rand"), BytesView(auts).subspan(2));
      REQUIRE(sqn_ms);
      CHECK(*sqn_ms == set.array<6>("sqn"));
    }
  }
}

TEST_CASE("XOR through AUTHENTICATE, 3G and GSM (TS 34.108 8.1.2, TS 51.010-1 A4.1.2)") {
  for (const VectorSet& set : load_vectors("xor_3g.txt")) {
    CAPTURE(set.place());
    applet::Parameters parameters;
    parameters.set("algorithm", "xor");
    parameters.set("k", set.text("k"));
    parameters.set("sqn.delta", std::int64_t{0});
    parameters.set("sqn.ind_bits", std::int64_t{0});  // the first set's SQN is 1
    Instance usim(parameters);
    const Bytes command = challenge(set.bytes("rand"), set.bytes("autn"));
    CHECK(usim.run(command).data == success(set.bytes("res"), set.bytes("ck"), set.bytes("ik"), set.bytes("kc")));
    const auto gsm = usim.run(authenticate(0x80, lv(set.bytes("rand"))));
    CHECK(gsm.data == concat({lv(set.bytes("sres")), lv(set.bytes("kc"))}));
    Instance shorter(with(parameters, "res_length", std::int64_t{8}));
    CHECK(shorter.run(command).data[1] == 8);
  }
  for (const VectorSet& set : load_vectors("xor_2g.txt")) {
    CAPTURE(set.place());
    applet::Parameters parameters;
    parameters.set("algorithm", "xor");
    parameters.set("k", "00000000000000000000000000000000");
    parameters.set("gsm_algorithm", "xor");
    parameters.set("gsm_ki", set.text("ki"));
    Instance usim(parameters);
    CHECK(usim.run(authenticate(0x80, lv(set.bytes("rand")))).data == concat({lv(set.bytes("sres")), lv(set.bytes("kc"))}));
  }
}

TEST_CASE("COMP128: the GSM context of a card without a 3G algorithm, or in addition to one") {
  for (const VectorSet& set : load_vectors("comp128.txt")) {
    CAPTURE(set.place());
    applet::Parameters alone;
    alone.set("algorithm", "comp128v" + set.text("version"));
    alone.set("k", set.text("ki"));
    Instance sim(alone);
    const Bytes command = authenticate(0x80, lv(set.bytes("rand")));
    const Bytes expected = concat({lv(set.bytes("sres")), lv(set.bytes("kc"))});
    CHECK(sim.run(command).data == expected);
    CHECK(sim.status(fresh_challenge(32)) == StatusWord{0x9864});

    applet::Parameters beside = milenage_parameters();
    beside.set("gsm_algorithm", "comp128v" + set.text("version"));
    beside.set("gsm_ki", set.text("ki"));
    Instance usim(beside);
    CHECK(usim.run(command).data == expected);
    CHECK(usim.run(fresh_challenge(32)).data[0] == 0xDB);
  }
}

TEST_CASE("operator's own constants of Milenage reach the algorithm (TS 35.206 5.3)") {
  applet::Parameters parameters = milenage_parameters();
  crypto::MilenageConstants constants;
  constants.r = {8, 16, 24, 40, 127};
  for (std::size_t i = 0; i < 5; ++i) {
    constants.c[i].fill(static_cast<std::uint8_t>(0x11 * (i + 1)));
    parameters.set("r" + std::to_string(i + 1), std::int64_t{constants.r[i]});
    parameters.set("c" + std::to_string(i + 1), to_hex(BytesView(constants.c[i])));
  }
  auto network = crypto::Milenage::from(crypto::SecretBytes("465B5CE8B199B49FAA5F0A2EE238A6BC"_h),
                                        crypto::SecretBytes("CD63CB71954A9F4E48A5994E37A02BAF"_h), constants)
                     .value();
  Instance usim(parameters);
  const auto answer = usim.run(challenge(kRand, crypto::make_autn(network, kRand, to_sqn(32), kAmf)));
  REQUIRE(answer.status == sw::kOk);
  CHECK(equal(BytesView(answer.data).subspan(2, 8), network.f2345(kRand).res));
  CHECK(usim.status(fresh_challenge(64)) == sw::kAuthenticationError);
}

TEST_CASE("resynchronisation: AUTS brings the home network to SQN_MS, and its next challenge is good (TS 33.102 6.3.5)") {
  crypto::Milenage network = home_network();
  Instance usim(with(milenage_parameters(), "sqn.start", std::int64_t{0x123456}));
  const auto failure = usim.run(fresh_challenge(0x20));
  REQUIRE(failure.status == sw::kOk);
  REQUIRE(failure.data.size() == 16);
  CHECK(failure.data[0] == 0xDC);
  const auto sqn_ms = crypto::open_auts(network, kRand, BytesView(failure.data).subspan(2));
  REQUIRE(sqn_ms);
  CHECK(*sqn_ms == to_sqn(0x123456));
  CHECK(usim.context.counters_stored() == 0);

  const auto answer = usim.run(fresh_challenge(0x123456 + 0x20));
  CHECK(answer.status == sw::kOk);
  CHECK(answer.data[0] == 0xDB);
}

TEST_CASE("a sequence number is used up before the answer leaves, and the card never goes back (TS 33.102 annex C.2)") {
  Instance usim;
  SUBCASE("power cut in the place of the write: the same challenge is still good, and no answer was seen") {
    usim.context.cut_power_at(1);
    CHECK_THROWS_AS(usim.run(fresh_challenge(32)), PowerCut);
    usim.power_cycle();
    CHECK(usim.run(fresh_challenge(32)).data[0] == 0xDB);
  }
  SUBCASE("after the answer only a higher number is good, also after power-off") {
    CHECK(usim.run(fresh_challenge(32)).data[0] == 0xDB);
    CHECK(usim.context.counters_stored() == 1);
    usim.power_cycle();
    CHECK(usim.run(fresh_challenge(32)).data[0] == 0xDC);
    CHECK(usim.context.counters_stored() == 1);
    CHECK(usim.run(fresh_challenge(64)).data[0] == 0xDB);
    CHECK(usim.context.counters_stored() == 2);
  }
  SUBCASE("the write is one object: SQN_MS and the array cannot part") {
    CHECK(usim.run(fresh_challenge(65)).data[0] == 0xDB);
    const Bytes& state = usim.context.objects().at(applet::aka::kSqnSlot);
    CHECK(equal(BytesView(state).first(6), to_sqn(65)));
    CHECK(equal(BytesView(state).subspan(6 + 6, 6), to_sqn(2)));  // IND 1, SEQ 2
  }
}

TEST_CASE("a wrong MAC changes nothing, whatever bit it is (TS 31.102 7.1.1.1)") {
  Instance usim;
  const Bytes good = fresh_challenge(32);
  const auto before = usim.context.objects();
  const std::size_t rand = 6;
  const std::size_t autn = rand + 17;
  for (std::size_t i : {rand, rand + 15, autn, autn + 5, autn + 6, autn + 8, autn + 15}) {
    CAPTURE(i);
    Bytes bad = good;
    bad[i] ^= 0x01;
    const auto answer = usim.run(bad);
    CHECK(answer.status == sw::kAuthenticationError);
    CHECK(answer.data.empty());
  }
  CHECK(usim.context.objects() == before);
  CHECK(usim.run(good).data[0] == 0xDB);
}

TEST_CASE("malformed data fields of the 3G and the GSM context get 6700") {
  Instance usim;
  const Bytes rand(16, 0x11);
  const Bytes autn(16, 0x22);
  const std::initializer_list<Bytes> bad_3g = {
      {},
      {0x10},
      rand,
      lv(rand),
      concat({lv(rand), autn}),
      concat({lv(rand), "0F"_h, autn}),
      concat({lv(rand), lv(autn), "00"_h}),
      concat({lv(rand), "11"_h, autn, "00"_h}),
      concat({lv(rand), lv(Bytes(15, 0x22))}),
      concat({lv(rand), "00"_h}),
      concat({lv(Bytes(15, 0x11)), lv(Bytes(17, 0x22))}),
      concat({lv(Bytes(17, 0x11)), lv(Bytes(15, 0x22))}),
      concat({"FF"_h, rand, lv(autn)}),
      concat({lv(rand), "FF"_h, autn}),
  };
  for (const Bytes& data : bad_3g) {
    CAPTURE(to_hex(data));
    CHECK(usim.status(authenticate(0x81, data)) == sw::kWrongLength);
  }
  const std::initializer_list<Bytes> bad_gsm = {{},
                                                {0x10},
                                                rand,
                                                concat({lv(rand), "00"_h}),
                                                lv(Bytes(15, 0x11)),
                                                lv(Bytes(17, 0x11)),
                                                concat({lv(rand), lv(autn)}),
                                                concat({"0F"_h, rand})};
  for (const Bytes& data : bad_gsm) {
    CAPTURE(to_hex(data));
    CHECK(usim.status(authenticate(0x80, data)) == sw::kWrongLength);
  }
}

TEST_CASE("P1 and P2 name a context of the application, or get 6A86; a context that is not supported gets 9864 (TS 31.102 7.3.1)") {
  Instance usim;
  Instance isim(milenage_parameters(), "isim");
  const Bytes data = concat({lv(Bytes(16, 0x11)), lv(Bytes(16, 0x22))});
  for (unsigned p2 = 0; p2 < 256; ++p2) {
    CAPTURE(p2);
    const auto expected = [&](std::initializer_list<unsigned> known, std::initializer_list<unsigned> unsupported) {
      if (std::ranges::find(unsupported, p2) != unsupported.end()) return StatusWord{0x9864};
      return std::ranges::find(known, p2) == known.end() ? sw::kIncorrectP1P2 : sw::kOk;
    };
    const StatusWord of_usim = expected({0x80, 0x81, 0x84}, {0x82, 0x85, 0x86});
    const StatusWord of_isim = expected({0x81}, {0x82, 0x84, 0x86});  // GBA: no EF_IST, no service
    const Bytes command = authenticate(static_cast<std::uint8_t>(p2), data);
    if (of_usim != sw::kOk) CHECK(usim.status(command) == of_usim);
    if (of_isim != sw::kOk) CHECK(isim.status(command) == of_isim);
  }
  CHECK(usim.status(authenticate(0x81, data, 0x01)) == sw::kIncorrectP1P2);
  CHECK(usim.status(authenticate(0x81, data, 0x80)) == sw::kIncorrectP1P2);
}

TEST_CASE("the GSM context needs service 38, Kc in the 3G context service 27 (TS 31.102 7.1.1.1 and 7.1.1.2)") {
  Instance usim;
  const Bytes gsm = authenticate(0x80, lv(kRand));
  usim.context.tree().add(kUst, services({27}));
  CHECK(usim.status(gsm) == StatusWord{0x9864});
  CHECK(usim.run(fresh_challenge(32)).data.size() == 1 + 9 + 17 + 17 + 9);
  usim.context.tree().add(kUst, services({38}));
  CHECK(usim.status(gsm) == sw::kOk);
  CHECK(usim.run(fresh_challenge(64)).data.size() == 1 + 9 + 17 + 17);
  usim.context.tree().add(kUst, Bytes{0xFF, 0xFF});  // ends before service 27
  CHECK(usim.status(gsm) == StatusWord{0x9864});
  usim.context.tree().remove(kUst);
  CHECK(usim.status(gsm) == StatusWord{0x9864});
  CHECK(usim.run(fresh_challenge(96)).data.size() == 1 + 9 + 17 + 17);
}

TEST_CASE("AUTHENTICATE needs the application PIN (TS 31.102 7.1)") {
  Instance usim;
  usim.context.unsatisfy(kPin);
  usim.context.satisfy(0x81);
  usim.context.satisfy(0x02);
  CHECK(usim.status(fresh_challenge(32)) == sw::kSecurityStatusNotSatisfied);
  CHECK(usim.status(authenticate(0x80, lv(kRand))) == sw::kSecurityStatusNotSatisfied);
  CHECK(usim.status(authenticate(0x84, "DE"_h)) == sw::kSecurityStatusNotSatisfied);
  CHECK(usim.context.counters_stored() == 0);
  usim.context.satisfy(kPin);
  CHECK(usim.status(fresh_challenge(32)) == sw::kOk);

  Instance second(with(milenage_parameters(), "pin", std::int64_t{2}));
  CHECK(second.status(fresh_challenge(32)) == sw::kSecurityStatusNotSatisfied);
  second.context.satisfy(0x02);
  CHECK(second.status(fresh_challenge(32)) == sw::kOk);
}

TEST_CASE("other classes and instructions are not AUTHENTICATE") {
  for (const char* const name : {"usim", "isim"}) {
    CAPTURE(name);
    Instance instance(milenage_parameters(), name);
    Bytes command = fresh_challenge(32);
    command[0] = 0x80;
    CHECK(instance.status(command) == sw::kClaNotSupported);
    command[0] = 0x00;
    command[1] = 0x89;  // segmented data
    CHECK(instance.status(command) == sw::kInsNotSupported);
    command[1] = 0x87;
    CHECK(instance.status(command) == sw::kInsNotSupported);
    CHECK(instance.context.counters_stored() == 0);
  }
  Instance isim(milenage_parameters(), "isim");
  CHECK(isim.status("8078000100"_h) == sw::kInsNotSupported);
}

TEST_CASE("the ISIM answers without Kc, from its own sequence numbers (TS 31.103 7.1.2)") {
  Instance usim;
  Instance isim(milenage_parameters(), "isim");
  isim.context.tree().add(kIst, Bytes{0xFF, 0xFF, 0xFF, 0xFF});
  CHECK(usim.run(fresh_challenge(32)).data.size() == 1 + 9 + 17 + 17 + 9);
  const auto answer = isim.run(fresh_challenge(32));
  CHECK(answer.status == sw::kOk);
  CHECK(answer.data.size() == 1 + 9 + 17 + 17);
  CHECK(isim.run(fresh_challenge(32)).data[0] == 0xDC);
}

TEST_CASE("an instance that is not personalised refuses with 6985") {
  Instance usim;
  FakeContext empty;
  empty.satisfy(kPin);
  empty.tree().add(kUst, services({27, 38, 68}));
  for (std::uint8_t p2 : "808184"_h) CHECK(empty.run(*usim.applet, authenticate(p2, lv(kRand))).status == sw::kConditionsNotSatisfied);
}

TEST_CASE("objects that the card itself damaged stop the program, and give no status word") {
  Instance usim;
  applet::InitialObjects objects(usim.context.objects().begin(), usim.context.objects().end());
  for (auto& [slot, value] : objects) {
    CAPTURE(slot.value);
    const Bytes good = value;
    value.pop_back();
    FakeContext damaged(objects);
    damaged.satisfy(kPin);
    usim.power_cycle();
    CHECK_THROWS_AS(damaged.run(*usim.applet, fresh_challenge(32)), SystemError);
    value = good;
  }
}
