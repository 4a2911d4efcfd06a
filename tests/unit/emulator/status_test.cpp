// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/small_card.hpp"

using namespace uicclab;
using test::Terminal;

TEST_CASE("STATUS answers with the FCP of the current DF, whatever EF is current (TS 102 221 clause 11.1.2)") {
  Terminal t;
  const std::string mf = t.exchange("00A40004023F00");
  CHECK(t.exchange("80F2000000") == mf);
  t.send("00A4000C02 2FE2");
  CHECK(t.exchange("80F2000000") == mf);
  t.send("00A4000C02 7F10");
  t.send("00A4000C02 6F3A");
  const std::string df = t.exchange("80F2000000");
  CHECK(df.find("83027F10") != std::string::npos);
  CHECK(t.exchange("80F2010000") == df);
  CHECK(t.exchange("80F2020000") == df);
  CHECK(t.send("00B2010406") == "0101010101019000");  // the EF is still current
}

TEST_CASE("STATUS answers with the DF name of the active application, 6A88 without one (clause 11.1.2.2)") {
  Terminal t;
  CHECK(t.send("80F2000100") == "6A88");
  t.send("00A4040C07 A0000000871002");
  CHECK(t.send("80F2000100") == "6C0E");
  CHECK(t.send("80F200010E") == "840CA0000000871002FF49FF05899000");
  CHECK(t.send("80F201010E") == "840CA0000000871002FF49FF05899000");
  t.send("00A4000C02 3F00");
  CHECK(t.send("80F200010E") == "840CA0000000871002FF49FF05899000");  // the application stays active
}

TEST_CASE("STATUS without data, for presence detection (clause 14.5.2)") {
  Terminal t;
  CHECK(t.send("80F2000C00") == "9000");
  CHECK(t.send("80F2010C00") == "9000");
  CHECK(t.send("80F2020C00") == "9000");
}

TEST_CASE("STATUS refuses wrong parameters, classes and lengths (clause 11.1.2.2)") {
  Terminal t;
  CHECK(t.send("80F2030000") == "6A86");
  CHECK(t.send("80F2FF0C00") == "6A86");
  CHECK(t.send("80F2000200") == "6A86");
  CHECK(t.send("80F2000D00") == "6A86");
  CHECK(t.send("80F2000001 00") == "6700");
  CHECK(t.send("00F2000000") == "6E00");
  CHECK(t.send("80F20000FF").starts_with("6C"));
  CHECK(t.send("80F2000001").starts_with("6C"));
}

TEST_CASE("STATUS under T=1: Le is a limit (ISO/IEC 7816-3 clause 12.1)") {
  Terminal t(test::small_image(), Protocol::kT1);
  CHECK(t.send("80F2000000").ends_with("9000"));
  CHECK(t.send("80F2000000").starts_with("62"));
  t.send("00A4040C07 A0000000871002");
  CHECK(t.send("80F2000100") == "840CA0000000871002FF49FF05899000");
  CHECK(t.send("80F2000120") == "840CA0000000871002FF49FF05899000");
  CHECK(t.send("80F20001000101") == "840CA0000000871002FF49FF05899000");
  CHECK(t.send("80F200010D") == "6C0E");
  CHECK(t.send("80F2000100000D") == "6C0E");
}
