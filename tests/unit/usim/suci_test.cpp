// SPDX-License-Identifier: Apache-2.0
// SUCI and its files: 3GPP TS 33.501 annex C, 3GPP TS 24.501 clause 9.11.3.4, 3GPP TS 31.102 clauses 4.4.11.8, 4.2.2.
#include "applet/usim/suci.hpp"

#include <doctest/doctest.h>

#include "core/crypto/ecies.hpp"
#include "tests/support/fake_context.hpp"
#include "tests/support/vector_file.hpp"

using namespace uicclab;
using namespace uicclab::applet::usim;
using namespace uicclab::test;

namespace {

constexpr auto kHomeKeyA = "5A8D38864820197C3394B92613B20B91633CBD897119273BF8E4A6F4EEC0A650"_h;
constexpr auto kHomeKeyB = "0272DA71976234CE833A6907425867B82E074D44EF907DFB4B3E21C1C2256EBCD1"_h;
constexpr auto kRouting = "F0FF"_h;
const Imsi kAnnexImsi{"274", "012", "001002086"};

SuciCalcInfo info_for(std::uint8_t scheme, BytesView key) {
  return {{{scheme, 1}}, {{27, to_bytes(key)}}};
}

}  // namespace

TEST_CASE("EF_SUCI_Calc_Info as other cards have it (TS 31.102 4.4.11.8)") {
  // The example of the clause's own coding (osmocom/pysim tests): profile B, then A, then the null scheme.
  const auto file = concat({"A006020101020000 A14B 80011B 8121"_h, kHomeKeyB, "80011E 8120"_h, kHomeKeyA, "FFFFFF"_h});
  const auto info = parse_suci_calc_info(file);
  REQUIRE(info);
  CHECK(info->schemes == std::vector<ProtectionScheme>{{2, 1}, {1, 2}, {0, 0}});
  CHECK(info->keys == std::vector<HomeNetworkKey>{{27, to_bytes(kHomeKeyB)}, {30, to_bytes(kHomeKeyA)}});
  CHECK(info->key_of({2, 1})->identifier == 27);
  CHECK(info->key_of({1, 2})->identifier == 30);
  CHECK(info->key_of({1, 3}) == nullptr);
  CHECK(info->key_of({0, 0}) == nullptr);
  CHECK(equal(BytesView(file).first(file.size() - 3), encode(*info)));

  // sysmoISIM-SJA2, from osmocom/pysim; GSMA TS.48 has only the null scheme.
  const auto sja2 =
      parse_suci_calc_info(concat({"A00401010000 A14A 80010A 8120 4E858C4D49D1343E6181284C47CA721730C98742CB7C6182D2E8126E08088D36"_h,
                                   "80010B 8120 D1BC365F4997D17CE4374E72181431CBFEBA9E1B98D7618F79D48561B144672A"_h}));
  REQUIRE(sja2);
  CHECK(sja2->keys.size() == 2);
  CHECK(sja2->keys[1].identifier == 11);
  CHECK(parse_suci_calc_info("A0020000FFFFFF"_h).value() == SuciCalcInfo{{{0, 0}}, {}});
  CHECK(parse_suci_calc_info("A100A000"_h).value() == SuciCalcInfo{});
}

TEST_CASE("a malformed EF_SUCI_Calc_Info is refused") {
  const auto code = [](BytesView file) { return parse_suci_calc_info(file).error().code; };
  CHECK(code({}) == ErrorCode::kNotFound);
  CHECK(code("FFFFFFFF"_h) == ErrorCode::kNotFound);
  CHECK(code("A10680011B810100"_h) == ErrorCode::kNotFound);
  CHECK(code("A003020100"_h) == ErrorCode::kMalformed);
  CHECK(code("A0020201A0020000"_h) == ErrorCode::kMalformed);
  CHECK(code("A0020201A100A100"_h) == ErrorCode::kMalformed);
  CHECK(code("A0020201A200"_h) == ErrorCode::kMalformed);
  CHECK(code("00A0020201"_h) != ErrorCode::kNotFound);
  CHECK(code("A00402"_h) == ErrorCode::kTruncated);
  CHECK(code("A0020201A10380011B"_h) == ErrorCode::kTruncated);           // no key
  CHECK(code("A0020201A105810100 8000"_h) == ErrorCode::kMalformed);      // key first
  CHECK(code("A0020201A10780021B1B810100"_h) == ErrorCode::kMalformed);   // an identifier of two bytes
  CHECK(code("A0020201A1068001 1B 8201 00"_h) == ErrorCode::kMalformed);  // no key tag
  CHECK(code("A0020201A1068001 1B 8102 00"_h) == ErrorCode::kTruncated);  // a key that ends too early
}

TEST_CASE("EF_IMSI and the MNC length give MCC, MNC and MSIN (TS 31.102 4.2.2, 4.2.18)") {
  CHECK(parse_imsi("082947100210000268"_h, 3).value() == kAnnexImsi);
  CHECK(parse_imsi("080910100000000010"_h, 2).value() == Imsi{"001", "01", "0000000001"});
  CHECK(parse_imsi("080910100000000010"_h, 3).value() == Imsi{"001", "010", "000000001"});
  CHECK(parse_imsi("0801101000000000F0"_h, 2).value() == Imsi{"001", "01", "000000000"});  // 14 digits
  CHECK(parse_imsi("0439040121FFFFFFFF"_h, 2).value() == Imsi{"340", "10", "12"});
  CHECK(parse_imsi("03390401FFFFFFFFFF"_h, 2).error().code == ErrorCode::kRange);  // no MSIN
  CHECK(parse_imsi("FFFFFFFFFFFFFFFFFF"_h, 2).error().code == ErrorCode::kMalformed);
  CHECK(parse_imsi("080910100000000010"_h, 0).error().code == ErrorCode::kRange);
  CHECK(parse_imsi("080910100000000010"_h, 4).error().code == ErrorCode::kRange);
  CHECK(parse_imsi("0809101000000000"_h, 2).error().code == ErrorCode::kTruncated);
  CHECK(parse_imsi({}, 2).error().code == ErrorCode::kTruncated);
  CHECK(parse_imsi("000910101000000010"_h, 2).error().code == ErrorCode::kMalformed);
  CHECK(parse_imsi("090910101000000010"_h, 2).error().code == ErrorCode::kMalformed);
  CHECK(parse_imsi("080A10100000000010"_h, 2).error().code == ErrorCode::kMalformed);
  CHECK(parse_imsi("0809101000000000F0"_h, 2).error().code == ErrorCode::kMalformed);  // odd parity, even digits
  CHECK(parse_imsi("080110100000000010"_h, 2).error().code == ErrorCode::kMalformed);  // even parity, odd digits
  CHECK(parse_imsi("08091010A000000010"_h, 2).error().code == ErrorCode::kMalformed);
  CHECK(parse_imsi("0809101F1000000010"_h, 2).error().code == ErrorCode::kMalformed);
}

TEST_CASE("digits of the home network and of the MSIN (TS 24.501 9.11.3.4)") {
  CHECK(equal(encode_plmn({"001", "01", "1"}), "00F110"_h));
  CHECK(equal(encode_plmn({"274", "012", "1"}), "722410"_h));
  CHECK(equal(encode_plmn({"310", "260", "1"}), "130062"_h));
  CHECK(encode_msin("001002086") == to_bytes("00012080F6"_h));  // TS 33.501 C.4
  CHECK(encode_msin("0000000001") == to_bytes("0000000010"_h));
  CHECK(encode_msin("7") == to_bytes("F7"_h));
}

TEST_CASE("the SUCI of TS 33.501 annex C.4, byte by byte and back") {
  for (const VectorSet& set : load_vectors("suci_ecies.txt")) {
    CAPTURE(set.place());
    const std::uint8_t scheme = set.text("profile") == "A" ? 1 : 2;
    ScriptedRandom random;
    random.push(set.bytes("ephemeral_private"));
    const auto suci = make_suci(kAnnexImsi, kRouting, info_for(scheme, set.bytes("home_public")), random);
    REQUIRE(suci);
    CHECK(random.empty());
    CHECK(*suci == concat({"01722410F0FF"_h, std::array{scheme, std::uint8_t{27}}, set.bytes("scheme_output")}));
    const crypto::SecretBytes home{BytesView(set.bytes("home_private"))};
    CHECK(open_suci(*suci, home).value() == "274012001002086");

    for (std::size_t i = 8; i < suci->size(); ++i) {  // every byte of the scheme output counts
      Bytes changed = *suci;
      changed[i] ^= 0x04;
      CHECK_FALSE(open_suci(changed, home));
    }
  }
}

TEST_CASE("a SUCI opens to its IMSI for every number of digits, scheme and MNC length") {
  SeededRandom random(33501);
  const crypto::SecretBytes home_a("C53C22208B61860B06C62E5406A7B330C2B577AA5558981510D128247D38BD1D"_h);
  const crypto::SecretBytes home_b("F1AB1074477EBCC7F554EA1C5FC368B1616730155E0041AC447D6301975FECDA"_h);
  for (const char* mnc : {"01", "260"}) {
    for (std::size_t digits = 1; digits <= 10; ++digits) {
      const Imsi imsi{"310", mnc, std::string("9081726354").substr(0, digits)};
      const std::string all = imsi.mcc + imsi.mnc + imsi.msin;
      CHECK(open_suci(make_suci(imsi, kRouting, {{{0, 0}}, {}}, random).value(), {}).value() == all);
      CHECK(open_suci(make_suci(imsi, kRouting, info_for(1, kHomeKeyA), random).value(), home_a).value() == all);
      CHECK(open_suci(make_suci(imsi, kRouting, info_for(2, kHomeKeyB), random).value(), home_b).value() == all);
    }
  }
}

TEST_CASE("the first supported scheme counts, and its key must be there: no way down to the null scheme (TS 33.501 6.12.2)") {
  SeededRandom random(1);
  const auto scheme_of = [&](const SuciCalcInfo& info) { return make_suci(kAnnexImsi, kRouting, info, random).value()[6]; };
  const auto code = [&](const SuciCalcInfo& info) { return make_suci(kAnnexImsi, kRouting, info, random).error().code; };
  const HomeNetworkKey a{1, to_bytes(kHomeKeyA)};
  const HomeNetworkKey b{2, to_bytes(kHomeKeyB)};
  CHECK(scheme_of({{{0, 0}, {1, 1}}, {a}}) == 0);
  CHECK(scheme_of({{{1, 1}, {0, 0}}, {a}}) == 1);
  CHECK(scheme_of({{{2, 2}, {1, 1}, {0, 0}}, {a, b}}) == 2);
  CHECK(scheme_of({{{12, 1}, {3, 1}, {1, 1}}, {a}}) == 1);  // the operator's own and reserved ones are passed over
  CHECK(code({}) == ErrorCode::kNotFound);
  CHECK(code({{{12, 1}}, {a}}) == ErrorCode::kNotFound);
  CHECK(code({{{1, 2}, {0, 0}}, {a}}) == ErrorCode::kNotFound);
  CHECK(code({{{1, 0}, {0, 0}}, {a}}) == ErrorCode::kNotFound);
  CHECK(code({{{1, 1}, {0, 0}}, {b}}) == ErrorCode::kMalformed);  // 33 bytes are no key of profile A
  CHECK(code({{{2, 1}, {0, 0}}, {a}}) == ErrorCode::kMalformed);
  CHECK(code({{{1, 1}, {0, 0}}, {{1, {}}}}) == ErrorCode::kMalformed);
}

TEST_CASE("the home network refuses data that is not a SUCI of an IMSI") {
  const auto code = [](BytesView suci) { return open_suci(suci, {}).error().code; };
  CHECK(code({}) == ErrorCode::kTruncated);
  CHECK(code("01722410F0FF00"_h) == ErrorCode::kTruncated);
  CHECK(code("11722410F0FF0000F7"_h) == ErrorCode::kUnsupported);
  CHECK(code("01722410F0FF0300F7"_h) == ErrorCode::kUnsupported);
  CHECK(code("01A22410F0FF0000F7"_h) == ErrorCode::kMalformed);
  CHECK(code("01722410F0FF0000FA"_h) == ErrorCode::kMalformed);
  CHECK(code("01722410F0FF0000FF"_h) == ErrorCode::kMalformed);
  CHECK(code("01722410F0FF0101F7"_h) == ErrorCode::kTruncated);
}
