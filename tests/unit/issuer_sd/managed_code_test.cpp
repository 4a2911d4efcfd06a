// SPDX-License-Identifier: Apache-2.0
// Load files whose code the card's program can run: LOAD, INSTALL and DELETE as their code sees them, and what becomes of its writes.
// GP clauses 9.3 and 9.5; JCRE chapters 7 and 11.
#include "emulator/power_cut_port.hpp"
#include "gp/card_data.hpp"
#include "tests/support/cap_maker.hpp"
#include "tests/support/dump.hpp"
#include "tests/support/toy_code.hpp"
#include "tests/unit/issuer_sd/commands.hpp"

using namespace uicclab;
using namespace uicclab::test;
using emulator::ObjectId;
using emulator::Space;

namespace {

const std::string kInstance = "F0756963630188";

DomainOptions with(Toy& toy) {
  DomainOptions options;
  options.more_modules.managed = std::make_shared<const ToyCode>(toy);
  return options;
}

struct Stage {
  Stage() : m(with(toy)) { REQUIRE(m.open().empty()); }
  std::string load_it() {
    REQUIRE(m.manage("E60200", lv(cap.package) + "00000000") == "009000");
    return load(m, load_blocks(cap.build()));
  }
  std::string install_it(const std::string& aid = kInstance) {
    return m.manage("E60C00", install(cap.package, cap.applet, aid, "000000", "C902BEEF"));
  }
  std::string remove(const std::string& aid, bool related = false) { return m.manage(related ? "E40080" : "E40000", "4F" + lv(aid)); }
  std::string object(std::uint32_t number) {
    const auto value = m.terminal.card.nvm().read(ObjectId(Space::kCode, 0, number));
    return value ? to_hex(*value) : "";
  }
  std::string slot(std::uint32_t slot) {
    const auto instance = m.terminal.card.session()->runtime().registry().by_aid(*Aid::from(*from_hex(kInstance)));
    const auto value = m.terminal.card.nvm().read(ObjectId(Space::kApplet, instance.value(), slot));
    return value ? to_hex(*value) : "";
  }
  /// What was called since the last question.
  std::string events() {
    std::string all;
    for (const std::string& event : std::exchange(toy.events, {})) all += (all.empty() ? "" : ", ") + event;
    return all;
  }
  void select() {
    m.port.close();
    REQUIRE(m.select(kInstance) == "9000");
    toy.events.clear();
  }

  Toy toy;
  Management m;
  CapMaker cap;
};

}  // namespace

TEST_CASE(
    "managed code: LOAD links, INSTALL calls install() of the new instance, after power-on the module is made again (GP clause 9.3)") {
  Stage s;
  CHECK(s.load_it() == "009000");
  CHECK(s.events() == "session, load 1, committed");
  CHECK(s.object(1001) == "00");
  CHECK(s.install_it() == "009000");
  CHECK(s.events() == "install " + kInstance + " BEEF, committed");
  CHECK(s.object(1) == "AA");
  CHECK(s.object(2) == "DD");
  CHECK(s.slot(1) == "BB");
  CHECK(s.slot(2) == "EE");
  CHECK(entry(s.m, kInstance)->load_file == *Aid::from(*from_hex(s.cap.package)));
  s.select();
  CHECK(s.m.plain("001E000001") == "019000");
  CHECK(s.m.plain("001E000001") == "029000");
  s.m.reset();
  s.select();
  CHECK(s.m.plain("001E000001") == "019000");
  CHECK(s.m.plain("001F010001") == "AA9000");
}

TEST_CASE("managed code: what the program cannot run is loaded and not installed (6A81)") {
  Stage s;
  s.toy.has_modules = false;
  CHECK(s.load_it() == "009000");
  CHECK(s.install_it() == "6A81");
  CHECK_FALSE(entry(s.m, kInstance));
}

TEST_CASE("managed code: a file that cannot be linked is refused by LOAD and leaves nothing (GP clause 9.3.5)") {
  Stage s;
  const Dump before = dump(s.m.terminal.card.nvm());
  s.toy.load = sw::kIncorrectData;
  CHECK(s.load_it() == "6A80");
  CHECK(s.events() == "session, load 1, taken back");
  CHECK_FALSE(entry(s.m, s.cap.package, gp::StatusOf::kLoadFiles));
  CHECK(dump(s.m.terminal.card.nvm()) == before);
}

TEST_CASE(
    "managed code: install() that refuses or throws leaves nothing, not even what it wrote at once (GP clause 9.3; JCRE clause 11.2)") {
  Stage s;
  REQUIRE(s.load_it() == "009000");
  s.events();
  const Dump before = dump(s.m.terminal.card.nvm());
  s.toy.install = sw::kConditionsNotSatisfied;
  CHECK(s.install_it() == "6985");
  CHECK(s.events() == "install " + kInstance + " BEEF, taken back");
  CHECK(dump(s.m.terminal.card.nvm()) == before);
  s.toy.install = sw::kOk;
  s.toy.install_throws = true;
  CHECK(s.install_it() == "6F00");
  CHECK(dump(s.m.terminal.card.nvm()) == before);
  s.toy.install_throws = false;
  REQUIRE(s.m.open().empty());
  s.events();
  CHECK(s.install_it() == "009000");
  CHECK(s.events() == "install " + kInstance + " BEEF, session, committed");  // what threw is not used again
}

TEST_CASE("managed code: each write is final at once; a unit with its end (JCRE chapter 7)") {
  Stage s;
  REQUIRE(s.load_it() == "009000");
  REQUIRE(s.install_it() == "009000");
  s.select();
  CHECK(s.m.plain("00110500025566") == "6985");
  CHECK(s.object(5) == "5566");
  CHECK(s.m.plain("00120600027788") == "9000");
  CHECK(s.object(6) == "7788");
  CHECK(s.m.plain("00130600029999") == "9000");
  CHECK(s.object(6) == "7788");
  CHECK(s.m.plain("00140600029999") == "6F00");  // open at the return
  CHECK(s.object(6) == "7788");
}

TEST_CASE("managed code: a part written at once is kept, even if the unit and the command fail (JCRE clause 7.7)") {
  Stage s;
  REQUIRE(s.load_it() == "009000");
  REQUIRE(s.install_it() == "009000");
  s.select();
  REQUIRE(s.m.plain("00100600021122") == "9000");
  CHECK(s.m.plain("00150600023344 00") == "33449000");
  CHECK(s.object(6) == "3322");
  CHECK(s.m.plain("00160600025566 00") == "6F00");
  CHECK(s.object(6) == "5522");
}

TEST_CASE("managed code: DELETE calls uninstall(), then asks whether others need what goes (GP clause 9.5; JCRE clause 11.3.4)") {
  Stage s;
  REQUIRE(s.load_it() == "009000");
  REQUIRE(s.install_it() == "009000");
  const auto number = std::to_string(*s.m.terminal.card.session()->runtime().registry().by_aid(*Aid::from(*from_hex(kInstance))));
  s.events();
  const Dump before = dump(s.m.terminal.card.nvm());
  CHECK(s.remove(s.cap.package) == "6985");  // an instance of it is there
  CHECK(s.events().empty());
  for (StatusWord* refusal : {&s.toy.remove, &s.toy.uninstall}) {
    *refusal = sw::kConditionsNotSatisfied;
    CHECK(s.remove(kInstance) == "6985");
    CHECK(s.remove(s.cap.package, true) == "6985");
    CHECK(dump(s.m.terminal.card.nvm()) == before);
    *refusal = sw::kOk;
  }
  s.events();
  CHECK(s.remove(s.cap.package, true) == "009000");
  CHECK(s.events() == "uninstall " + kInstance + ", " + "remove i" + number + " f1, committed");
  CHECK_FALSE(entry(s.m, kInstance));
  CHECK_FALSE(entry(s.m, s.cap.package, gp::StatusOf::kLoadFiles));
  CHECK(s.object(1).empty());
  CHECK(s.object(1001).empty());
  CHECK(s.load_it() == "009000");
  CHECK(s.object(1002) == "00");  // numbers of load files are not used again
}

TEST_CASE("managed code: volatile memory is what instances have or reserve; C7 is kept, over power-off too (GP clause 9.7)") {
  Stage s;
  REQUIRE(s.load_it() == "009000");
  const auto left = [&] {
    REQUIRE(s.m.open().empty());
    const std::string answer = s.m.send("80CAFF2100");
    return gp::parse_resources(*from_hex(answer.substr(0, answer.size() - 4))).value().volatile_free;
  };
  const std::uint32_t all = left();
  // C7: 0400 at most; D7: 0100 are kept.
  REQUIRE(s.m.manage("E60C00", install(s.cap.package, s.cap.applet, kInstance, "000000", "EF08C7020400D7020100C900")) == "009000");
  CHECK(left() == all - 0x100);
  s.select();
  CHECK(s.m.plain("001D0080") == "9000");
  CHECK(left() == all - 0x100);
  s.select();
  CHECK(s.m.plain("001D0200") == "9000");
  CHECK(left() == all - 0x280);
  s.select();
  CHECK(s.m.plain("001D0181") == "6A84");
  CHECK(s.m.plain("001D0180") == "9000");
  CHECK(left() == all - 0x400);
  s.m.reset();
  CHECK(left() == all - 0x100);
  s.select();
  CHECK(s.m.plain("001D0401") == "6A84");
}

TEST_CASE("managed code: power cut at every write of LOAD, INSTALL and DELETE: before or after (GP clause 9)") {
  for (const int step : {0, 1, 2}) {
    CAPTURE(step);
    for (std::uint32_t k = 1;; ++k) {
      CAPTURE(k);
      REQUIRE(k < 100);
      Stage s;
      const std::vector<std::function<std::string()>> steps{[&] { return s.load_it(); }, [&] { return s.install_it(); },
                                                            [&] { return s.remove(s.cap.package, true); }};
      for (int i = 0; i < step; ++i) REQUIRE(steps[static_cast<std::size_t>(i)]() == "009000");
      const Dump before = dump(s.m.terminal.card.nvm());
      emulator::PowerCutPort fault(s.m.terminal.card);
      fault.arm(k);
      const std::string answer = steps[static_cast<std::size_t>(step)]();
      if (!fault.was_cut()) {
        CHECK(answer == "009000");
        break;
      }
      CHECK(answer.starts_with("error"));
      Stage reference;
      for (int i = 0; i <= step; ++i) {
        const std::vector<std::function<std::string()>> again{[&] { return reference.load_it(); }, [&] { return reference.install_it(); },
                                                              [&] { return reference.remove(reference.cap.package, true); }};
        REQUIRE(again[static_cast<std::size_t>(i)]() == "009000");
      }
      const Dump now = dump(s.m.terminal.card.nvm());
      CHECK((now == before || now == dump(reference.m.terminal.card.nvm())));
    }
  }
}
