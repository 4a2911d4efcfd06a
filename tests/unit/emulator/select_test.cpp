// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/small_card.hpp"

using namespace uicclab;
using test::packed;
using test::Terminal;

namespace {

// FID of the current DF, from the FCP that STATUS answers.
std::string current_df(Terminal& t, const std::string& cla = "80") {
  const std::string fcp = t.exchange(cla + "F2000000");
  const auto at = fcp.find("8302");
  return at == std::string::npos ? fcp : fcp.substr(at + 4, 4);
}

constexpr const char* kUsim = "A0000000871002FF49FF0589";
constexpr const char* kPlain = "A0000000871004FF49FF0589";

std::string select_aid(const std::string& aid, const std::string& p2 = "0C") {
  return "00A404" + p2 + to_hex(std::array{static_cast<std::uint8_t>(aid.size() / 2)}) + aid;
}

}  // namespace

TEST_CASE("SELECT by FID finds the MF, children, the current DF, its parent and its siblings (TS 102 221 clause 8.4.1)") {
  Terminal t;
  CHECK(current_df(t) == "3F00");
  CHECK(t.send("00A4000C02 7F10") == "9000");
  CHECK(t.send("00A4000C02 5F3A") == "9000");  // child DF
  CHECK(current_df(t) == "5F3A");
  CHECK(t.send("00A4000C02 5F3A") == "9000");  // the current DF itself
  CHECK(current_df(t) == "5F3A");
  CHECK(t.send("00A4000C02 4F01") == "9000");  // child EF: the current DF stays
  CHECK(current_df(t) == "5F3A");
  CHECK(t.send("00A4000C02 7F10") == "9000");  // parent
  CHECK(current_df(t) == "7F10");
  CHECK(t.send("00A4000C02 7F20") == "9000");  // a sibling DF
  CHECK(current_df(t) == "7F20");
  CHECK(t.send("00A4000C02 3F00") == "9000");
  CHECK(current_df(t) == "3F00");
}

TEST_CASE("SELECT by FID finds nothing else: no EF next to the DF, no grandchild, no grandparent's child, no ADF (clause 8.4.1)") {
  Terminal t;
  CHECK(t.send("00A4000C02 6F3A") == "6A82");  // grandchild of the MF
  CHECK(t.send("00A4000C02 7FD0") == "6A82");  // an ADF is selected by its name
  CHECK(t.send("00A4000C02 7FFF") == "6A82");  // no application is active
  t.send("00A4000C02 7F10");
  CHECK(t.send("00A4000C02 2FE2") == "6A82");  // EF next to the DF
  t.send("00A4000C02 5F3A");
  CHECK(t.send("00A4000C02 7F20") == "6A82");  // next to the parent
  CHECK(t.send("00A4000C02 6F3A") == "6A82");  // EF of the parent
  CHECK(current_df(t) == "5F3A");
}

TEST_CASE("A refused SELECT leaves DF, EF and record pointer as they were (clause 11.1.1.1)") {
  Terminal t;
  t.send("00A4000C02 7F10");
  t.send("00A4000C02 6F3A");
  CHECK(t.send("00B2000206") == "0101010101019000");  // record pointer: 1
  for (const char* bad : {"00A4000C02 FFFF", "00A4000C03 7F1000", "00A4000C01 7F", "00A4080C04 7F20FFFF", "00A4090C02 7F20",
                          "00A4010C02 6F3A", "00A4020C02 5F3A", "00A4050C02 6F3A", "00A4FF0C02 6F3A", "00A4008C02 6F3A", "00A4000802 6F3A",
                          "00A4001C02 6F3A", "00A4000D02 6F3A", "00A4004C02 6F3A", "00A4040C05 A000000001", "00A4034C00"}) {
    CAPTURE(bad);
    const std::string answer = t.send(bad);
    CHECK(answer.size() == 4);
    CHECK(answer.starts_with("6"));
    CHECK_FALSE(answer.starts_with("61"));
    CHECK(t.send("00B2000406") == "0101010101019000");
  }
  CHECK(t.send("00B2000206") == "0202020202029000");
  CHECK(current_df(t) == "7F10");
}

TEST_CASE("SELECT child DF finds DFs only, parent DF goes up to the MF and no further (clause 11.1.1.2)") {
  Terminal t;
  CHECK(t.send("00A4010C02 7F10") == "9000");
  CHECK(t.send("00A4010C02 6F3A") == "6A82");  // an EF
  CHECK(t.send("00A4010C02 7F20") == "6A82");  // a sibling, not a child
  CHECK(t.send("00A4010C02 5F3A") == "9000");
  CHECK(t.send("00A4030C00") == "9000");
  CHECK(current_df(t) == "7F10");
  CHECK(t.send("00A4030C00") == "9000");
  CHECK(current_df(t) == "3F00");
  CHECK(t.send("00A4030C00") == "6A82");
  CHECK(t.send("00A4030C02 3F00") == "6700");
  CHECK(t.send("00A4010C00") == "6700");
}

TEST_CASE("SELECT without command data is of case 2: another Le answers 6Cxx and selects nothing (clause 7.3.1.1.4)") {
  Terminal t;
  t.send("00A4000C02 7F10");
  t.send("00A4000C02 5F3A");
  const std::string first = t.send("00A4030400");
  REQUIRE(first.size() == 4);
  REQUIRE(first.starts_with("6C"));
  CHECK(current_df(t) == "5F3A");
  const std::string again = t.send("00A40304" + first.substr(2));
  CHECK(again.find("83027F10") != std::string::npos);
  CHECK(again.ends_with("9000"));
  CHECK(current_df(t) == "7F10");
  CHECK(t.send("00A40004FF").starts_with("6C"));  // the MF
  CHECK(current_df(t) == "7F10");
  CHECK(t.send("00A4000C00") == "9000");
  CHECK(current_df(t) == "3F00");
}

TEST_CASE("SELECT by path from the MF, from the current DF and through 7FFF (clause 8.4.2)") {
  Terminal t;
  CHECK(t.send("00A4080C06 7F10 5F3A 4F01") == "9000");
  CHECK(t.send("00B0000005") == "11111111119000");
  CHECK(current_df(t) == "5F3A");
  CHECK(t.send("00A4080C02 2FE2") == "9000");
  CHECK(current_df(t) == "3F00");
  CHECK(t.send("00A4080C04 7F10 6F3A") == "9000");
  CHECK(t.send("00A4090C04 5F3A 4F01") == "9000");
  CHECK(t.send("00A4090C02 4F01") == "9000");
  CHECK(t.send("00A4090C04 5F3A 4F01") == "6A82");  // the current DF is 5F3A by now
  CHECK(t.send("00A4080C04 7F10 4F01") == "6A82");
  CHECK(t.send("00A4080C06 2FE2 7F10 6F3A") == "6A82");  // through an EF
  CHECK(t.send("00A4080C03 7F105F") == "6700");
  CHECK(t.send("00A4080C00") == "6700");
  CHECK(t.send("00A4080C04 7FFF 6F07") == "6A82");  // no application yet
  CHECK(t.send(select_aid(kUsim)) == "9000");
  CHECK(t.send("00A4000C02 3F00") == "9000");
  CHECK(t.send("00A4080C04 7FFF 6F07") == "9000");
  CHECK(current_df(t) == "7FD0");
  CHECK(t.send("00A4080C04 7F20 6F07") == "9000");  // the EF of the same FID elsewhere
  CHECK(current_df(t) == "7F20");
  CHECK(t.send("00A4000C02 7FFF") == "9000");
  CHECK(current_df(t) == "7FD0");
  CHECK(t.send("00A4090C04 7FFF 6F07") == "6A82");  // 7FFF begins a path from the MF only
}

TEST_CASE("SELECT by DF name: whole, right-truncated, unknown, too long (clauses 8.5.1.2 and 11.1.1.2)") {
  Terminal t;
  CHECK(t.send(select_aid(kUsim)) == "9000");
  CHECK(current_df(t) == "7FD0");
  CHECK(t.exchange("80F2000100") == std::string("840C") + kUsim + "9000");
  CHECK(t.send(select_aid("A0000000871004")) == "9000");
  CHECK(t.exchange("80F2000100") == std::string("840C") + kPlain + "9000");
  CHECK(current_df(t) == "3F00");  // an application without files
  CHECK(t.send(select_aid("A0000000871003")) == "6A82");
  CHECK(t.send(select_aid(std::string(kUsim) + "00")) == "6A82");
  CHECK(t.send(select_aid(std::string(34, 'A'))) == "6700");
  CHECK(t.exchange("80F2000100") == std::string("840C") + kPlain + "9000");
}

TEST_CASE("SELECT by DF name: first, last, next and previous occurrence of a partial name (clause 11.1.1.2, table 11.2)") {
  Terminal t;
  const auto active = [&] { return t.exchange("80F2000100").substr(4, 24); };
  CHECK(t.send(select_aid("A000000087", "0D")) == "9000");  // last
  CHECK(active() == kPlain);
  CHECK(t.send(select_aid("A000000087", "0C")) == "9000");  // first
  CHECK(active() == kUsim);
  CHECK(t.send(select_aid("A000000087", "0F")) == "6A82");  // nothing before the first
  CHECK(active() == kUsim);
  CHECK(t.send(select_aid("A000000087", "0E")) == "9000");  // next
  CHECK(active() == kPlain);
  CHECK(t.send(select_aid("A000000087", "0E")) == "6A82");
  CHECK(t.send(select_aid("A000000087", "0F")) == "9000");  // previous
  CHECK(active() == kUsim);
}

TEST_CASE("SELECT by DF name ends an application session with P2 bits 7 and 6 = 10 (clause 11.1.1.2, table 11.2)") {
  Terminal t;
  CHECK(t.send(select_aid(kUsim, "4C")) == "6985");  // not active
  t.send(select_aid(kUsim));
  CHECK(t.send(select_aid(kUsim, "4C")) == "9000");
  CHECK(current_df(t) == "3F00");
  CHECK(t.exchange("80F2000100") == "6A88");
  CHECK(t.send("00A4000C02 7FFF") == "6A82");
  CHECK(t.send(select_aid(kUsim, "2C")) == "6A86");
  CHECK(t.send(select_aid(kUsim, "6C")) == "6A86");
}

TEST_CASE("SELECT returns the FCP, or nothing (clause 11.1.1.3)") {
  Terminal t;
  CHECK(t.exchange("00A40004022FE2") == "62178202412183022FE28A01058B032F06018002000A8801109000");
  CHECK(t.exchange("00A40800047F106F3A") == packed("621A82054221000604 83026F3A8A01058B032F06048002001888 01089000"));
  CHECK(t.exchange("00A40804047F106F39").starts_with(packed("621A820546210003 03")));
  CHECK(t.exchange("00A40804047F106F77").starts_with(packed("621D8202 7921")));
  CHECK(t.send("00A4000C02 7F10") == "9000");
  CHECK(t.send("00C0000001") == "6F00");
}

TEST_CASE("The FCP of MF and ADF: descriptor, name, characteristics, PIN status (clause 11.1.1.4)") {
  Terminal t;
  const std::string mf = t.exchange("00A40004023F00");
  CHECK(mf.starts_with("62298202782183023F00A50C8001718304"));
  CHECK(mf.find("8701018A01058B032F0605C6") != std::string::npos);
  CHECK(mf.ends_with("C6099001C083010183010A9000"));
  const std::string adf = t.exchange(select_aid(kUsim, "04"));
  CHECK(adf.find("83027FD0840C" + std::string(kUsim)) != std::string::npos);
  CHECK(adf.ends_with("C60C9001E083010183018183010A9000"));

  Terminal open(test::small_image(false));
  CHECK(open.exchange("00A40004023F00").ends_with("C60990014083010183010A9000"));
}

TEST_CASE("A deleted file cannot be selected, nor the files below it (clause 8.4)") {
  Terminal t;
  CHECK(t.send("0020000A08 3838383838383838") == "9000");
  CHECK(t.send("00E4000002 7F10") == "9000");
  CHECK(t.send("00A4000C02 7F10") == "6A82");
  CHECK(t.send("00A4080C04 7F10 6F3A") == "6A82");
  t.card.reset();
  CHECK(t.send("00A4000C02 7F10") == "6A82");
  CHECK(t.send("00A4000C02 7F20") == "9000");
}

TEST_CASE("SELECT P1=02 finds an EF of the current directory, P1=01 a directory, inside an application too (ISO/IEC 7816-4 table 39)") {
  Terminal t;
  CHECK(t.send("00A4020C02 2FE2") == "9000");
  CHECK(t.send("00B0000001") == "989000");
  CHECK(t.send("00A4020C02 7F10") == "6A82");  // a directory
  CHECK(t.send("00A4020C02 6F07") == "6A82");  // of another directory
  CHECK(t.send("00A4020C02 3F00") == "6A82");
  CHECK(t.send("00A4020C01 2F") == "6700");
  CHECK(t.send("00A4020C") == "6700");
  CHECK(t.send("00B0000001") == "989000");  // nothing moved
  CHECK(t.exchange("00A4020402 2FE2") == "62178202412183022FE28A01058B032F06018002000A8801109000");
  REQUIRE(t.send("00A4040C07 A0000000871002") == "9000");
  REQUIRE(t.send("0020000108 31323334FFFFFFFF") == "9000");
  CHECK(t.send("00A4020C02 6F07") == "9000");
  CHECK(t.send("00B0000009") == "0809101010325406369000");
  CHECK(t.send("00A4020C02 2FE2") == "6A82");  // the MF's
  CHECK(t.send("00A4010C02 6F07") == "6A82");  // an EF
  CHECK(t.send("00A4000C02 3F00") == "9000");
  CHECK(t.send("00A4010C02 7F10") == "9000");
  CHECK(t.send("00A4010C02 5F3A") == "9000");
  CHECK(t.send("00A4020C02 4F01") == "9000");
}
