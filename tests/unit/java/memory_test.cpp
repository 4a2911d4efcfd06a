// SPDX-License-Identifier: Apache-2.0
// Memory of Java applets: quotas C7 and C8 (GP clause 9.7), FF21, the values of the API, object deletion (JCRE clause 7.6, 11.3.4).
#include "gp/card_data.hpp"
#include "tests/support/dump.hpp"
#include "tests/unit/java/stage.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

/// FF21: applications, free bytes of both memories.
gp::CardResources resources(Stage& s) {
  s.open();
  const std::string answer = s.m.send("80CAFF2100");
  REQUIRE(answer.ends_with("9000"));
  const auto told = gp::parse_resources(*from_hex(answer.substr(0, answer.size() - 4)));
  REQUIRE(told);
  return *told;
}

std::uint32_t number(const std::string& answer) {
  REQUIRE_MESSAGE(answer.ends_with("9000"), answer);
  return static_cast<std::uint32_t>(std::stoul(answer.substr(0, 4), nullptr, 16));
}

}  // namespace

TEST_CASE("java memory: FF21 counts objects and transient arrays, also after power-on and before any applet ran (GP clause 11.3)") {
  NEEDS_APPLETS();
  Stage s;
  s.load_all();
  const auto before = resources(s);
  REQUIRE(s.install_it() == "009000");
  const auto after = resources(s);
  CHECK(after.applications == before.applications + 1);
  CHECK(before.volatile_free - after.volatile_free == 4);
  CHECK(before.non_volatile_free > after.non_volatile_free);
  REQUIRE(s.select() == "9000");
  REQUIRE(s.ask("14", "0400") == "9000");
  const auto more = resources(s);
  CHECK(after.non_volatile_free - more.non_volatile_free == 1024 + 16);
  REQUIRE(s.select() == "9000");
  REQUIRE(s.ask("17", "0100") == "9000");
  CHECK(more.volatile_free - resources(s).volatile_free == 256);
  s.m.reset();
  CHECK(more.volatile_free - resources(s).volatile_free == 256);
}

TEST_CASE("java memory: the quota of persistent memory is kept to the byte: C8 (GP clause 9.7)") {
  NEEDS_APPLETS();
  Stage s;
  s.load_all();
  REQUIRE(s.install_it(kApplet, "C900EF04C8020400") == "009000");
  REQUIRE(s.install_it(kApplet + "02") == "009000");
  REQUIRE(s.select() == "9000");
  const std::uint32_t left = number(s.ask("1B", "0000"));
  CHECK(left < 1024 - 10);
  const auto size = [](std::uint32_t bytes) { return to_hex(ByteWriter().u16(static_cast<std::uint16_t>(bytes)).view()); };
  CHECK(s.ask("14", size(left - 8 + 1)) == "6F00");
  CHECK(s.ask("14", size(left - 8)) == "9000");
  CHECK(number(s.ask("1B", "0000")) == 0);
  CHECK(s.ask("14", "0001") == "6F00");
  SUBCASE("not after a reset either") {
    s.m.reset();
    REQUIRE(s.select() == "9000");
    CHECK(number(s.ask("1B", "0000")) == 0);
    CHECK(s.ask("14", "0001") == "6F00");
  }
  SUBCASE("others are not concerned") {
    REQUIRE(s.select(kApplet + "02") == "9000");
    CHECK(s.ask("14", "4000") == "9000");
  }
  SUBCASE("object deletion gives it back") {
    REQUIRE(s.ask("14", "0000") == "9000");
    CHECK(number(s.ask("1B", "0000")) == 0);
    REQUIRE(s.ask("16") == "9000");
    CHECK(number(s.ask("1B", "0000")) == left);
  }
}

TEST_CASE("java memory: INSTALL within a quota that is too small is 6A84 and leaves nothing (GP clauses 9.7, 11.5)") {
  NEEDS_APPLETS();
  Stage s;
  s.load_all();
  const Dump before = dump(s.m.terminal.card.nvm());
  CHECK(s.install_it(kApplet, "C903000400EF04C8020200") == "6A84");
  CHECK(s.install_it(kApplet, "C900EF04C7020001") == "6A84");
  CHECK(dump(s.m.terminal.card.nvm()) == before);
  CHECK(s.install_it(kApplet, "C903000400EF04C8020600") == "009000");
}

TEST_CASE("java memory: the quota of volatile memory: C7 (GP clause 9.7)") {
  NEEDS_APPLETS();
  Stage s;
  s.load_all();
  REQUIRE(s.install_it(kApplet, "C900EF04C7020024") == "009000");
  REQUIRE(s.select() == "9000");
  CHECK(number(s.ask("1B", "0100")) == 32);
  CHECK(s.ask("17", "0021") == "6F00");
  CHECK(s.ask("17", "0020") == "9000");
  CHECK(number(s.ask("1B", "0200")) == 0);
}

TEST_CASE("java memory: what the card has is the end of it, for LOAD, INSTALL and new; nothing is promised that is not there") {
  NEEDS_APPLETS();
  DomainOptions options;
  options.free_memory = 8192;
  Stage s(options);
  s.load_all();
  REQUIRE(s.install_it() == "009000");
  REQUIRE(s.select() == "9000");
  const std::uint32_t free = s.free_memory();
  CHECK(number(s.ask("1B", "0000")) == free - 8);
  const auto size = [](std::uint32_t bytes) { return to_hex(ByteWriter().u16(static_cast<std::uint16_t>(bytes)).view()); };
  CHECK(s.ask("14", size(free - 16 + 1)) == "6F00");
  CHECK(s.ask("14", size(free - 16)) == "9000");
  CHECK(s.free_memory() == 0);
  CHECK(s.ask("10") == "00029000");  // a field is there already
  CHECK(s.ask("14", "0001") == "6F00");
  s.open();
  CHECK(s.install_it(kApplet + "02") == "6A84");
  CHECK(s.remove(kApplet) == "009000");
  CHECK(s.install_it(kApplet + "02") == "009000");
}

TEST_CASE("java memory: volatile memory of all applets is that of the card; what is reserved for one is no other's (D7)") {
  NEEDS_APPLETS();
  Stage s;
  s.load_all();
  REQUIRE(s.install_it() == "009000");
  REQUIRE(s.install_it(kApplet + "02", "C900EF04D7023000") == "009000");
  REQUIRE(s.select() == "9000");
  const std::uint32_t free = number(s.ask("1B", "0100"));
  CHECK(free == 16384 - 0x3000 - 4);
  REQUIRE(s.ask("17", to_hex(ByteWriter().u16(static_cast<std::uint16_t>(free)).view())) == "9000");
  CHECK(s.ask("17", "0001") == "6F00");
  REQUIRE(s.select(kApplet + "02") == "9000");
  CHECK(number(s.ask("1B", "0100")) == 0x3000 - 4);
  CHECK(s.ask("17", "2FFC") == "9000");
  CHECK(s.ask("17", "0001") == "6F00");
}

TEST_CASE(
    "java memory: unreachable objects are deleted before the next command after requestObjectDeletion(), not earlier (JCRE clause 7.6)") {
  NEEDS_APPLETS();
  Stage s;
  s.load_all();
  REQUIRE(s.install_it() == "009000");
  REQUIRE(s.select() == "9000");
  const std::uint32_t free = s.free_memory();
  REQUIRE(s.ask("15", "0100") == "9000");
  REQUIRE(s.ask("15", "0100") == "9000");
  CHECK(s.free_memory() == free - 2 * (256 + 16));
  CHECK(s.ask("16") == "9000");
  CHECK(s.free_memory() == free);
  CHECK(s.ask("12") == "000000000000000000009000");
}
