// SPDX-License-Identifier: Apache-2.0
// Power cuts in process() of an applet: each write is final when it is made, a transaction as a whole (JCRE 3.1 chapter 7). And endless
// loops.
#include <set>

#include "emulator/power_cut_port.hpp"
#include "tests/unit/java/stage.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

/// The power goes at write `k` of INS 11 with `p2`; what the array holds after it. Empty: it was not cut.
std::string after_cut(std::uint32_t k, const std::string& p2) {
  Stage s;
  s.load_all();
  REQUIRE(s.install_it() == "009000");
  REQUIRE(s.select() == "9000");
  emulator::PowerCutPort power(s.m.terminal.card);
  power.arm(k);
  const auto answer = power.transmit(*from_hex("8011AA" + p2));
  if (!power.was_cut()) {
    CHECK(to_hex(*answer) == "9000");
    return "";
  }
  power.arm(0);
  s.m.reset();
  REQUIRE(s.select() == "9000");
  const std::string held = s.ask("12");
  REQUIRE(held.ends_with("9000"));
  // Whatever was cut, the applet goes on.
  CHECK(s.ask("11", "BB00") == "9000");
  CHECK(s.ask("12") == "BBBBBBBBBBBBBBBBBBBB9000");
  return held.substr(0, 20);
}

std::string prefix(std::size_t writes) {
  std::string out;
  for (std::size_t i = 0; i < 10; ++i) out += i < writes ? "AA" : "00";
  return out;
}

}  // namespace

TEST_CASE(
    "java tear: the power goes at each write of process(): the writes before it last, in their order, and no other (JCRE clause 7.1)") {
  NEEDS_APPLETS();
  std::size_t least = 0;
  std::set<std::string> seen;
  for (std::uint32_t k = 1;; ++k) {
    REQUIRE(k < 100);
    const std::string held = after_cut(k, "00");
    if (held.empty()) break;
    while (least <= 10 && held != prefix(least)) ++least;
    REQUIRE_MESSAGE(least <= 10, "cut at write " << k << " left " << held);
    seen.insert(held);
  }
  CHECK(seen.size() == 11);  // none to all ten
}

TEST_CASE("java tear: in a transaction all ten writes or none, at each cut (JCRE clause 7.4)") {
  NEEDS_APPLETS();
  std::set<std::string> seen;
  for (std::uint32_t k = 1;; ++k) {
    REQUIRE(k < 100);
    const std::string held = after_cut(k, "01");
    if (held.empty()) break;
    CHECK_MESSAGE((held == prefix(0) || held == prefix(10)), "cut at write " << k << " left " << held);
    seen.insert(held);
  }
  CHECK(seen.size() == 2);
}

TEST_CASE("java tear: INSTALL and DELETE of an applet are done or not done at each cut (GP clauses 9.3, 9.5)") {
  NEEDS_APPLETS();
  for (const bool deletes : {false, true}) {
    unsigned cuts = 0;
    for (std::uint32_t k = 1;; ++k) {
      REQUIRE(k < 200);
      Stage s;
      s.load_all();
      const std::uint32_t before = s.free_memory();
      if (deletes) REQUIRE(s.install_it() == "009000");
      emulator::PowerCutPort power(s.m.terminal.card);
      power.arm(k);
      if (deletes) {
        (void)s.remove(kApplet);
      } else {
        (void)s.install_it();
      }
      if (!power.was_cut()) break;
      power.arm(0);
      ++cuts;
      s.m.reset();
      const std::string selected = s.select();
      CHECK((selected == "9000" || selected == "6A82"));
      if (selected == "9000") CHECK(s.ask("10") == "00029000");
      s.open();
      CHECK(s.remove(kApplet) == (selected == "9000" ? "009000" : "6A88"));
      CHECK(s.free_memory() == before);
      CHECK(s.install_it() == "009000");
    }
    CHECK(cuts > 5);
  }
}

TEST_CASE("java: an endless command is stopped with 6F00, its writes are kept, and the applet still works") {
  NEEDS_APPLETS();
  DomainOptions options;
  options.more_modules.managed = applet::java::java_code(100'000);
  Stage s(options);
  s.load_all();
  REQUIRE(s.install_it() == "009000");
  REQUIRE(s.select() == "9000");
  CHECK(s.ask("13") == "6F00");
  CHECK(s.ask("10") == "00029000");
  CHECK(s.ask("12") != "000000000000000000009000");
  CHECK(s.select() == "9000");
}
