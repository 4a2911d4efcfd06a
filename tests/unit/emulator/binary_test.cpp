// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/small_card.hpp"

using namespace uicclab;
using test::Terminal;

namespace {

void verify_adm(Terminal& t) {
  REQUIRE(t.send("0020000A08 3838383838383838") == "9000");
}
void verify_pin1(Terminal& t) {
  REQUIRE(t.send("0020000108 31323334FFFFFFFF") == "9000");
}
std::string repeat(std::string_view unit, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += unit;
  return out;
}

}  // namespace

TEST_CASE("READ BINARY by offset; an offset after the end is answered 6B00 (TS 102 221 clause 11.1.3)") {
  Terminal t;
  CHECK(t.send("00B000000A") == "6986");  // no EF is selected
  t.send("00A4000C02 2FE2");
  CHECK(t.send("00B000000A") == "988812010000000000019000");
  CHECK(t.send("00B0000109") == "8812010000000000019000");
  CHECK(t.send("00B0000901") == "019000");
  CHECK(t.send("00B0000A01") == "6B00");
  CHECK(t.send("00B07FFF01") == "6B00");
  CHECK(t.send("00B0000902") == "6C01");
  CHECK(t.send("00B0000000") == "6C0A");
}

TEST_CASE("READ BINARY by SFI makes the EF current and keeps to the current directory (clauses 8.5.2 and 11.1.3)") {
  Terminal t;
  CHECK(t.send("00B082000A") == "988812010000000000019000");
  CHECK(t.send("00B0000001") == "989000");
  CHECK(t.send("00B0820901") == "019000");
  CHECK(t.send("00B0820A01") == "6B00");
  CHECK(t.send("00B0870009") == "6A82");  // an SFI of the ADF
  CHECK(t.send("00B09E0001") == "6A82");
  CHECK(t.send("00B0800001") == "6A86");  // SFI 0
  CHECK(t.send("00B09F0001") == "6A82");  // SFI 31 names no file
  CHECK(t.send("00B0A20001") == "6A86");  // bits 7 and 6 are not 00
  CHECK(t.send("00B0C20001") == "6A86");
  CHECK(t.send("00B0000001") == "989000");
  t.send("00A4000C02 7F20");
  CHECK(t.send("00B082000A") == "6A82");
}

TEST_CASE("READ BINARY of a file longer than one answer (clause 11.1.3)") {
  Terminal t;
  verify_pin1(t);
  t.send("00A4000C02 2F05");
  CHECK(t.send("00B0000000") == repeat("FF", 256) + "9000");
  CHECK(t.send("00B0002C00") == repeat("FF", 256) + "9000");
  CHECK(t.send("00B0002D00") == "6CFF");
  CHECK(t.send("00B0010000") == "6C2C");
  CHECK(t.send("00B001002C") == repeat("FF", 44) + "9000");
  CHECK(t.send("00B0012B01") == "FF9000");
  CHECK(t.send("00B0012C01") == "6B00");
}

TEST_CASE("READ BINARY under T=1: short and extended Le (clause 7.3.1.2)") {
  Terminal t(test::small_image(), Protocol::kT1);
  verify_pin1(t);
  t.send("00A4000C02 2F05");
  CHECK(t.send("00B0000000") == repeat("FF", 256) + "9000");
  CHECK(t.send("00B001000000") == "6700");  // six bytes are no command
  CHECK(t.send("00B00000000000") == repeat("FF", 300) + "9000");
  CHECK(t.send("00B0000000012C") == repeat("FF", 300) + "9000");
  CHECK(t.send("00B00000000064") == repeat("FF", 100) + "9000");
  CHECK(t.send("00B0010000") == repeat("FF", 44) + "9000");
  t.send("00A4000C02 2FE2");
  CHECK(t.send("00B0000000") == "988812010000000000019000");
}

TEST_CASE("READ BINARY under T=1: Le is a limit, 6282 if the file ends before it (ISO/IEC 7816-3 clause 12.1, TS 102 221 table 10.16)") {
  Terminal t(test::small_image(), Protocol::kT1);
  t.send("00A4000C02 2FE2");
  CHECK(t.send("00B000000B") == "988812010000000000016282");
  CHECK(t.send("00B00000FF") == "988812010000000000016282");
  CHECK(t.send("00B0000808") == "00016282");
  CHECK(t.send("00B0000002") == "98889000");  // the end was not reached
  CHECK(t.send("00B000000A") == "988812010000000000019000");
  CHECK(t.send("00B00000000101") == "988812010000000000016282");
  CHECK(t.send("00B0000000000B") == "988812010000000000016282");
  CHECK(t.send("00B00000000000") == "988812010000000000019000");
  CHECK(t.send("00B0820908") == "016282");  // by SFI
  CHECK(t.send("00B0000A08") == "6B00");
}

TEST_CASE("READ BINARY refuses: structure 6981, access 6982, data 6700 (clause 11.1.3)") {
  Terminal t;
  t.send("00A4000C02 2F06");
  CHECK(t.send("00B0000001") == "6981");
  t.send("00A4000C02 2F05");
  CHECK(t.send("00B0000001") == "6982");
  CHECK(t.send("00B0850001") == "6982");
  t.send("00A4000C02 2F10");
  CHECK(t.send("00B0000001") == "6982");
  CHECK(t.send("00B0000001 00") == "6700");
  CHECK(t.send("00B0000001 00 01") == "6700");
  CHECK(t.send("80B0000001") == "6E00");
  t.send("00A4000C02 7F10");
  CHECK(t.send("00B0000001") == "6986");
}

TEST_CASE("UPDATE BINARY writes inside the file and nowhere else (clause 11.1.4)") {
  Terminal t;
  CHECK(t.send("00D6000001 00") == "6986");
  t.send("00A4000C02 2FE2");
  CHECK(t.send("00D6000001 00") == "6982");
  verify_adm(t);
  CHECK(t.send("00D6000002 AABB") == "9000");
  CHECK(t.send("00D6000901 CC") == "9000");
  CHECK(t.send("00B000000A") == "AABB12010000000000CC9000");
  CHECK(t.send("00D6000902 DDDD") == "6700");
  CHECK(t.send("00D6000A01 DD") == "6B00");
  CHECK(t.send("00D67FFF01 DD") == "6B00");
  CHECK(t.send("00D600000B DDDDDDDDDDDDDDDDDDDDDD") == "6700");
  CHECK(t.send("00D6000000") == "6700");
  CHECK(t.send("00B000000A") == "AABB12010000000000CC9000");
}

TEST_CASE("UPDATE BINARY by SFI makes the EF current; 15-bit offsets (clause 11.1.4)") {
  Terminal t;
  verify_pin1(t);
  verify_adm(t);
  CHECK(t.send("00D6850A02 0102") == "9000");
  CHECK(t.send("00B0000904") == "FF0102FF9000");
  CHECK(t.send("00D6012B01 EE") == "9000");
  CHECK(t.send("00B0012A02") == "FFEE9000");
  CHECK(t.send("00D6012B02 EEEE") == "6700");
  CHECK(t.send("00D69D0001 EE") == "6A82");
  CHECK(t.send("00D6A50001 EE") == "6A86");
  CHECK(t.send("00B0012A02") == "FFEE9000");
  t.card.reset();
  verify_pin1(t);
  CHECK(t.send("00B0850904") == "FF0102FF9000");  // NVM
}

TEST_CASE("UPDATE BINARY with an extended Lc under T=1 (clause 7.3.1.2)") {
  Terminal t(test::small_image(), Protocol::kT1);
  verify_pin1(t);
  verify_adm(t);
  t.send("00A4000C02 2F05");
  CHECK(t.send("00D60000 00012C" + repeat("5A", 300)) == "9000");
  CHECK(t.send("00B00000000000") == repeat("5A", 300) + "9000");
  CHECK(t.send("00D60001 00012C" + repeat("5B", 300)) == "6700");
  CHECK(t.send("00B00000000000") == repeat("5A", 300) + "9000");
}

TEST_CASE("UPDATE BINARY refuses other structures and a read-only file (clause 11.1.4)") {
  Terminal t;
  verify_adm(t);
  verify_pin1(t);
  t.send("00A4000C02 2F06");
  CHECK(t.send("00D6000001 00") == "6981");
  t.send("00A4000C02 2F10");
  CHECK(t.send("00D6000001 00") == "6982");
  CHECK(t.send("80D6000001 00") == "6E00");
}
