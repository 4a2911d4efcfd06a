// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "applet/builtin.hpp"
#include "profile/build.hpp"
#include "profile/default.hpp"
#include "profile/toml.hpp"
#include "tests/support/small_card.hpp"

using namespace uicclab;
using test::packed;
using test::Terminal;

namespace {

std::shared_ptr<const emulator::CardImage> image_of(const std::string& toml) {
  const auto profile = profile::parse_profile(toml, "card.toml");
  REQUIRE_MESSAGE(profile, profile.error().text);
  const auto image = profile::build_image(*profile, applet::builtin_modules());
  REQUIRE_MESSAGE(image, image.error().text);
  return *image;
}

/// A SIM of the GSM age: no ADF, COMP128, an administrative code that is CHV 5 and 4.
constexpr std::string_view kSim = R"(
atr = "3B 16 94 11 22 33 44 55"
uicc_class = false
gsm_adm = { "04" = "0A", "05" = "0B", "11" = "0A" }
pins = [
  { key = "01", value = "1234", puk = "12345678" },
  { key = "0A", value = "44444444" },
  { key = "0B", value = "5555555555555555" },
]
[[applications]]
module = "usim"
aid = "A0000000871002FF"
in_dir = false
[applications.parameters]
algorithm = "comp128v1"
k = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

[files."3F00"]
compact = "04 1A"
2FE2 = { content = "98882110000000000010", expanded = "800101 9000 800102 A40683010A950108" }
[files."3F00/7F20"]
compact = "04 1A"
6F07 = { content = "080910100000000010", expanded = "800101 A406830101950108 800102 A40683010B950108" }
)";

// A0 exchange: 9Fxx is fetched.
std::string exchange(Terminal& t, const std::string& command) {
  const std::string answer = t.send(command);
  if (answer.size() != 4 || !answer.starts_with("9F")) return answer;
  return t.send("A0C00000" + answer.substr(2));
}

void select_linear(Terminal& t) {
  REQUIRE(t.send("A0A4000002 7F10") == "9F16");
  REQUIRE(t.send("A0A4000002 6F3A") == "9F0F");
}

void verify_adm(Terminal& t) {
  REQUIRE(t.send("0020000A08 3838383838383838") == "9000");
}

}  // namespace

TEST_CASE("Class A0: SELECT answers 9Fxx; an EF has 15 bytes of information (3GPP TS 51.011 clauses 8.1 and 9.2.1)") {
  Terminal t;
  // RFU, size, FID, type EF, -, READ ALW/UPDATE ADM, INCREASE NEV, REHABILITATE ADM/INVALIDATE ADM, status, 2, structure, record length
  CHECK(exchange(t, "A0A40000022FE2") == packed("0000 000A 2FE2 04 00 04 FF 44 01 02 00 00 9000"));
  CHECK(exchange(t, "A0A40000022F05") == packed("0000 012C 2F05 04 00 11 FF 44 01 02 00 00 9000"));
  CHECK(exchange(t, "A0A40000022F10") == packed("0000 0004 2F10 04 00 FF FF FF 01 02 00 00 9000"));
  CHECK(exchange(t, "A0A40000027F10").size() == 2 * 22 + 4);
  CHECK(exchange(t, "A0A40000026F3A") == packed("0000 0018 6F3A 04 00 04 1F 44 01 02 01 06 9000"));
  CHECK(exchange(t, "A0A40000026F39") == packed("0000 0009 6F39 04 40 04 1F 44 01 02 03 03 9000"));
}

TEST_CASE("Class A0: the MF and a DF have 22 bytes of information (clause 9.2.1)") {
  Terminal t;
  // RFU, memory, FID, type, RFU, 9, characteristics, DFs, EFs, codes, RFU, CHV1, UNBLOCK CHV1, CHV2, UNBLOCK CHV2
  CHECK(exchange(t, "A0A40000023F00") == packed("0000 2710 3F00 01 0000000000 09 33 02 04 03 00 83 8A 00 00 9000"));
  CHECK(exchange(t, "A0A40000027F10") == packed("0000 2710 7F10 02 0000000000 09 33 01 03 03 00 83 8A 00 00 9000"));
  t.send("0020000108 30303030FFFFFFFF");
  t.send("002C000110 3030303030303030 31323334FFFFFFFF");
  CHECK(exchange(t, "A0F2000016")
            .ends_with("82890000"
                       "9000"));

  Terminal open(test::small_image(false));
  CHECK(exchange(open, "A0A40000023F00").substr(2 * 13, 2) == "B3");  // CHV1 is disabled
}

TEST_CASE("Class A0: GET RESPONSE may read only the beginning; STATUS too (clauses 8.18 and 8.2)") {
  Terminal t;
  CHECK(t.send("A0A40000022FE2") == "9F0F");
  CHECK(t.send("A0C0000008") == packed("0000000A2FE20400 9000"));
  CHECK(t.send("A0C0000001") == "6F00");  // the rest is gone
  CHECK(t.send("A0A40000022FE2") == "9F0F");
  CHECK(t.send("A0C0000010") == "670F");
  CHECK(t.send("A0F2000002") == "00009000");
  CHECK(t.send("A0F2000017") == "6716");
  CHECK(t.send("A0F2000000") == "6716");
  CHECK(t.send("A0F2010016") == "6B00");
}

TEST_CASE("Class A0: SELECT refuses with 9404, 6702, 6B00 (clause 9.4)") {
  Terminal t;
  CHECK(t.send("A0A4000002 6F3A") == "9404");
  CHECK(t.send("A0A4000002 7FFF") == "9404");
  CHECK(t.send("A0A4000003 7F1000") == "6702");
  CHECK(t.send("A0A4010002 7F10") == "6B00");
  CHECK(t.send("A0A4000C02 7F10") == "6B00");
}

TEST_CASE("Class A0: READ and UPDATE BINARY (clauses 8.3 and 8.4)") {
  Terminal t;
  CHECK(t.send("A0B0000001") == "9400");
  t.send("A0A4000002 2FE2");
  CHECK(t.send("A0B000000A") == "988812010000000000019000");
  CHECK(t.send("A0B000000B") == "670A");
  CHECK(t.send("A0B0000A01") == "9402");
  CHECK(t.send("A0B0820001") == "9402");  // an offset here, no SFI
  CHECK(t.send("A0D6000001 00") == "9804");
  verify_adm(t);
  CHECK(t.send("A0D6000001 00") == "9000");
  CHECK(t.send("A0D6820001 00") == "9402");
  t.send("A0A4000002 2F05");
  CHECK(t.send("A0B0000001") == "9804");
  t.send("A0A4000002 2F06");
  CHECK(t.send("A0B0000001") == "9408");
}

TEST_CASE("Class A0: READ and UPDATE RECORD (clauses 8.5 and 8.6)") {
  Terminal t;
  verify_adm(t);
  select_linear(t);
  CHECK(t.send("A0B2010406") == "0101010101019000");
  CHECK(t.send("A0B2000206") == "0101010101019000");
  CHECK(t.send("A0B2000306") == "9402");
  CHECK(t.send("A0B2050406") == "9402");
  CHECK(t.send("A0B2010405") == "6706");
  CHECK(t.send("A0B2010C06") == "6B00");  // no SFI
  CHECK(t.send("A0DC010406 A1A1A1A1A1A1") == "9000");
  CHECK(t.send("A0DC010405 A1A1A1A1A1") == "6700");
  CHECK(t.send("A0B2010406") == "A1A1A1A1A1A19000");
}

TEST_CASE("Class A0: SEEK types 1 and 2, from both ends and from the pointer (clause 8.7)") {
  Terminal t;
  select_linear(t);
  CHECK(t.send("A0A2000002 0202") == "9000");
  CHECK(t.send("A0B2000406") == "0202020202029000");
  CHECK(exchange(t, "A0A2001002 0303") == "039000");
  CHECK(exchange(t, "A0A2001101 01") == "019000");  // from the end, backwards
  CHECK(exchange(t, "A0A2001201 03") == "039000");  // next
  CHECK(t.send("A0A2001201 03") == "9404");
  CHECK(exchange(t, "A0A2001301 02") == "029000");  // previous
  CHECK(t.send("A0A2001001 EE") == "9404");
  CHECK(t.send("A0A2002001 01") == "6B00");
  CHECK(t.send("A0A2000401 01") == "6B00");
  CHECK(t.send("A0A2001007 01010101010101") == "6700");
  t.send("A0A4000002 3F00");
  CHECK(t.send("A0A2001001 01") == "9400");
  t.send("A0A4000002 2FE2");
  CHECK(t.send("A0A2001001 01") == "9408");
}

TEST_CASE("Class A0: INCREASE (clause 8.8)") {
  Terminal t;
  t.send("A0A4000002 7F10");
  t.send("A0A4000002 6F39");
  CHECK(t.send("A032000003 000001") == "9804");
  CHECK(t.send("A020000108 31323334FFFFFFFF") == "9000");
  CHECK(t.send("A032000003 000001") == "9F06");
  CHECK(t.send("A0C0000006") == "0000040000019000");
  CHECK(t.send("A032000003 FFFFFF") == "9850");
  CHECK(t.send("A032000002 0001") == "6703");
  CHECK(t.send("A032830003 000001") == "6B00");
  t.send("A0A4000002 6F3A");
  CHECK(t.send("A032000003 000001") == "9408");
}

TEST_CASE("Class A0: CHV commands and their status words (clauses 8.9 to 8.13 and 9.4.5)") {
  Terminal t;
  CHECK(t.send("A020000108 30303030FFFFFFFF") == "9804");
  CHECK(t.send("A020000108 31323334FFFFFFFF") == "9000");
  CHECK(t.send("A024000110 31323334FFFFFFFF 39393939FFFFFFFF") == "9000");
  CHECK(t.send("A028000108 39393939FFFFFFFF") == "9808");  // it is enabled
  CHECK(t.send("A026000108 39393939FFFFFFFF") == "9000");
  CHECK(t.send("A020000108 39393939FFFFFFFF") == "9808");
  CHECK(t.send("A028000108 39393939FFFFFFFF") == "9000");
  CHECK(t.send("A020000108 30303030FFFFFFFF") == "9804");
  CHECK(t.send("A020000108 30303030FFFFFFFF") == "9804");
  CHECK(t.send("A020000108 30303030FFFFFFFF") == "9840");
  CHECK(t.send("A020000108 39393939FFFFFFFF") == "9840");
  CHECK(t.send("A02C000010 3030303030303030 31323334FFFFFFFF") == "9804");
  CHECK(t.send("A02C000010 3132333435363738 31323334FFFFFFFF") == "9000");
  CHECK(t.send("A020000108 31323334FFFFFFFF") == "9000");
  CHECK(t.send("A020000208 31323334FFFFFFFF") == "9802");  // this card has no CHV2
  CHECK(t.send("A020000308 31323334FFFFFFFF") == "6B00");
  CHECK(t.send("A020000A08 3838383838383838") == "6B00");
  CHECK(t.send("A020000100") == "6700");
  CHECK(t.send("A02C000110 3132333435363738 31323334FFFFFFFF") == "6B00");
}

TEST_CASE("Class A0: INVALIDATE and REHABILITATE the current EF (clauses 8.14 and 8.15)") {
  Terminal t;
  verify_adm(t);
  CHECK(t.send("A004000000") == "9400");
  t.send("A0A4000002 2FE2");
  CHECK(t.send("A004000000") == "9000");
  CHECK(t.send("A0B0000001") == "9810");
  CHECK(exchange(t, "A0A40000022FE2").substr(2 * 11, 2) == "00");
  CHECK(t.send("A044000000") == "9000");
  CHECK(t.send("A0B0000001") == "989000");
  CHECK(t.send("A004000002 2FE2") == "6700");
  CHECK(t.send("A004080000") == "6B00");
}

TEST_CASE("Class A0: unknown instructions, SLEEP, the toolkit, and a card without the class (clause 9.2)") {
  Terminal t;
  CHECK(t.send("A0FF000000") == "6D00");
  CHECK(t.send("A0E0000002 6200") == "6D00");
  CHECK(t.send("A070000001") == "6D00");
  CHECK(t.send("A0FA000000") == "9000");
  CHECK(t.send("A010000001 FF") == "9000");
  CHECK(t.send("A012000001") == "6F00");
  CHECK(t.send("A0C2000005 D303010203") == "9F03");
  CHECK(t.send("A0C0000003") == "0102039000");

  auto profile = *profile::default_profile();
  profile.gsm_class = false;
  Terminal without(*profile::build_image(profile, applet::builtin_modules()));
  CHECK(without.send("A0A40000023F00") == "6E00");
  CHECK(without.send("A0C0000016") == "6F00");
}

TEST_CASE("Class A0 on the default card: CHV2 and the algorithm are the USIM's (clause 8.16)") {
  Terminal t(*profile::build_image(*profile::default_profile(), applet::builtin_modules()));
  CHECK(exchange(t, "A0A40000023F00").ends_with("838A838A9000"));
  CHECK(t.send("A020000208 35363738FFFFFFFF") == "9000");
  t.send("A0A40000027F20");
  CHECK(t.send("A088000010 23553CBE9637A89D218AE64DAE47BF35") == "9F0C");
  const std::string answer = t.send("A0C000000C");
  CHECK(answer.size() == 2 * 12 + 4);
  CHECK(answer.ends_with("9000"));
  CHECK(t.send("A08800000F 23553CBE9637A89D218AE64DAE47BF") == "6710");
  CHECK(t.send("A088010010 23553CBE9637A89D218AE64DAE47BF35") == "6B00");
  // 3GPP TS 55.205 test set 1: the GSM functions of the same key.
  CHECK(answer == "46F8416AEAE4BE823AF9A08B9000");
  CHECK(t.send("80F2000100") == "6A88");  // no application stays active behind class A0
}

TEST_CASE("Class A0: RUN GSM ALGORITHM needs no service of the USIM (3GPP TS 51.011 clause 8.16)") {
  auto profile = *profile::default_profile();
  for (profile::FileSpec& file : profile.files) {
    if (file.path == "ADF.USIM/6F38") file.content.assign(file.header.size, 0x00);  // EF_UST without service 38
  }
  Terminal t(*profile::build_image(profile, applet::builtin_modules()));
  t.send("A0A40000027F20");
  CHECK(exchange(t, "A088000010 23553CBE9637A89D218AE64DAE47BF35") == "46F8416AEAE4BE823AF9A08B9000");
  REQUIRE(t.exchange("00A4040007A0000000871002").ends_with("9000"));
  CHECK(exchange(t, "A088000010 23553CBE9637A89D218AE64DAE47BF35") == "46F8416AEAE4BE823AF9A08B9000");
  CHECK(t.send("0088008011 10 23553CBE9637A89D218AE64DAE47BF35") ==
        "9864");  // which the USIM's own command does (TS 31.102 clause 7.1.1.2)
  REQUIRE(t.exchange("00A4040007A0000000871004").ends_with("9000"));
  CHECK(exchange(t, "A088000010 23553CBE9637A89D218AE64DAE47BF35") == "46F8416AEAE4BE823AF9A08B9000");  // an ISIM has no such algorithm
}

TEST_CASE("A SIM with class A0 only: its algorithm without an ADF, CHV1 for it (3GPP TS 51.011 clauses 8.16 and 9.4.6)") {
  Terminal t(image_of(std::string(kSim)));
  for (const char* command : {"00A40004023F00", "80F2000000", "00C0000016", "0020000100", "01A4000C023F00", "8010000001FF"}) {
    CAPTURE(command);
    CHECK(t.send(command) == "6E00");
  }
  // The ATR has no voltages and clock stop: the defaults of a UICC's FCP. Codes: CHV1, UNBLOCK CHV1, two ADM.
  CHECK(exchange(t, "A0A40000023F00").substr(2 * 12) == packed("09 33 01 01 04 00 83 8A 00 00 9000"));
  CHECK(t.send("A0A40000027F20") == "9F16");
  CHECK(t.send("00C0000016") == "6E00");
  CHECK(t.send("A0C0000016") == "6F00");  // that took it
  CHECK(t.send("A088000010 00000000000000000000000000000000") == "9804");
  CHECK(t.send("A020000108 31323334FFFFFFFF") == "9000");
  // tests/vectors/comp128.txt
  CHECK(exchange(t, "A088000010 000102030405060708090A0B0C0D0E0F") == "5D2A043E67B7C5C7C3356C009000");
}

TEST_CASE("Class A0: administrative codes under the numbers that the profile gives, each level a nibble of its own (clauses 9.3, 11.3)") {
  Terminal t(image_of(std::string(kSim)));
  t.send("A0A40000027F20");
  CHECK(exchange(t, "A0A40000026F07").substr(2 * 8, 2) == "15");  // read CHV1, update ADM2
  CHECK(t.send("A0D6000001 08") == "9804");
  CHECK(t.send("A020000408 3434343434343434") == "9000");  // ADM1
  CHECK(t.send("A0D6000001 08") == "9804");
  CHECK(t.send("A020000508 5555555555555554") == "9804");
  CHECK(t.send("A020000508 5555555555555555") == "9000");  // ADM2
  CHECK(t.send("A0D6000001 08") == "9000");
  t.send("A0A40000023F00");
  CHECK(exchange(t, "A0A40000022FE2").substr(2 * 8, 2) == "04");  // update ADM1
  CHECK(t.send("A020001108 3434343434343434") == "9000");
  CHECK(t.send("A020000A08 3434343434343434") == "6B00");  // not a number of this card
  CHECK(t.send("A024000410 3434343434343434 4142434445464748") == "9000");
  CHECK(t.send("A020000408 3434343434343434") == "9804");
  CHECK(t.send("A020000408 3434343434343434") == "9804");
  CHECK(t.send("A020000408 3434343434343434") == "9840");
}

TEST_CASE(
    "Class A0: supply voltage and clock stop follow the ATR, or what the profile has in A5 (clause 9.2.1; TS 102 221 clause "
    "11.1.1.4.6.1)") {
  struct Row {
    const char* atr;          ///< up to TA for T=15
    const char* proprietary;  ///< of the MF
    const char* characteristics;
    const char* fcp;
  };
  constexpr Row kRows[] = {
      {"3B9F968091FE1F87", "", "33", "800171"},  // classes A, B and C
      {"3B9F968091FE1F83", "", "13", "800131"},  // A and B
      {"3B9F968091FE1F81", "", "03", "800111"},  // 5 V alone
      {"3B9F968091FE1F86", "", "33", "800161"},  // B and C
      {"3B9F968091FE1F07", "", "32", "800170"},  // no clock stop
      {"3B9F968091FE1F87", "800135", "17", "800135"}, {"3B9F968091FE1F87", "800148", "3A", "800148"},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.atr);
    CAPTURE(row.proprietary);
    Bytes atr = concat({*from_hex(row.atr), *from_hex("8031E073FE215F67756963636C6162")});
    std::uint8_t check = 0;
    for (std::size_t i = 1; i < atr.size(); ++i) check = static_cast<std::uint8_t>(check ^ atr[i]);
    atr.push_back(check);
    auto profile = *profile::default_profile();
    profile.atr = atr;
    const auto mf = std::ranges::find(profile.files, "3F00", &profile::FileSpec::path);
    mf->header.proprietary = *from_hex(row.proprietary);
    Terminal t(*profile::build_image(profile, applet::builtin_modules()));
    REQUIRE(t.send("0028000108 31323334FFFFFFFF") == "9000");  // CHV1 enabled: bit 8 is 0
    CHECK(exchange(t, "A0A40000023F00").substr(2 * 13, 2) == row.characteristics);
    const std::string fcp = t.exchange("00A40004023F00");
    CHECK(fcp.find(row.fcp) != std::string::npos);
    CHECK(fcp.find("8001", fcp.find(row.fcp) + 2) == std::string::npos);
  }
}

TEST_CASE("Class A0: STATUS and READ under T=1 take Le as a limit, with no warning that a SIM does not have (ISO/IEC 7816-3 clause 12.1)") {
  Terminal t(test::small_image(), Protocol::kT1);
  CHECK(t.send("A0F20000FF").size() == 2 * 22 + 4);
  t.send("A0A40000022FE2");
  CHECK(t.send("A0B00000FF") == "988812010000000000019000");
}
