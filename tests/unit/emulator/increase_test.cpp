// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/small_card.hpp"

using namespace uicclab;
using test::Terminal;

namespace {

// 6F39: cyclic, 3 records of 3: 000003, 000002, 000001. Rule 4: INCREASE with PIN1, update with ADM1.
struct Counter : Terminal {
  Counter() {
    REQUIRE(send("0020000108 31323334FFFFFFFF") == "9000");
    REQUIRE(send("00A4080C04 7F10 6F39") == "9000");
  }
};

}  // namespace

TEST_CASE("INCREASE adds to the record updated last, into the oldest one (TS 102 221 clause 11.1.8)") {
  Counter t;
  CHECK(t.exchange("8032000003 000005") == "0000080000059000");
  CHECK(t.send("00B2010403") == "0000089000");
  CHECK(t.send("00B2020403") == "0000039000");
  CHECK(t.send("00B2030403") == "0000029000");
  CHECK(t.send("00B2000403") == "0000089000");  // current
  CHECK(t.exchange("8032000001 FF") == "000107FF9000");
  CHECK(t.exchange("8032000002 0100") == "00020701009000");
  CHECK(t.exchange("0032000003 000001") == "0002080000019000");  // class 0X, as terminals in the field send
}

TEST_CASE("INCREASE beyond the largest value is 9850 and changes nothing (clause 11.1.8)") {
  Counter t;
  CHECK(t.exchange("8032000003 FFFFF0") == "FFFFF3FFFFF09000");
  CHECK(t.send("8032000003 00000D") == "9850");
  CHECK(t.send("8032000003 FFFFFF") == "9850");
  CHECK(t.exchange("8032000003 00000C") == "FFFFFF00000C9000");
  CHECK(t.send("8032000001 01") == "9850");
  CHECK(t.send("00B2010403") == "FFFFFF9000");
  CHECK(t.send("00B2020403") == "FFFFF39000");
}

TEST_CASE("INCREASE by SFI (clause 11.1.8, table 11.16)") {
  Counter t;
  t.send("00A4000C02 7F10");
  CHECK(t.send("8032000003 000001") == "6986");
  CHECK(t.exchange("8032830003 000001") == "0000040000019000");
  CHECK(t.exchange("8032000003 000001") == "0000050000019000");
  CHECK(t.send("8032810003 000001") == "6981");  // linear fixed
  CHECK(t.send("8032820003 000001") == "6A82");
  CHECK(t.send("8032800003 000001") == "6A86");
  CHECK(t.send("8032030003 000001") == "6A86");  // bit 8 is missing
  CHECK(t.send("8032C30003 000001") == "6A86");
}

TEST_CASE("INCREASE refuses wrong lengths, parameters and access (clause 11.1.8)") {
  Counter t;
  CHECK(t.send("8032000004 00000001") == "6700");
  CHECK(t.send("8032000000") == "6700");
  CHECK(t.send("8032000103 000001") == "6A86");
  t.card.reset();
  t.send("00A4080C04 7F10 6F39");
  CHECK(t.send("8032000003 000001") == "6982");
  t.send("0020000A08 3838383838383838");
  CHECK(t.send("8032000003 000001") == "6982");  // ADM1 may update, not increase
  CHECK(t.send("00B2010403") == "0000039000");
}
