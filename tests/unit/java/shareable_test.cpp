// SPDX-License-Identifier: Apache-2.0
// Applets that use each other: shareable interface objects and the firewall between packages (JCRE 3.1 chapter 6), on a card.
#include "tests/unit/java/stage.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

/// Card in two packages; the second is selected.
struct Two : Stage {
  Two() {
    load_all();
    REQUIRE(install_it() == "009000");
    REQUIRE(load_file(kSecond, "second") == "009000");
    REQUIRE(install_it(kSecondApplet, "C900", kSecond, kSecondApplet) == "009000");
    REQUIRE(select(kSecondApplet) == "9000");
  }
};

}  // namespace

TEST_CASE("java shareable: the server decides who gets its object; what it throws there is null (JCRE clause 6.2.4)") {
  NEEDS_APPLETS();
  Two s;
  CHECK(s.ask("18", "0000", "F0756963A1FF") == "6A82");  // no application has this name
  CHECK(s.ask("18", "0100", kApplet) == "6A83");         // null
  CHECK(s.ask("18", "0200", kApplet) == "6A83");         // it throws
  CHECK(s.ask("19") == "6F00");
  CHECK(s.ask("18", "0000", kApplet) == "9000");
  CHECK(s.ask("19") == "00019000");
  CHECK(s.ask("19") == "00029000");
}

TEST_CASE("java shareable: a reference lasts over the reset, and what the server writes is its own (JCRE clauses 6.2.4, 6.2.8)") {
  NEEDS_APPLETS();
  Two s;
  REQUIRE(s.ask("18", "0000", kApplet) == "9000");
  REQUIRE(s.ask("19") == "00019000");
  s.m.reset();
  REQUIRE(s.select(kSecondApplet) == "9000");
  CHECK(s.ask("19") == "00029000");
  CHECK(s.ask("1C") == "00009000");
  REQUIRE(s.select() == "9000");
  CHECK(s.ask("1C") == "00029000");
}

TEST_CASE("java shareable: the server may not read the client's array; the APDU buffer is everybody's (JCRE clauses 6.2.2, 6.2.8.2)") {
  NEEDS_APPLETS();
  Two s;
  REQUIRE(s.ask("18", "0000", kApplet) == "9000");
  CHECK(s.ask("1D", "0000") == "6F00");
  CHECK(s.ask("1D", "0100") == "6F00");
  CHECK(s.ask("1D", "0200") == "FF809000");
  CHECK(s.ask("19") == "00019000");
}

TEST_CASE("java shareable: applets of one package share their context (JCRE clause 6.1.2)") {
  NEEDS_APPLETS();
  Stage s;
  s.load_all();
  REQUIRE(s.install_it() == "009000");
  REQUIRE(s.install_it(kApplet + "02") == "009000");
  REQUIRE(s.select() == "9000");
  REQUIRE(s.ask("18", "0000", kApplet + "02") == "9000");
  REQUIRE(s.ask("11", "7700") == "9000");
  CHECK(s.ask("1D", "0000") == "00779000");
}

TEST_CASE("java: an INSTALL that is rolled back does not change the transient memory of others (JCRE clause 5.1)") {
  NEEDS_APPLETS();
  Stage s;
  s.load_all();
  REQUIRE(s.install_it() == "009000");
  REQUIRE(s.select() == "9000");
  REQUIRE(s.ask("1E", "1122") == "00009000");
  s.open();
  CHECK(s.install_it(kApplet + "02", "C90101") == "6A80");
  REQUIRE(s.select() == "9000");
  CHECK(s.ask("1E", "3344") == "11009000");
  SUBCASE("nor does a DELETE that is refused") {
    REQUIRE(s.load_file(kSecond, "second") != "009000");  // no session
    s.open();
    REQUIRE(s.load_file(kSecond, "second") == "009000");
    REQUIRE(s.install_it(kSecondApplet, "C900", kSecond, kSecondApplet) == "009000");
    REQUIRE(s.select(kSecondApplet) == "9000");
    REQUIRE(s.ask("18", "0000", kApplet) == "9000");
    s.open();
    CHECK(s.remove(kApplet) == "6985");
    REQUIRE(s.select() == "9000");
    CHECK(s.ask("1E", "5566") == "33009000");
  }
  SUBCASE("nor does a LOAD that is refused, and the file can be loaded then") {
    s.open();
    REQUIRE(s.m.manage("E60200", lv(kSecond) + "00000000") == "009000");
    Bytes wrong = components("second");
    wrong[wrong.size() - 1] ^= 0xFF;
    CHECK(load(s.m, load_blocks(wrong)) != "009000");
    REQUIRE(s.select() == "9000");
    CHECK(s.ask("1E", "5566") == "33009000");
    s.open();
    CHECK(s.load_file(kSecond, "second") == "009000");
  }
}
