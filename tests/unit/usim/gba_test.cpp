// SPDX-License-Identifier: Apache-2.0
// GBA_U on the card: 3GPP TS 33.220 clause 5.3 and annexes B.3 and G; 3GPP TS 31.102 clauses 7.1.1.4, 7.1.1.5, 4.2.79 and 4.2.83.
#include "core/ber_tlv.hpp"
#include "core/crypto/hash.hpp"
#include "tests/support/vector_file.hpp"
#include "tests/unit/usim/network.hpp"

using namespace uicclab;
using namespace uicclab::test;
using applet::aka::kKsSlot;
using applet::aka::naf_slot;

namespace {

constexpr StatusWord kContextNotSupported{0x9864};
constexpr StatusWord kNoMemorySpace{0x9866};
constexpr auto kImpi = "757365724065"_h;

/// AUTN*: the BSF's modification of the MAC (TS 33.220 clause 5.3.2), written once more from the clause.
Bytes star(BytesView autn, const crypto::SecretBytes& ik) {
  Bytes out = to_bytes(autn);
  const auto digest = crypto::sha1({ik.expose(crypto::ExposeSecret{"the home network's end of a test"})});
  for (std::size_t i = 0; i < 8; ++i) out[8 + i] ^= digest[i];
  return out;
}

Bytes bootstrap(std::uint64_t sqn, const crypto::Rand& rand = kRand) {
  crypto::Milenage network = home_network();
  const auto autn = crypto::make_autn(network, rand, to_sqn(sqn), kAmf);
  return authenticate(0x84, concat({"DD"_h, lv(rand), lv(star(autn, network.f2345(rand).ik))}));
}

Bytes derive(BytesView naf_id, BytesView impi = kImpi) {
  return authenticate(0x84, concat({"DE"_h, lv(naf_id), lv(impi)}));
}

Bytes naf_named(char letter) {
  return {static_cast<std::uint8_t>(letter), '.', 'c', 'o', 'm', 0x01, 0x00, 0x00, 0x00, 0x01};
}

/// Letter of the NAF in each record of EF_GBANL; '-' for an empty one.
std::string nafs(Instance& usim) {
  std::string letters;
  for (std::size_t i = 1; i <= usim.context.tree().record_count(kUsimGbanl); ++i) {
    const Bytes record = *usim.context.tree().read_record(kUsimGbanl, i);
    const auto naf = ber::find(record, 0x80);
    letters += naf ? static_cast<char>((*naf)[0]) : '-';
  }
  return letters;
}

}  // namespace

TEST_CASE("bootstrapping and NAF derivation byte by byte (TS 31.102 7.1.2.3 and 7.1.2.4, TS 33.220 B.3)") {
  for (const VectorSet& set : load_vectors("gba.txt")) {
    CAPTURE(set.place());
    applet::Parameters parameters;
    parameters.set("algorithm", "milenage");
    parameters.set("k", set.text("k"));
    parameters.set("opc", set.text("opc"));
    parameters.set("sqn.delta", std::int64_t{0});
    struct Names {
      const char* module;
      Bytes table;
      Bytes gbabp;
      Bytes gbanl;
    };
    const std::initializer_list<Names> applications = {
        {"usim", to_bytes(kUst), to_bytes(kUsimGbabp), to_bytes(kUsimGbanl)},
        {"isim", to_bytes(kIst), {0x6F, 0xD5}, {0x6F, 0xD7}},
    };
    for (const Names& names : applications) {
      CAPTURE(names.module);
      Instance card(parameters, names.module);
      FakeFiles& files = card.context.tree();
      files.add(names.table, services({2, 68}));
      files.add(names.gbabp, Bytes(71, 0xFF));
      files.add_records(names.gbanl, {2, Bytes(60, 0xFF)});

      const auto answer = card.run(set.bytes("bootstrap"));
      CHECK(to_hex(answer.data) + to_hex(answer.status) == set.text("bootstrap_answer"));
      const Bytes started = *files.read_binary(names.gbabp);
      CHECK(equal(BytesView(started).first(19), concat({lv(set.bytes("rand")), "0000"_h})));
      CHECK(std::ranges::all_of(BytesView(started).subspan(19), [](std::uint8_t byte) { return byte == 0xFF; }));

      // The ME writes B-TID and key lifetime (TS 33.220 G.1).
      files.add(names.gbabp, set.bytes("gbabp"));
      const auto keys = card.run(set.bytes("naf"));
      CHECK(to_hex(keys.data) + to_hex(keys.status) == set.text("naf_answer"));
      const Bytes record = *files.read_record(names.gbanl, 1);
      const Bytes expected = set.bytes("gbanl_record");
      CHECK(equal(BytesView(record).first(expected.size()), expected));
      CHECK(std::ranges::all_of(BytesView(record).subspan(expected.size()), [](std::uint8_t byte) { return byte == 0xFF; }));
      CHECK(equal(BytesView(card.context.objects().at(naf_slot(1))).first(33), lv(set.bytes("ks_int_naf"))));
      CHECK(card.context.objects().at(kKsSlot) == concat({set.bytes("rand"), set.bytes("ks")}));
    }
  }
}

TEST_CASE("the card takes AUTN* in the GBA context and AUTN in the 3G context, never the other (TS 33.220 5.2.1, 5.3.2)") {
  for (const VectorSet& set : load_vectors("gba.txt")) {
    CAPTURE(set.place());
    Instance usim;
    CHECK(usim.status(authenticate(0x84, concat({"DD"_h, lv(set.bytes("rand")), lv(set.bytes("autn"))}))) == sw::kAuthenticationError);
    CHECK(usim.status(challenge(set.bytes("rand"), set.bytes("autn_star"))) == sw::kAuthenticationError);
    CHECK(usim.context.counters_stored() == 0);
    CHECK_FALSE(usim.context.objects().contains(kKsSlot));
    CHECK(usim.status(authenticate(0x84, concat({"DD"_h, lv(set.bytes("rand")), lv(set.bytes("autn_star"))}))) == sw::kOk);
  }
}

TEST_CASE("CK and IK of a bootstrapping do not leave the card (TS 33.220 5.2.1)") {
  crypto::Milenage network = home_network();
  Instance usim;
  const auto answer = usim.run(bootstrap(32));
  CHECK(answer.data == concat({"DB"_h, lv(network.f2345(kRand).res)}));
}

TEST_CASE("a bootstrapping that was used before gets AUTS, and the home network can open it (TS 31.102 7.1.1.4)") {
  Instance usim;
  CHECK(usim.run(bootstrap(100)).data[0] == 0xDB);
  const auto before = usim.context.objects();
  const auto answer = usim.run(bootstrap(100));
  CHECK(answer.status == sw::kOk);
  REQUIRE(answer.data.size() == 16);
  CHECK(answer.data[0] == 0xDC);
  crypto::Milenage network = home_network();
  CHECK(crypto::open_auts(network, kRand, BytesView(answer.data).subspan(2)).value() == to_sqn(100));
  CHECK(usim.context.objects() == before);
  CHECK(usim.run(fresh_challenge(100)).data[0] == 0xDC);  // one array for all contexts
}

TEST_CASE("NAF derivation without a bootstrapping gets 6985 (TS 31.102 7.1.1.5)") {
  Instance usim;
  CHECK(usim.status(derive(naf_named('a'))) == sw::kConditionsNotSatisfied);
  CHECK(usim.run(fresh_challenge(32)).status == sw::kOk);  // 3G context: no Ks
  CHECK(usim.status(derive(naf_named('a'))) == sw::kConditionsNotSatisfied);
  CHECK(nafs(usim) == "---");
}

TEST_CASE("Ks lives through power-off, and a new bootstrapping replaces it with RAND, B-TID and key lifetime (TS 33.220 G.1)") {
  Instance usim;
  CHECK(usim.status(bootstrap(32)) == sw::kOk);
  usim.context.tree().add(kUsimGbabp, concat({lv(kRand), lv("B1D1"_h), lv("11"_h), Bytes(50, 0xFF)}));
  const Bytes first = usim.run(derive(naf_named('a'))).data;
  usim.power_cycle();
  CHECK(usim.run(derive(naf_named('a'))).data == first);

  crypto::Rand other = kRand;
  other[0] ^= 0x80;
  CHECK(usim.status(bootstrap(64, other)) == sw::kOk);
  CHECK(equal(BytesView(*usim.context.tree().read_binary(kUsimGbabp)).first(20), concat({lv(other), "0000FF"_h})));
  const Bytes second = usim.run(derive(naf_named('a'))).data;
  CHECK(second.size() == first.size());
  CHECK(second != first);
  const Bytes record = *usim.context.tree().read_record(kUsimGbanl, 1);
  CHECK(ber::find(record, 0x81).value().empty());  // the ME wrote no B-TID yet
  CHECK(nafs(usim) == "a--");
}

TEST_CASE("EF_GBANL: the NAF's own record, else an empty one, else the least recently used (TS 33.220 G.2)") {
  Instance usim;
  CHECK(usim.status(bootstrap(32)) == sw::kOk);
  const auto use = [&](char letter) {
    CHECK(usim.status(derive(naf_named(letter))) == sw::kOk);
    return nafs(usim);
  };
  CHECK(use('a') == "a--");
  CHECK(use('b') == "ab-");
  CHECK(use('a') == "ab-");
  CHECK(use('c') == "abc");
  usim.power_cycle();
  CHECK(use('d') == "adc");  // b is the oldest
  CHECK(use('a') == "adc");
  CHECK(use('e') == "ade");
  CHECK(use('f') == "afe");
  SUBCASE("a record that the card never used goes first") {
    usim.context.tree().add_records(kUsimGbanl, {concat({"800178810100"_h, Bytes(20, 0xFF)}), concat({"800179810100"_h, Bytes(20, 0xFF)}),
                                                 concat({"80017A810100"_h, Bytes(20, 0xFF)}), concat({"80017B810100"_h, Bytes(20, 0xFF)})});
    CHECK(use('g') == "xyzg");
    CHECK(use('h') == "hyzg");
  }
  SUBCASE("a list that became shorter drops the removed records") {
    usim.context.tree().add_records(kUsimGbanl, {concat({"800178810100"_h, Bytes(20, 0xFF)})});
    CHECK(use('g') == "g");
    CHECK(use('h') == "h");
  }
}

TEST_CASE("the key of another NAF stays as it is (TS 31.102 7.1.1.5)") {
  Instance usim;
  CHECK(usim.status(bootstrap(32)) == sw::kOk);
  CHECK(usim.status(derive(naf_named('a'))) == sw::kOk);
  const Bytes key_of_a = usim.context.objects().at(naf_slot(1));
  CHECK(usim.status(derive(naf_named('b'))) == sw::kOk);
  CHECK(usim.context.objects().at(naf_slot(1)) == key_of_a);
  CHECK(usim.context.objects().at(naf_slot(2)) != key_of_a);
}

TEST_CASE("a NAF_ID or IMPI of 255 bytes fits, lengths that lie get 6700, other tags 6A80 (TS 31.102 7.1.2)") {
  Instance usim;
  usim.context.tree().add_records(kUsimGbanl, {Bytes(262, 0xFF)});
  CHECK(usim.status(bootstrap(32)) == sw::kOk);
  const auto extended = [](BytesView data) {
    return concat({"008800840002"_h, std::array{std::uint8_t(data.size() & 0xFF)}, data, "0000"_h});
  };
  const Bytes longest(255, 'n');
  const Bytes data = concat({"DE"_h, lv(longest), lv(longest)});
  REQUIRE(data.size() == 0x201);
  CHECK(usim.status(extended(data)) == sw::kOk);

  const std::initializer_list<Bytes> wrong_length = {
      {},
      {0xDE},
      {0xDE, 0x01},
      concat({"DE"_h, lv(naf_named('a'))}),
      concat({"DE"_h, lv(naf_named('a')), "00"_h}),
      concat({"DE00"_h, lv(kImpi)}),
      concat({"DE"_h, lv(naf_named('a')), lv(kImpi), "00"_h}),
      concat({"DE"_h, lv(naf_named('a')), "FF"_h, kImpi}),
      {0xDD},
      concat({"DD"_h, lv(kRand)}),
      concat({"DD"_h, lv(kRand), lv(Bytes(15, 0))}),
      concat({"DD"_h, lv(kRand), lv(Bytes(16, 0)), "00"_h}),
      concat({"DD"_h, lv(Bytes(15, 0)), lv(Bytes(17, 0))}),
  };
  for (const Bytes& bad : wrong_length) {
    CAPTURE(to_hex(bad));
    CHECK(usim.status(authenticate(0x84, bad)) == sw::kWrongLength);
  }
  for (std::uint8_t tag : "00DBDCDFFF10"_h) {
    CAPTURE(int{tag});
    CHECK(usim.status(authenticate(0x84, concat({std::array{tag}, lv(kRand), lv(kRand)}))) == sw::kIncorrectData);
  }
}

TEST_CASE("GBA needs its service: 68 of EF_UST, 2 of EF_IST; without it the context is not supported, 9864 (TS 31.102 7.3.1)") {
  Instance usim;
  usim.context.tree().add(kUst, services({27, 38, 67, 69}));
  CHECK(usim.status(bootstrap(32)) == kContextNotSupported);
  CHECK(usim.status(derive(naf_named('a'))) == kContextNotSupported);
  Instance isim(milenage_parameters(), "isim");
  isim.context.tree().add(kIst, services({1, 3, 68}));
  CHECK(isim.status(bootstrap(32)) == kContextNotSupported);
  CHECK(usim.context.counters_stored() + isim.context.counters_stored() == 0);
}

TEST_CASE("files that are not there or too small get 9866 and cost nothing (TS 31.102 7.3.1)") {
  Instance usim;
  SUBCASE("EF_GBABP must hold a RAND and two lengths") {
    for (std::size_t size : {0U, 3U, 18U}) {
      usim.context.tree().add(kUsimGbabp, Bytes(size, 0xFF));
      CHECK(usim.status(bootstrap(32)) == kNoMemorySpace);
    }
    usim.context.tree().remove(kUsimGbabp);
    CHECK(usim.status(bootstrap(32)) == kNoMemorySpace);
    CHECK(usim.context.counters_stored() == 0);
    usim.context.tree().add(kUsimGbabp, Bytes(19, 0xFF));
    CHECK(usim.status(bootstrap(32)) == sw::kOk);
  }
  SUBCASE("EF_GBANL must have a record that holds NAF_ID and B-TID") {
    CHECK(usim.status(bootstrap(32)) == sw::kOk);
    usim.context.tree().add_records(kUsimGbanl, {Bytes(13, 0xFF)});
    const auto before = usim.context.objects();
    CHECK(usim.status(derive(naf_named('a'))) == kNoMemorySpace);
    usim.context.tree().remove(kUsimGbanl);
    CHECK(usim.status(derive(naf_named('a'))) == kNoMemorySpace);
    CHECK(usim.context.objects() == before);
    usim.context.tree().add_records(kUsimGbanl, {Bytes(14, 0xFF)});
    CHECK(usim.status(derive(naf_named('a'))) == sw::kOk);
  }
}

TEST_CASE("power cut during GBA: the sequence number is used up first, keys and files change together or not at all") {
  Instance usim;
  CHECK(usim.status(bootstrap(32)) == sw::kOk);
  CHECK(usim.status(derive(naf_named('a'))) == sw::kOk);
  const auto before = usim.context.objects();
  const Bytes gbabp = *usim.context.tree().read_binary(kUsimGbabp);
  SUBCASE("before SQN") {
    usim.context.cut_power_at(1);
    CHECK_THROWS_AS(usim.run(bootstrap(64)), PowerCut);
    CHECK(usim.context.objects() == before);
    CHECK(usim.run(bootstrap(64)).data[0] == 0xDB);
  }
  SUBCASE("between SQN and the rest") {
    usim.context.cut_power_at(2);
    CHECK_THROWS_AS(usim.run(bootstrap(64)), PowerCut);
    CHECK(usim.context.objects().at(kKsSlot) == before.at(kKsSlot));
    CHECK(*usim.context.tree().read_binary(kUsimGbabp) == gbabp);
    usim.power_cycle();
    CHECK(usim.run(bootstrap(64)).data[0] == 0xDC);
  }
  SUBCASE("in a NAF derivation") {
    usim.context.cut_power_at(1);
    CHECK_THROWS_AS(usim.run(derive(naf_named('b'))), PowerCut);
    CHECK(usim.context.objects() == before);
    CHECK(nafs(usim) == "a--");
  }
}
