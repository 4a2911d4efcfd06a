// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/small_card.hpp"

using namespace uicclab;
using test::Terminal;

TEST_CASE("T=0: SELECT answers 61xx, GET RESPONSE brings the FCP, and only at once (TS 102 221 clause 7.3.1.1)") {
  Terminal t;
  CHECK(t.send("00A40004022FE2") == "6119");
  CHECK(t.send("00C0000019") == "62178202412183022FE28A01058B032F06018002000A8801109000");
  CHECK(t.send("00C0000019") == "6F00");
  CHECK(t.send("00A40004022FE2") == "6119");
  CHECK(t.send("00C0000000") == "6C19");
  CHECK(t.send("00B000000A") == "988812010000000000019000");
  CHECK(t.send("00C0000019") == "6F00");
}

TEST_CASE("T=0: READ BINARY with another Le answers 6Cxx (TS 102 221 clause 7.3.1.1.4)") {
  Terminal t;
  t.send("00A4000C022FE2");
  CHECK(t.send("00B0000000") == "6C0A");
  CHECK(t.send("00B00000FF") == "6C0A");
  CHECK(t.send("00B0000801") == "009000");
  CHECK(t.send("00B0000A01") == "6B00");
  CHECK(t.send("00B0820003") == "9888129000");
}
