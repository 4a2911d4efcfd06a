// SPDX-License-Identifier: Apache-2.0
// Power cut at every write of the commands that manage the card: the registry and the keys are before or after, never between.
#include "emulator/power_cut_port.hpp"
#include "tests/support/cap_maker.hpp"
#include "tests/unit/issuer_sd/commands.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

struct Step {
  const char* name;
  std::string header;
  std::string data;
};

const std::string kDomainLv = lv(kDomain);

std::vector<Step> sequence(Management& m) {
  const CapMaker cap;
  const Bytes blocks = ber::encode(0xC4, cap.build());
  const auto half = static_cast<std::ptrdiff_t>(blocks.size() / 2);
  return {
      {"PUT KEY, new", "D80081", put_key_data(m, kNewKey, 0x31)},
      {"PUT KEY, another version", "D83181", put_key_data(m, kNewKey, 0x32)},
      {"DELETE [key]", "E40000", "D20132"},
      {"INSTALL [for install]", "E60400",
       "07A0000001515350"
       "08A000000151535041" +
           kDomainLv +
           "03800000"
           "02C900"
           "00"},
      {"INSTALL [for make selectable]", "E60800", "0000" + kDomainLv + "000000"},
      {"SET STATUS", "F04080", std::string(kDomain)},
      {"SET STATUS, unlock", "F04000", std::string(kDomain)},
      {"STORE DATA", "E29000", "4502AABB"},
      {"DELETE", "E40000", "4F" + kDomainLv},
      {"INSTALL [for load]", "E60200", "06" + cap.package + "00000000"},
      {"LOAD", "E80000", to_hex({blocks.data(), static_cast<std::size_t>(half)})},
      {"LOAD, last", "E88001", to_hex(Bytes(blocks.begin() + half, blocks.end()))},
      {"DELETE of a load file", "E40080", "4F06" + cap.package},
      {"SET STATUS of the card", "F08007", ""},
  };
}

}  // namespace

TEST_CASE("power cut at every write of PUT KEY, INSTALL, LOAD, DELETE, STORE DATA and SET STATUS: before or after (GP clauses 9, 11)") {
  Management rehearsal;
  REQUIRE(rehearsal.open().empty());
  const std::size_t count = sequence(rehearsal).size();
  unsigned cuts = 0;
  for (std::size_t victim = 0; victim < count; ++victim) {
    for (std::uint32_t at = 1;; ++at) {
      REQUIRE(at < 100);
      Management m;
      REQUIRE(m.open().empty());
      const auto steps = sequence(m);
      CAPTURE(std::string(steps[victim].name));
      CAPTURE(at);
      for (std::size_t i = 0; i < victim; ++i) REQUIRE(m.manage(steps[i].header, steps[i].data).ends_with("9000"));
      const std::string before = told(m);
      emulator::PowerCutPort fault(m.terminal.card);
      fault.arm(at);
      const std::string answer = m.manage(steps[victim].header, steps[victim].data);
      const bool cut = fault.was_cut();
      fault.arm(0);
      if (!cut) {
        CHECK(answer.ends_with("9000"));
        break;
      }
      ++cuts;
      m.reset();
      REQUIRE(m.open().empty());
      const std::string now = told(m);
      if (now == before) continue;
      // After, then: what the command leads to without a cut.
      Management whole;
      REQUIRE(whole.open().empty());
      const auto same = sequence(whole);
      for (std::size_t i = 0; i <= victim; ++i) REQUIRE(whole.manage(same[i].header, same[i].data).ends_with("9000"));
      CHECK(now == told(whole));
    }
  }
  MESSAGE(count << " commands, " << cuts << " cuts");
  CHECK(cuts > 20);
}

TEST_CASE("a sequence counter counts before its challenge leaves, wherever the power goes (Amd D clause 6.2.2.1)") {
  for (std::uint32_t at = 1; at < 10; ++at) {
    Management m;
    m.select(kIssuer);
    emulator::PowerCutPort fault(m.terminal.card);
    fault.arm(at);
    const std::string answer = m.plain("8050000008010203040506070800");
    const bool cut = fault.was_cut();
    fault.arm(0);
    m.reset();
    m.select(kIssuer);
    if (!cut) {
      CHECK(answer.ends_with("9000"));
      CHECK(m.plain("80CA00C100") == "C1030000019000");
      return;
    }
    CHECK_FALSE(answer.ends_with("9000"));  // no answer went out, whether it was counted or not
  }
  FAIL("INITIALIZE UPDATE never came to its end");
}
