// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "core/hex.hpp"
#include "emulator/runtime/directory_files.hpp"
#include "emulator/transaction.hpp"
#include "tests/support/small_card.hpp"

using namespace uicclab;
using test::Terminal;

namespace {

void verify_adm(Terminal& t) {
  REQUIRE(t.send("0020000A08 3838383838383838") == "9000");
}

// 6F3A: linear fixed, 4 records of 6; 6F39: cyclic, 3 records of 3.
Terminal& select_linear(Terminal& t) {
  REQUIRE(t.send("00A4080C04 7F10 6F3A") == "9000");
  return t;
}
Terminal& select_cyclic(Terminal& t) {
  REQUIRE(t.send("00A4080C04 7F10 6F39") == "9000");
  return t;
}

}  // namespace

TEST_CASE("READ RECORD absolute reads 1 to the last and does not move the pointer (TS 102 221 clause 11.1.5)") {
  Terminal t;
  select_linear(t);
  CHECK(t.send("00B2010406") == "0101010101019000");
  CHECK(t.send("00B2030406") == "0303030303039000");
  CHECK(t.send("00B2050406") == "6A83");
  CHECK(t.send("00B2FF0406") == "6A83");
  CHECK(t.send("00B2000406") == "6A83");  // current, and there is none yet
  CHECK(t.send("00B2000206") == "0101010101019000");
  CHECK(t.send("00B2030406") == "0303030303039000");
  CHECK(t.send("00B2000406") == "0101010101019000");  // current
}

TEST_CASE("READ RECORD next and previous stop at the ends of a linear fixed file (clause 11.1.5)") {
  Terminal t;
  select_linear(t);
  CHECK(t.send("00B2000306") == "FFFFFFFFFFFF9000");  // previous without a pointer: the last
  CHECK(t.send("00B2000206") == "6A83");
  CHECK(t.send("00B2000406") == "FFFFFFFFFFFF9000");  // a failed one moves nothing
  select_linear(t);                                   // selected again: the same file, the pointer goes
  CHECK(t.send("00B2000206") == "0101010101019000");
  CHECK(t.send("00B2000306") == "6A83");
  CHECK(t.send("00B2000206") == "0202020202029000");
  CHECK(t.send("00B2000206") == "0303030303039000");
  CHECK(t.send("00B2000206") == "FFFFFFFFFFFF9000");
  CHECK(t.send("00B2000206") == "6A83");
}

TEST_CASE("READ RECORD next and previous go round in a cyclic file (clauses 8.2.2.3 and 11.1.5)") {
  Terminal t;
  select_cyclic(t);
  CHECK(t.send("00B2000403") == "6A83");        // selected, the pointer is not set (TS 102 268 Api_1_Cont, test case 7)
  CHECK(t.send("00B2000303") == "0000019000");  // previous: the oldest
  select_cyclic(t);
  CHECK(t.send("00B2000203") == "0000039000");  // next: the one updated last
  CHECK(t.send("00B2000203") == "0000029000");
  CHECK(t.send("00B2000203") == "0000019000");
  CHECK(t.send("00B2000203") == "0000039000");
  CHECK(t.send("00B2000303") == "0000019000");
  CHECK(t.send("00B2000303") == "0000029000");
}

TEST_CASE("READ RECORD by SFI (clause 11.1.5.2)") {
  Terminal t;
  CHECK(t.send("00B2010C06") == "6A82");  // SFI 1 of the MF
  t.send("00A4000C02 7F10");
  CHECK(t.send("00B2020C06") == "0202020202029000");
  CHECK(t.send("00B2030406") == "0303030303039000");  // it is current now
  CHECK(t.send("00B2001C03") == "6A83");              // SFI 3, current: there is none yet
  CHECK(t.send("00B2001A03") == "0000039000");
  CHECK(t.send("00B2000A06") == "0101010101019000");
  CHECK(t.send("00B2000206") == "0202020202029000");
  CHECK(t.send("00B2000A06") == "0101010101019000");  // an SFI selects the file again
  CHECK(t.send("00B201FC06") == "6A86");              // SFI 31
  CHECK(t.send("00B2012406") == "6981");              // SFI 4 is a BER-TLV EF
  CHECK(t.send("00B2000406") == "0101010101019000");
}

TEST_CASE("READ RECORD refuses wrong modes, lengths, structures and states (clause 11.1.5)") {
  Terminal t;
  CHECK(t.send("00B2010406") == "6986");
  select_linear(t);
  CHECK(t.send("00B2010006") == "6A86");
  CHECK(t.send("00B2010506") == "6A86");
  CHECK(t.send("00B2010606") == "6A86");
  CHECK(t.send("00B2010706") == "6A86");
  CHECK(t.send("00B2010206") == "6A86");  // next with a record number
  CHECK(t.send("00B2010306") == "6A86");
  CHECK(t.send("00B2010400") == "6C06");
  CHECK(t.send("00B2010405") == "6C06");
  CHECK(t.send("00B20104FF") == "6C06");
  CHECK(t.send("00B2000207") == "6C06");
  CHECK(t.send("00B2000206") == "0101010101019000");  // 6Cxx moved no pointer
  CHECK(t.send("00B2010401 00") == "6700");
  t.send("00A4080C02 2FE2");
  CHECK(t.send("00B2010406") == "6981");
  CHECK(t.send("80B2010406") == "6E00");
}

TEST_CASE("UPDATE RECORD absolute, current, next and previous of a linear fixed file (clause 11.1.6)") {
  Terminal t;
  verify_adm(t);
  select_linear(t);
  CHECK(t.send("00DC040406 A4A4A4A4A4A4") == "9000");
  CHECK(t.send("00B2040406") == "A4A4A4A4A4A49000");
  CHECK(t.send("00DC000406 A0A0A0A0A0A0") == "6A83");  // current, and there is none
  CHECK(t.send("00DC000206 A1A1A1A1A1A1") == "9000");  // next: the first
  CHECK(t.send("00B2000406") == "A1A1A1A1A1A19000");
  CHECK(t.send("00DC000406 B1B1B1B1B1B1") == "9000");
  CHECK(t.send("00DC000206 A2A2A2A2A2A2") == "9000");
  CHECK(t.send("00DC000306 C1C1C1C1C1C1") == "9000");
  CHECK(t.send("00DC000306 000000000000") == "6A83");
  CHECK(t.send("00B2010406") == "C1C1C1C1C1C19000");
  CHECK(t.send("00B2020406") == "A2A2A2A2A2A29000");
  CHECK(t.send("00B2030406") == "0303030303039000");
  CHECK(t.send("00DC050406 000000000000") == "6A83");
}

TEST_CASE("UPDATE RECORD of a cyclic file replaces the oldest, which becomes record 1 (clauses 8.2.2.3 and 11.1.6)") {
  Terminal t;
  verify_adm(t);
  select_cyclic(t);
  CHECK(t.send("00DC000303 000004") == "9000");
  CHECK(t.send("00B2010403") == "0000049000");
  CHECK(t.send("00B2020403") == "0000039000");
  CHECK(t.send("00B2030403") == "0000029000");
  CHECK(t.send("00B2000403") == "0000049000");  // record 1 is current
  CHECK(t.send("00DC010403 000005") == "6A86");
  CHECK(t.send("00DC000403 000005") == "6A86");
  CHECK(t.send("00DC000203 000005") == "6A86");
  CHECK(t.send("00B2010403") == "0000049000");
}

TEST_CASE("UPDATE RECORD refuses wrong lengths and no access (clause 11.1.6)") {
  Terminal t;
  select_linear(t);
  CHECK(t.send("00DC010406 000000000000") == "6982");
  verify_adm(t);
  CHECK(t.send("00DC010405 0000000000") == "6700");
  CHECK(t.send("00DC010407 00000000000000") == "6700");
  CHECK(t.send("00DC010400") == "6700");
  CHECK(t.send("00DC0104") == "6700");
  CHECK(t.send("00DC01FC06 000000000000") == "6A86");
  CHECK(t.send("00DC011406 000000000000") == "6A82");  // SFI 2 is not here
  CHECK(t.send("00DC012406 000000000000") == "6981");
  CHECK(t.send("00B2010406") == "0101010101019000");
  CHECK(t.send("00DC010C06 E1E1E1E1E1E1") == "9000");  // by SFI
  CHECK(t.send("00B2010406") == "E1E1E1E1E1E19000");
}

TEST_CASE("Each channel has its own record pointer (clause 8.7)") {
  Terminal t;
  select_linear(t);
  t.send("00B2000206");
  CHECK(t.send("0070000001") == "019000");
  CHECK(t.send("01A4080C04 7F10 6F3A") == "9000");
  CHECK(t.send("01B2000206") == "0101010101019000");
  CHECK(t.send("01B2000206") == "0202020202029000");
  CHECK(t.send("00B2000206") == "0202020202029000");
}

TEST_CASE("A record pointer after the end of a file that another channel made shorter counts as not set (TS 102 222 clause 6.10)") {
  Terminal t;
  verify_adm(t);
  t.send("0070000001");
  t.send("01A4080C04 7F10 6F3A");
  CHECK(t.send("01B2000306") == "FFFFFFFFFFFF9000");  // pointer: 4
  t.send("00A4000C02 7F10");
  CHECK(t.send("80D400000A 6208 83026F3A 80020006") == "9000");
  CHECK(t.send("01B2000406") == "6A83");
  CHECK(t.send("01B2000306") == "0101010101019000");
  CHECK(t.send("01B2020406") == "6A83");
  CHECK(t.send("01DC000206 000000000000") == "6A83");
}

TEST_CASE("An application that updates a record of a cyclic EF overwrites the oldest, as UPDATE RECORD does (TS 102 221 clause 8.2.2.3)") {
  Terminal t(test::small_image(), Protocol::kT0);
  emulator::Session& session = *t.card.session();
  {
    emulator::Transaction transaction(session, session.channels[0], session.security());
    emulator::DirectoryFiles files(session.files(), emulator::kMfId);
    CHECK(files.update_record("7F106F39"_h, 2, "0000"_h));
    CHECK_FALSE(files.update_record("7F106F39"_h, 4, "0000AA"_h));
    CHECK(files.update_record("7F106F3A"_h, 2, "AA"_h));
    transaction.commit();
  }
  const auto record = [&](BytesView path, std::size_t number) {
    return to_hex(*emulator::DirectoryFiles(session.files(), emulator::kMfId).read_record(path, number));
  };
  CHECK(record("7F106F39"_h, 1) == "0000FF");
  CHECK(record("7F106F39"_h, 2) == "000003");
  CHECK(record("7F106F39"_h, 3) == "000002");
  CHECK(record("7F106F3A"_h, 2) == "AAFFFFFFFFFF");
}
