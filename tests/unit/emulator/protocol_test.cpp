// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/small_card.hpp"

using namespace uicclab;
using test::Terminal;

TEST_CASE("GET RESPONSE must follow at once, on the same channel (TS 102 221 clauses 7.3.1.1.5 and 12.1.1)") {
  Terminal t;
  CHECK(t.send("00C0000019") == "6F00");
  t.send("0070000001");
  CHECK(t.send("00A40004022FE2") == "6119");
  CHECK(t.send("01C0000019") == "6F00");
  CHECK(t.send("00C0000019") == "6F00");  // the attempt took it
  CHECK(t.send("01A40004022FE2") == "6119");
  CHECK(t.send("01C0000019").ends_with("9000"));
  CHECK(t.send("00A40004022FE2") == "6119");
  CHECK(t.send("80F2000C00") == "9000");
  CHECK(t.send("00C0000019") == "6F00");
}

TEST_CASE("GET RESPONSE: too much is 6Cxx, less leaves the rest at 61xx (clause 12.1.1)") {
  Terminal t;
  CHECK(t.send("00A40004022FE2") == "6119");
  CHECK(t.send("00C000001A") == "6C19");
  CHECK(t.send("00C0000000") == "6C19");
  CHECK(t.send("00C0000010") == "62178202412183022FE28A01058B032F6109");
  CHECK(t.send("00C000000A") == "6C09");
  CHECK(t.send("00C0000009") == "06018002000A8801109000");
  CHECK(t.send("00C0000001") == "6F00");
}

TEST_CASE("GET RESPONSE refuses parameters, data and classes (clause 12.1.1)") {
  Terminal t;
  t.send("00A40004022FE2");
  CHECK(t.send("00C0010019") == "6A86");
  CHECK(t.send("00C0000119") == "6A86");
  CHECK(t.send("00C0000001 00") == "6700");
  CHECK(t.send("10C0000019") == "6E00");
  CHECK(t.send("00C0000019").ends_with("9000"));  // none of that took it
}

TEST_CASE("Under T=0 a command of case 4 answers 61xx, whether it carries Le or not (clause 7.3.1.1.5)") {
  Terminal t;
  CHECK(t.send("00A40004022FE2") == "6119");
  CHECK(t.send("00A40004022FE200") == "6119");
  CHECK(t.send("00A40004022FE219") == "6119");
}

TEST_CASE("Under T=0 a header of four bytes is one with P3 = 00 (clause 7.3.1.1.2)") {
  Terminal t;
  CHECK(t.send("80F2000C") == "9000");
  CHECK(t.send("80F20000") == "6C2B");
  CHECK(t.send("00A4000C") == "9000");
  CHECK(t.send("00A40004") == "6C2B");
}

TEST_CASE("Under T=1 the answer comes with its status; without Le, as over T=0 (clause 7.3.1.2)") {
  Terminal t(test::small_image(), Protocol::kT1);
  CHECK(t.send("00A40004022FE200") == "62178202412183022FE28A01058B032F06018002000A8801109000");
  CHECK(t.send("00A40004022FE219") == "62178202412183022FE28A01058B032F06018002000A8801109000");
  CHECK(t.send("00A40004022FE2") == "6119");
  CHECK(t.send("00C0000000") == "62178202412183022FE28A01058B032F06018002000A8801109000");
  CHECK(t.send("00A40004022FE210") == "62178202412183022FE28A01058B032F6109");
  CHECK(t.send("00C0000000") == "06018002000A8801109000");
  CHECK(t.send("00B0000000") == "988812010000000000019000");
  CHECK(t.send("80F20000").starts_with("61"));
}

TEST_CASE("Under T=0 a warning with data is sent after the data; or, if the profile says so, before it (clause 7.3.1.1.4)") {
  // RETRIEVE DATA of a long object: 62F1, more data.
  const auto filled = [](bool warning_first) {
    auto t = std::make_unique<Terminal>(test::small_image(false, {.warning_first = warning_first}));
    t->send("0020000A08 3838383838383838");
    t->send("00A4080C04 7F106F77");
    std::string object = "A1820118";
    for (int i = 0; i < 0x118; ++i) object += "5A";
    t->send("80DB0080FF " + object.substr(0, 510));
    REQUIRE(t->send("80DB00001D " + object.substr(510)) == "9000");
    return std::pair{std::move(t), object};
  };
  {
    auto [t, object] = filled(false);
    CHECK(t->send("80CB008001 A1") == "61FF");
    CHECK(t->send("80C00000FF") == object.substr(0, 510) + "62F1");
    CHECK(t->send("80C0000000") == "6F00");  // that was all of the answer
  }
  auto [t, object] = filled(true);
  CHECK(t->send("80CB008001 A1") == "62F1");
  CHECK(t->send("80C0000000") == "6CFF");
  CHECK(t->send("80C00000FF") == object.substr(0, 510) + "9000");
  CHECK(t->send("80CB000000") == "6C1D");  // case 2 as always
  CHECK(t->send("80CB00001D") == object.substr(510) + "9000");
  CHECK(t->send("80CB00800180") == "6A88");
  t->card.session()->protocol = Protocol::kT1;
  CHECK(t->send("80CB008001 A1 FF") == object.substr(0, 510) + "62F1");
}

TEST_CASE("Under T=1 Le of every case 2 command is a limit, short or extended (ISO/IEC 7816-3 clause 12.1)") {
  struct Row {
    const char* header;
    std::size_t size;
    const char* status;
  };
  constexpr Row kRows[] = {
      {"80F20000", 40, "910B"}, {"80F20001", 14, "910B"}, {"00A40004", 43, "910B"}, {"00B20104", 6, "6282"},
      {"00B20002", 6, "6282"},  {"00700000", 1, "910B"},  {"80120000", 11, "9000"}, {"00990000", 12, "910B"},
  };
  for (const Row& row : kRows) {
    for (const char* le : {"68", "FF", "000068", "000101", "00FFFF"}) {
      Terminal t(test::small_image(), Protocol::kT1);
      REQUIRE(t.send("8010000004 FFFFFFFF") == "9000");
      REQUIRE(t.send("00A4040C07 A0000000871002") == "9000");
      REQUIRE(t.send("009800000B D009 8103010200 82028182") == "910B");
      REQUIRE(t.send("0020000108 31323334FFFFFFFF") == "910B");
      REQUIRE(t.send("00A4080C04 7F106F3A") == "910B");
      const std::string command = std::string(row.header) + le;
      CAPTURE(command);
      const std::string answer = t.send(command);
      CAPTURE(answer);
      CHECK(answer.size() == 2 * (row.size + 2));
      CHECK(answer.ends_with(row.status));
    }
  }
}

TEST_CASE("Under T=1 Le of GET RESPONSE is a limit as well (ISO/IEC 7816-3 clause 12.1)") {
  Terminal t(test::small_image(), Protocol::kT1);
  for (const char* le : {"19", "1A", "FF", "00", "000101", "000000"}) {
    CAPTURE(le);
    CHECK(t.send("00A40004022FE2") == "6119");
    CHECK(t.send(std::string("00C00000") + le) == "62178202412183022FE28A01058B032F06018002000A8801109000");
  }
}

TEST_CASE("The protocol is one that the answer to reset offers (ISO/IEC 7816-3 clause 9)") {
  Terminal t;
  CHECK(t.card.select_protocol(Protocol::kT1).has_value());
  CHECK(t.send("00A40004022FE200").ends_with("9000"));
  CHECK(t.card.select_protocol(Protocol::kT0).has_value());
  CHECK(t.send("00A40004022FE200") == "6119");
  t.card.select_protocol(Protocol::kT1);
  t.card.reset();
  CHECK(t.send("00A40004022FE200") == "6119");  // the first protocol of the ATR again
  t.card.power_off();
  CHECK_FALSE(t.card.select_protocol(Protocol::kT0).has_value());
}

TEST_CASE("Classes that nothing is coded in answer 6E00 (clause 10.1.1, table 10.3)") {
  Terminal t;
  for (const char* cla : {"10", "20", "30", "50", "70", "90", "B0", "D0", "F0", "FF"}) {
    CAPTURE(cla);
    CHECK(t.send(std::string(cla) + "A4000C023F00") == "6E00");
  }
}

TEST_CASE("An instruction of another class answers 6E00, one of no class 6D00 (clause 10.2.1.5)") {
  Terminal t;
  CHECK(t.send("80A4000C023F00") == "6E00");
  CHECK(t.send("00F2000C00") == "6E00");
  CHECK(t.send("00FF000000") == "6D00");
  CHECK(t.send("80FF000000") == "6D00");
  CHECK(t.send("0088008100") == "6D00");  // AUTHENTICATE without an application
  t.send("00A4040C07 A0000000871002");    // the application is asked, and knows it no better
  CHECK(t.send("80A4000C023F00") == "6E00");
  CHECK(t.send("00FF000000") == "6D00");
  CHECK(t.exchange("0099000000").ends_with("9000"));
}

TEST_CASE("Secure messaging without a secure channel answers 6882 (clause 10.1.1)") {
  Terminal t;
  for (const char* cla : {"04", "08", "0C", "84", "88", "8C"}) {
    CAPTURE(cla);
    CHECK(t.send(std::string(cla) + "B0000001") == "6882");
  }
  t.send("0070000400");
  CHECK(t.send("60A4000C023F00") == "6882");
  CHECK(t.send("E0F2000C00") == "6882");
}

TEST_CASE("An invalid command is answered 6700; an empty or short one too (ISO/IEC 7816-3 clause 12)") {
  Terminal t;
  for (const char* bad : {"", "00", "00A4", "00A400", "00A4000C053F00", "00A4000C023F000000", "00B000000001", "00D600000001"}) {
    CAPTURE(bad);
    CHECK(t.send(bad) == "6700");
  }
}

TEST_CASE("A card that is off answers nothing; a reset is a new session (clause 6.4)") {
  Terminal t;
  t.send("00A4000C02 7F10");
  t.card.power_off();
  CHECK(t.send("00A4000C023F00").starts_with("no answer"));
  CHECK(t.card.session() == nullptr);
  CHECK(to_hex(*t.card.reset()) == "3B9F968091FE1F878031E073FE215F67756963636C6162C8");
  CHECK(t.exchange("80F2000000").find("83023F00") != std::string::npos);
}
