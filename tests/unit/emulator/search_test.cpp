// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/small_card.hpp"

using namespace uicclab;
using test::Terminal;

namespace {

void verify_adm(Terminal& t) {
  REQUIRE(t.send("0020000A08 3838383838383838") == "9000");
}

// 6F3A filled with: 1 "0A0B0C0D0E0F", 2 "0B0C0000FFFF", 3 "000A0B0C0000", 4 "0A0B0C0D0E0F".
struct Searcher : Terminal {
  explicit Searcher(Protocol protocol = Protocol::kT0) : Terminal(test::small_image(), protocol) {
    verify_adm(*this);
    REQUIRE(send("00A4080C04 7F10 6F3A") == "9000");
    REQUIRE(send("00DC010406 0A0B0C0D0E0F") == "9000");
    REQUIRE(send("00DC020406 0B0C0000FFFF") == "9000");
    REQUIRE(send("00DC030406 000A0B0C0000") == "9000");
    REQUIRE(send("00DC040406 0A0B0C0D0E0F") == "9000");
  }
};

}  // namespace

TEST_CASE("SEARCH RECORD, simple: forward and backward from a record (TS 102 221 clause 11.1.7)") {
  Searcher t;
  CHECK(t.exchange("00A2010403 0A0B0C") == "0103049000");
  CHECK(t.exchange("00A2020403 0A0B0C") == "03049000");
  CHECK(t.exchange("00A2040502 0A0B") == "0403019000");
  CHECK(t.exchange("00A2030502 0A0B") == "03019000");
  CHECK(t.exchange("00A2010406 0A0B0C0D0E0F") == "01049000");
  CHECK(t.exchange("00A2010401 FF") == "029000");
}

TEST_CASE("SEARCH RECORD sets the record pointer to the first record found; from record 00 it starts there (clause 11.1.7.1)") {
  Searcher t;
  CHECK(t.send("00A2000402 0B0C") == "6A83");  // no current record yet
  CHECK(t.exchange("00A2020402 0A0B") == "03049000");
  CHECK(t.send("00B2000406") == "000A0B0C00009000");
  CHECK(t.exchange("00A2000402 0A0B") == "03049000");
  CHECK(t.exchange("00A2000502 0A0B") == "03019000");
  CHECK(t.send("00A2010402 EEEE") == "6A83");
  CHECK(t.send("00B2000406") == "000A0B0C00009000");  // nothing found: where it was
}

TEST_CASE("SEARCH RECORD, enhanced: from an offset in each record (clause 11.1.7.2, table 11.15)") {
  Searcher t;
  CHECK(t.exchange("00A2010605 0400 0A0B0C") == "0103049000");
  CHECK(t.exchange("00A2010605 0401 0A0B0C") == "039000");
  CHECK(t.send("00A2010605 0402 0A0B0C") == "6A83");
  CHECK(t.send("00A2010603 0406 0A") == "6A83");  // an offset behind the record
  CHECK(t.exchange("00A2040605 0500 0A0B0C") == "0403019000");
}

TEST_CASE("SEARCH RECORD, enhanced: after the first byte of a value (clause 11.1.7.2, table 11.15)") {
  Searcher t;
  CHECK(t.exchange("00A2010603 0C0B 0C") == "010203049000");
  CHECK(t.exchange("00A2010603 0C00 0A") == "039000");
  CHECK(t.exchange("00A2010604 0C00 0000") == "039000");  // in record 2 the first of them is the mark
  CHECK(t.exchange("00A2010603 0CFF FF") == "029000");
  CHECK(t.send("00A2010603 0CEE 0A") == "6A83");
}

TEST_CASE("SEARCH RECORD, enhanced: from the next and from the previous record (clause 11.1.7.2)") {
  Searcher t;
  CHECK(t.exchange("00A2000604 0600 0A0B") == "0103049000");  // next without a pointer: the first
  CHECK(t.exchange("00A2000604 0600 0A0B") == "03049000");
  CHECK(t.exchange("00A2000604 0600 0A0B") == "049000");
  CHECK(t.send("00A2000604 0600 0A0B") == "6A83");
  CHECK(t.exchange("00A2000604 0700 0A0B") == "03019000");
  CHECK(t.exchange("00A2000604 0700 0A0B") == "019000");
  CHECK(t.send("00A2000604 0700 0A0B") == "6A83");
  t.send("00A4000C02 6F3A");
  CHECK(t.exchange("00A2000604 0700 0A0B") == "0403019000");  // previous without a pointer: the last
}

TEST_CASE("SEARCH RECORD by SFI, and in a cyclic file (clause 11.1.7)") {
  Searcher t;
  t.send("00A4000C02 7F10");
  CHECK(t.exchange("00A2010C02 0A0B") == "0103049000");
  CHECK(t.send("00B2000406") == "0A0B0C0D0E0F9000");
  CHECK(t.exchange("00A2011C02 0002") == "029000");  // SFI 3
  CHECK(t.send("00B2000403") == "0000029000");
  CHECK(t.send("00A2011402 0002") == "6A82");
  CHECK(t.send("00A2012402 0002") == "6981");
  CHECK(t.send("00A201FC02 0002") == "6A86");
}

TEST_CASE("SEARCH RECORD refuses wrong modes, lengths and states (clause 11.1.7)") {
  Searcher t;
  CHECK(t.send("00A2010002 0A0B") == "6A86");
  CHECK(t.send("00A2010202 0A0B") == "6A86");
  CHECK(t.send("00A2010702 0A0B") == "6A86");  // proprietary
  CHECK(t.send("00A2010407 0A0B0C0D0E0F00") == "6700");
  CHECK(t.send("00A2010609 0400 0A0B0C0D0E0F00") == "6700");
  CHECK(t.send("00A2010400") == "6700");
  CHECK(t.send("00A2010602 0400") == "6A80");     // no string
  CHECK(t.send("00A2010603 0300 0A") == "6A80");  // no such direction
  CHECK(t.send("00A2010603 1400 0A") == "6A80");  // no such indication
  CHECK(t.send("00A2050402 0A0B") == "6A83");
  CHECK(t.send("00A2FF0502 0A0B") == "6A83");
  t.send("00A4080C02 2FE2");
  CHECK(t.send("00A2010402 0A0B") == "6981");
  t.send("00A4000C02 3F00");
  CHECK(t.send("00A2010402 0A0B") == "6986");
}

TEST_CASE("SEARCH RECORD under T=1 answers at once (clause 7.3.1.2)") {
  Searcher t(Protocol::kT1);
  CHECK(t.send("00A2010403 0A0B0C 00") == "0103049000");
  CHECK(t.send("00A2010403 0A0B0C 03") == "0103049000");
  CHECK(t.send("00A2010403 0A0B0C 02") == "01036101");
  CHECK(t.send("00C0000001") == "049000");
}
