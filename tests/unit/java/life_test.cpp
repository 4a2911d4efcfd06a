// SPDX-License-Identifier: Apache-2.0
// Java applets as the card has them: LOAD, INSTALL, SELECT, DELETE. JCRE 3.1 chapters 4 and 11; GP clauses 9.3 to 9.5.
#include "tests/support/dump.hpp"
#include "tests/unit/java/stage.hpp"

using namespace uicclab;
using namespace uicclab::test;

TEST_CASE("java: an applet is loaded, installed, selected and runs; fields last over the reset (JCRE clauses 3.4, 5.1)") {
  NEEDS_APPLETS();
  Stage s;
  s.load_all();
  CHECK(s.install_it() == "009000");
  CHECK(s.select() == "9000");
  CHECK(s.ask("10") == "00029000");
  CHECK(s.ask("1E", "1122") == "00009000");
  CHECK(s.ask("1E", "3344") == "11229000");
  s.m.reset();
  CHECK(s.select() == "9000");
  CHECK(s.ask("10") == "00039000");
  CHECK(s.ask("1E", "5566") == "00009000");
}

TEST_CASE("java: LOAD without the package that is imported is 6A80, DELETE of one that others import 6985 (GP clauses 9.3.5, 9.5.2)") {
  NEEDS_APPLETS();
  Stage s;
  CHECK(s.load_file(kCard, "card") == "6A80");
  s.load_all();
  CHECK(s.remove(kShared) == "6985");
  CHECK(s.remove(kCard) == "009000");
  CHECK(s.remove(kShared) == "009000");
}

TEST_CASE("java: nothing is loaded or installed under the AID of an API package of the card (GP clause 9.3.5)") {
  NEEDS_APPLETS();
  Stage s;
  for (const std::string aid : {"A0000000620101", "A0000000620001", "A000000062020803"}) {
    CHECK(s.m.manage("E60200", lv(aid) + "00000000") == "6985");
  }
  s.load_all();
  CHECK(s.install_it("A0000000620101") == "6985");
  // One that is known, but not on the card: javacardx.biometry
  s.m.reset();
  s.open();
  CHECK(s.m.manage("E60200", lv("A0000000620202") + "00000000") == "009000");
}

TEST_CASE("java: install() that throws, or does not register, or runs out of memory leaves nothing (JCRE clause 11.2)") {
  NEEDS_APPLETS();
  Stage s;
  s.load_all();
  const Dump before = dump(s.m.terminal.card.nvm());
  CHECK(s.install_it(kApplet, "C90101") == "6A80");
  CHECK(dump(s.m.terminal.card.nvm()) == before);
  CHECK(s.install_it(kApplet, "C90102") == "6F00");
  CHECK(dump(s.m.terminal.card.nvm()) == before);
  CHECK(s.install_it(kApplet, "C90103") == "6A84");
  CHECK(dump(s.m.terminal.card.nvm()) == before);
  CHECK_FALSE(entry(s.m, kApplet));
  CHECK(s.install_it() == "009000");
  CHECK(s.select() == "9000");
}

TEST_CASE("java: uninstall() is called before an instance goes, and what it does for others stays (JCRE clause 11.3.4.1, AppletEvent)") {
  NEEDS_APPLETS();
  Stage s;
  s.load_all();
  REQUIRE(s.install_it() == "009000");
  REQUIRE(s.install_it(kApplet + "02") == "009000");
  REQUIRE(s.select() == "9000");
  REQUIRE(s.ask("18", "0000", kApplet + "02") == "9000");  // holds the shareable object of 02
  CHECK(s.ask("19") == "00019000");
  s.open();
  CHECK(s.remove(kApplet) == "009000");
  CHECK(s.select(kApplet + "02") == "9000");
  CHECK(s.ask("1C") == "00029000");
}

TEST_CASE("java: an instance whose objects others hold is not deleted (6985), and nothing of it goes (JCRE clause 11.3.4.1)") {
  NEEDS_APPLETS();
  Stage s;
  s.load_all();
  REQUIRE(s.install_it() == "009000");
  REQUIRE(s.load_file(kSecond, "second") == "009000");
  REQUIRE(s.install_it(kSecondApplet, "C900", kSecond, kSecondApplet) == "009000");
  REQUIRE(s.select(kSecondApplet) == "9000");
  REQUIRE(s.ask("18", "0000", kApplet) == "9000");
  s.open();
  const Dump before = dump(s.m.terminal.card.nvm());
  CHECK(s.remove(kApplet) == "6985");
  CHECK(s.remove(kCard, true) == "6985");
  CHECK(dump(s.m.terminal.card.nvm()) == before);
  SUBCASE("until they let it go") {
    REQUIRE(s.select(kSecondApplet) == "9000");
    REQUIRE(s.ask("1A") == "9000");
    s.open();
    CHECK(s.remove(kApplet) == "009000");
  }
  SUBCASE("or go before it") {
    CHECK(s.remove(kSecondApplet) == "009000");
    CHECK(s.remove(kApplet) == "009000");
  }
  SUBCASE("it is still there") {
    CHECK(s.select() == "9000");
    CHECK(s.ask("10") == "00029000");
  }
}

TEST_CASE("java: a static field that holds an object of an instance keeps it from deletion (JCRE clause 11.3.4.1)") {
  NEEDS_APPLETS();
  Stage s;
  s.load_all();
  REQUIRE(s.install_it() == "009000");
  REQUIRE(s.install_it(kApplet + "02") == "009000");
  REQUIRE(s.select() == "9000");
  REQUIRE(s.ask("1F", "0001") == "9000");
  s.open();
  CHECK(s.remove(kApplet) == "6985");
  REQUIRE(s.select(kApplet + "02") == "9000");
  REQUIRE(s.ask("1F", "0000") == "9000");
  s.open();
  CHECK(s.remove(kApplet) == "009000");
}

TEST_CASE("java: a card is as before once applets and packages are deleted (JCRE clause 11.3.4)") {
  NEEDS_APPLETS();
  Stage s;
  const std::uint32_t memory = s.free_memory();
  const std::size_t objects = dump(s.m.terminal.card.nvm()).size();
  s.load_all();
  REQUIRE(s.install_it() == "009000");
  REQUIRE(s.install_it(kApplet + "02", "C903000400") == "009000");
  REQUIRE(s.select() == "9000");
  REQUIRE(s.ask("14", "0200") == "9000");
  REQUIRE(s.ask("18", "0000", kApplet + "02") == "9000");
  CHECK(s.free_memory() < memory - 2048);
  s.open();
  CHECK(s.remove(kCard, true) == "009000");
  CHECK(s.remove(kShared) == "009000");
  CHECK(s.free_memory() == memory);
  CHECK(dump(s.m.terminal.card.nvm()).size() == objects + 2);  // the numbers that are never used again
}
