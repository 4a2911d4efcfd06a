#include <doctest/doctest.h>

#include "applet/builtin.hpp"
#include "profile/build.hpp"
#include "profile/default.hpp"
#include "tests/support/small_card.hpp"

using namespace uicclab;
using test::packed;
using test::Terminal;

namespace {

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

TEST_CASE("Class A0: SELECT answers 9Fxx; an EF tells 15 bytes (3GPP TS 51.011 clauses 8.1 and 9.2.1)") {
  Terminal t;
  // RFU, size, FID, type EF, -, READ ALW/UPDATE ADM, INCREASE NEV, REHABILITATE ADM/INVALIDATE ADM, status, 2, structure, record length
  CHECK(exchange(t, "A0A40000022FE2") == packed("0000 000A 2FE2 04 00 04 FF 44 01 02 00 00 9000"));
  CHECK(exchange(t, "A0A40000022F05") == packed("0000 012C 2F05 04 00 11 FF 44 01 02 00 00 9000"));
  CHECK(exchange(t, "A0A40000022F10") == packed("0000 0004 2F10 04 00 FF FF FF 01 02 00 00 9000"));
  CHECK(exchange(t, "A0A40000027F10").size() == 2 * 22 + 4);
  CHECK(exchange(t, "A0A40000026F3A") == packed("0000 0018 6F3A 04 00 04 1F 44 01 02 01 06 9000"));
  CHECK(exchange(t, "A0A40000026F39") == packed("0000 0009 6F39 04 40 04 1F 44 01 02 03 03 9000"));
}

TEST_CASE("Class A0: the MF and a DF tell 22 bytes (clause 9.2.1)") {
  Terminal t;
  // RFU, memory, FID, type, RFU, 9, characteristics, DFs, EFs, codes, RFU, CHV1, UNBLOCK CHV1, CHV2, UNBLOCK CHV2
  CHECK(exchange(t, "A0A40000023F00") == packed("0000 2710 3F00 01 0000000000 09 13 02 04 04 00 83 8A 00 00 9000"));
  CHECK(exchange(t, "A0A40000027F10") == packed("0000 2710 7F10 02 0000000000 09 13 01 03 04 00 83 8A 00 00 9000"));
  t.send("0020000108 30303030FFFFFFFF");
  t.send("002C000110 3030303030303030 31323334FFFFFFFF");
  CHECK(exchange(t, "A0F2000016").ends_with("82890000" "9000"));

  Terminal open(test::small_image(false));
  CHECK(exchange(open, "A0A40000023F00").substr(2 * 13, 2) == "93");  // CHV1 is disabled
}

TEST_CASE("Class A0: GET RESPONSE may read the beginning alone; STATUS too (clauses 8.18 and 8.2)") {
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
  CHECK(exchange(t, "A0A2001101 01") == "019000");   // from the end, backwards
  CHECK(exchange(t, "A0A2001201 03") == "039000");   // next
  CHECK(t.send("A0A2001201 03") == "9404");
  CHECK(exchange(t, "A0A2001301 02") == "029000");   // previous
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

  auto profile = *emulator::default_profile();
  profile.gsm_class = false;
  Terminal without(*emulator::build_image(profile, applet::builtin_modules()));
  CHECK(without.send("A0A40000023F00") == "6E00");
  CHECK(without.send("A0C0000016") == "6F00");
}

TEST_CASE("Class A0 on the default card: CHV2 and the algorithm are the USIM's (clause 8.16)") {
  Terminal t(*emulator::build_image(*emulator::default_profile(), applet::builtin_modules()));
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
