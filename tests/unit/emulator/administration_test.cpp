// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/small_card.hpp"

using namespace uicclab;
using test::Terminal;

namespace {

std::string repeat(std::string_view unit, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += unit;
  return out;
}

std::string length(std::size_t size) {
  return to_hex(std::array{static_cast<std::uint8_t>(size)});
}

/// CREATE FILE with an FCP of these data objects.
std::string create(std::string_view objects) {
  const std::string fcp = test::packed(objects);
  return "00E00000" + length(fcp.size() / 2 + 2) + "62" + length(fcp.size() / 2) + fcp;
}
std::string transparent(std::string_view fid, std::string_view size = "000A", std::string_view more = "8800") {
  return create("82024121 8302" + std::string(fid) + "8A0105 8B032F0601 8002" + std::string(size) + std::string(more));
}
std::string directory(std::string_view fid) {
  return create("82027821 8302" + std::string(fid) + "8A0105 8B032F0605 81020100 C609 900140 830101 83010A");
}

struct Administrator : Terminal {
  explicit Administrator(Protocol protocol = Protocol::kT0) : Terminal(test::small_image(), protocol) {
    REQUIRE(send("0020000A08 3838383838383838") == "9000");
    REQUIRE(send("0020000108 31323334FFFFFFFF") == "9000");
  }
};

std::uint32_t free_memory(Terminal& t) {
  const std::string fcp = t.exchange("00A40004023F00");
  return static_cast<std::uint32_t>(std::stoul(fcp.substr(fcp.find("8304") + 4, 8), nullptr, 16));
}

}  // namespace

TEST_CASE("CREATE FILE makes a transparent EF current, filled with FF (TS 102 222 clause 6.3)") {
  Administrator t;
  CHECK(t.send(transparent("2F20", "000A", "8801A8")) == "9000");
  CHECK(t.send("00B000000A") == repeat("FF", 10) + "9000");
  CHECK(t.send("00D6000002 0102") == "9000");
  t.card.reset();
  CHECK(t.send("00B0950003") == "0102FF9000");  // SFI 21
  CHECK(t.exchange("00A40004022F20") == "62178202412183022F208A01058B032F06018002000A8801A89000");
}

TEST_CASE("CREATE FILE: linear fixed and cyclic EFs; the number of records may be left out (clause 6.3.2.2)") {
  Administrator t;
  CHECK(t.send(create("8205 42210003 02 83022F21 8A0105 8B032F0601 80020006 8800")) == "9000");
  CHECK(t.send("00B2020403") == "FFFFFF9000");
  CHECK(t.send("00B2030403") == "6A83");
  CHECK(t.send(create("8205 46210002 03 83022F22 8A0105 8B032F0601 80020006 8800")) == "9000");
  CHECK(t.send("00DC000302 0001") == "9000");
  CHECK(t.send("00B2010402") == "00019000");
  // Without its byte, as the applets of TS 102 268 (Api_4_Afv_Crtf) create files; but not without a part of the length.
  CHECK(t.send(create("8204 42210003 83022F23 8A0105 8B032F0601 80020006 8800")) == "9000");
  CHECK(t.send("00B2020403") == "FFFFFF9000");
  CHECK(t.send(create("8204 46210003 83022F24 8A0105 8B032F0601 80020003 8800")) == "9000");
  CHECK(t.send(create("8203 422100 83022F25 8A0105 8B032F0601 80020006 8800")) == "6A80");
}

TEST_CASE("CREATE FILE fills with a pattern: C1 goes on with its last byte, C2 is repeated, each record anew (clause 6.3.2.2.2)") {
  Administrator t;
  CHECK(t.send(create("82024121 83022F21 A504C1020102 8A0105 8B032F0601 80020005 8800")) == "9000");
  CHECK(t.send("00B0000005") == "01020202029000");
  CHECK(t.send(create("82024121 83022F22 A504C2020102 8A0105 8B032F0601 80020005 8800")) == "9000");
  CHECK(t.send("00B0000005") == "01020102019000");
  CHECK(t.send(create("8205 42210003 02 83022F23 A504C1020102 8A0105 8B032F0601 80020006 8800")) == "9000");
  CHECK(t.send("00B2020403") == "0102029000");
  CHECK(t.send(create("8205 42210003 02 83022F24 A504C2020102 8A0105 8B032F0601 80020006 8800")) == "9000");
  CHECK(t.send("00B2020403") == "0102019000");
  CHECK(t.exchange("00A40004022F24").find("C2") == std::string::npos);  // an order, not a property
}

TEST_CASE("CREATE FILE: a DF becomes current, with files of its own (clause 6.3)") {
  Administrator t;
  CHECK(t.send(directory("7F66")) == "9000");
  CHECK(t.send(transparent("4F01")) == "9000");
  CHECK(t.send("00B000000A") == repeat("FF", 10) + "9000");
  CHECK(t.send(directory("5F67")) == "9000");
  CHECK(t.send(transparent("4F01")) == "9000");  // the same identifier elsewhere
  t.card.reset();
  CHECK(t.send("00A4080C06 7F66 5F67 4F01") == "9000");
  CHECK(t.send("00A4080C04 7F66 4F01") == "9000");
  CHECK(t.exchange("80F2000000").find("83027F66") != std::string::npos);
}

TEST_CASE("CREATE FILE: a BER-TLV EF of the size reserved, or of its maximum (clause 6.3)") {
  Administrator t;
  const auto before = free_memory(t);
  CHECK(t.send(create("82027921 83022F21 A50486020020 8A0105 8B032F0604 80020000 8800")) == "9000");
  CHECK(t.send("80DB008004 80021122") == "9000");
  CHECK(t.send("80DB00801E 811C" + repeat("33", 28)) == "6A84");
  CHECK(t.send("80DB00801C 811A" + repeat("33", 26)) == "9000");
  CHECK(before - free_memory(t) == 0x20 + emulator::FileSystem::kFileOverhead);
}

TEST_CASE("CREATE FILE refuses an identifier that is taken, in the directory or above it (TS 102 221 clause 8.3)") {
  Administrator t;
  CHECK(t.send(transparent("2FE2")) == "6A89");
  CHECK(t.send(directory("7F10")) == "6A89");
  CHECK(t.send(transparent("7F20")) == "6A89");
  for (const char* reserved : {"3F00", "3FFF", "7FFF", "FFFF"}) CHECK(t.send(transparent(reserved)) == "6A80");
  t.send("00A4080C04 7F10 5F3A");
  CHECK(t.send(transparent("5F3A")) == "6A89");
  CHECK(t.send(transparent("7F10")) == "6A89");  // a grandparent
  CHECK(t.send(transparent("2FE2")) == "9000");  // elsewhere
}

TEST_CASE(
    "CREATE FILE refuses a short identifier that is taken, and takes the low bits of the FID without tag 88 (TS 102 221 clause "
    "11.1.1.4.8)") {
  Administrator t;
  CHECK(t.send(transparent("2F20", "000A", "880110")) == "6A80");  // SFI 2: 2FE2
  CHECK(t.send(transparent("2F02", "000A", "")) == "6A80");
  CHECK(t.send(transparent("2F07", "000A", "")) == "9000");
  t.send("00A4000C02 3F00");
  CHECK(t.send("00B0870001") == "FF9000");
  CHECK(t.send(transparent("2F20", "000A", "8801F8")) == "6A80");  // SFI 31
  CHECK(t.send(transparent("2F20", "000A", "880111")) == "6A80");  // low bits set
}

TEST_CASE("CREATE FILE refuses an FCP that lacks a mandatory object or contradicts itself (clause 6.3.2)") {
  Administrator t;
  CHECK(t.send("00E0000000") == "6700");
  CHECK(t.send("00E0010002 6200") == "6A86");
  CHECK(t.send("00E0000002 6200") == "6A80");
  CHECK(t.send("00E0000003 620182") == "6A80");
  CHECK(t.send("00E0000002 6F00") == "6A80");
  CHECK(t.send(create("83022F21 8A0105 8B032F0601 80020005")) == "6A80");                // no descriptor
  CHECK(t.send(create("82024121 8A0105 8B032F0601 80020005")) == "6A80");                // no FID
  CHECK(t.send(create("82024121 83022F21 8B032F0601 80020005")) == "6A80");              // no life cycle
  CHECK(t.send(create("82024121 83022F21 8A0105 80020005")) == "6A80");                  // no security attributes
  CHECK(t.send(create("82024121 83022F21 8A0105 8B032F0601")) == "6A80");                // no size
  CHECK(t.send(create("8205422100030383022F21 8A0105 8B032F0601 80020006")) == "6A80");  // 3 records of 3 are not 6
  CHECK(t.send(create("8205422100040283022F21 8A0105 8B032F0601 80020006")) == "6A80");  // 6 is no multiple of 4
  CHECK(t.send(create("8205422101000183022F21 8A0105 8B032F0601 80020100")) == "6A80");  // a record of 256
  CHECK(t.send(create("82024421 83022F21 8A0105 8B032F0601 80020005")) == "6A80");       // linear variable
  CHECK(t.send(create("82024121 83022F21 8A010C 8B032F0601 80020005")) == "6A80");       // born terminated
  CHECK(t.send(create("82024121 83022F21 8A01FF 8B032F0601 80020005")) == "6A80");
  CHECK(t.send(create("82024121 83022F21 8A0105 8B032F0601 80020005 D90100")) == "6A80");
  CHECK(t.send(create("82027821 83027F66 8407A0000000871009 8A0105 8B032F0605 81020100 C603830101")) == "6A81");  // an ADF
  CHECK(t.send("00A4000C02 2F21") == "6A82");
}

TEST_CASE("CREATE FILE asks the directory for access, for EFs and DFs apart (TS 102 221 clause 9.2.2)") {
  Terminal t;
  CHECK(t.send(transparent("2F20")) == "6982");
  CHECK(t.send(directory("7F66")) == "6982");
  CHECK(t.send("00A4000C02 2F20") == "6A82");
}

TEST_CASE("CREATE FILE keeps to the memory that is left; DELETE FILE gives it back (clauses 6.3 and 6.4)") {
  Administrator t;
  const auto before = free_memory(t);
  CHECK(t.send(transparent("2F20", "7FFF")) == "6A84");
  CHECK(t.send(create("82024121 83022F20 8A0105 8B032F0601 8004FFFFFFFF 8800")) == "6A84");
  CHECK(t.send(transparent("2F20", "2000")) == "9000");
  CHECK(before - free_memory(t) == 0x2000 + emulator::FileSystem::kFileOverhead);
  CHECK(t.send(transparent("2F21", "2000")) == "6A84");
  CHECK(t.send("00E4000002 2F20") == "9000");
  CHECK(free_memory(t) == before);
}

TEST_CASE("DELETE FILE takes a DF with everything below it; the parent becomes current (clause 6.4)") {
  Administrator t;
  t.send("00A4080C06 7F10 5F3A 4F01");
  CHECK(t.send("00E4000002 7F10") == "9000");  // the parent, from inside
  CHECK(t.exchange("80F2000000").find("83023F00") != std::string::npos);
  CHECK(t.send("00B0000001") == "6986");
  CHECK(t.send("00A4080C06 7F10 5F3A 4F01") == "6A82");
  CHECK(t.send(directory("7F10")) == "9000");
  CHECK(t.send("00A4000C02 6F3A") == "6A82");  // a new directory, not the old one
}

TEST_CASE("DELETE FILE of the current EF leaves no EF selected (clause 6.4)") {
  Administrator t;
  t.send("00A4080C04 7F10 6F3A");
  CHECK(t.send("00E4000002 6F39") == "9000");
  CHECK(t.send("00B2010406") == "0101010101019000");  // another one was deleted
  CHECK(t.send("00E4000002 6F3A") == "9000");
  CHECK(t.send("00B2010406") == "6986");
  CHECK(t.exchange("80F2000000").find("83027F10") != std::string::npos);
}

TEST_CASE("DELETE FILE refuses: no such file, MF, no access, in use on another channel (clause 6.4)") {
  Administrator t;
  CHECK(t.send("00E4000002 2F99") == "6A82");
  CHECK(t.send("00E4000002 3F00") == "6985");
  CHECK(t.send("00E4000102 2FE2") == "6A86");
  CHECK(t.send("00E4000001 2F") == "6700");
  CHECK(t.send("00E4000000") == "6700");
  t.send("0070000001");
  CHECK(t.send("01A4080C04 7F10 6F3A") == "9000");
  CHECK(t.send("00E4000002 7F10") == "6985");
  CHECK(t.send("01A4000C02 3F00") == "9000");
  CHECK(t.send("00E4000002 7F10") == "9000");
  t.card.reset();
  CHECK(t.send("00E4000002 2FE2") == "6982");
  t.send("00A4040C07 A0000000871002");
  t.send("0020000A08 3838383838383838");
  CHECK(t.send("00E4000002 7FFF") == "6985");  // an ADF goes with its application
}

TEST_CASE("RESIZE FILE grows with FF and cuts at the end (clause 6.10)") {
  Administrator t;
  t.send("00A4000C02 7F10");
  t.send("00A4000C02 6F3A");
  const auto resize = [&](const char* size) { return t.send("80D400000A 6208 83026F3A 8002" + std::string(size)); };
  CHECK(resize("001E") == "9000");
  CHECK(t.send("00B2050406") == "FFFFFFFFFFFF9000");
  CHECK(t.send("00B2030406") == "0303030303039000");
  CHECK(t.send("00B2060406") == "6A83");
  CHECK(resize("000C") == "9000");
  CHECK(t.send("00B2020406") == "0202020202029000");
  CHECK(t.send("00B2030406") == "6A83");
  CHECK(t.exchange("00A40004026F3A").find("8205422100060283026F3A") != std::string::npos);
  CHECK(resize("000D") == "6A80");  // no multiple of the record length
  CHECK(resize("0000") == "6A80");
  CHECK(resize("05FA") == "6A80");  // 255 records
  t.card.reset();
  t.send("00A4080C04 7F10 6F3A");
  CHECK(t.send("00B2020406") == "0202020202029000");
  CHECK(t.send("00B2030406") == "6A83");
}

TEST_CASE("RESIZE FILE refuses cyclic EFs, DFs, missing objects, no access, too little memory (clause 6.10)") {
  Administrator t;
  t.send("00A4000C02 7F10");
  CHECK(t.send("80D400000A 6208 83026F39 80020003") == "6981");
  CHECK(t.send("80D400000A 6208 83025F3A 80020003") == "6981");
  CHECK(t.send("80D400000A 6208 83026F99 80020006") == "6A82");
  CHECK(t.send("80D4000006 6204 83026F3A") == "6A80");
  CHECK(t.send("80D4000006 6204 80020006") == "6A80");
  CHECK(t.send("80D4000001 62") == "6A80");
  CHECK(t.send("80D402000A 6208 83026F3A 80020006") == "6A86");
  CHECK(t.send("80D400010A 6208 83026F3A 80020006") == "6A86");
  CHECK(t.send("00D400000A 6208 83026F3A 80020006") == "6E00");
  CHECK(t.send("80D400000A 6208 83026F77 80027FFF") == "6A84");
  t.send("00A4000C02 3F00");
  CHECK(t.send("80D400000A 6208 83022FE2 80020006") == "6982");  // rule 1 does not name RESIZE
}

TEST_CASE("RESIZE FILE of a BER-TLV EF keeps its data objects (clause 6.10)") {
  Administrator t;
  t.send("00A4000C02 7F10");
  t.send("00A4000C02 6F77");
  t.send("80DB00800A 8008 0102030405060708");
  CHECK(t.send("80D400000A 6208 83026F77 80020009") == "6A84");
  CHECK(t.send("80D400000C 620A 83026F77 A504 8602000C") == "9000");
  CHECK(t.send("80DB008002 8100") == "9000");
  CHECK(t.send("80DB008002 8200") == "6A84");
  CHECK(t.exchange("80CB008001 80") == "800801020304050607089000");
}
