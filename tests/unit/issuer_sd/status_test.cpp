// SPDX-License-Identifier: Apache-2.0
// GET STATUS and SET STATUS: GP clauses 11.4, 11.10.
#include "tests/unit/issuer_sd/commands.hpp"

using namespace uicclab;
using namespace uicclab::test;

TEST_CASE("GET STATUS: what the card has from its profile (GP clause 11.4)") {
  Management m;
  REQUIRE(m.open().empty());
  const auto applications = list(m, gp::StatusOf::kApplications);
  REQUIRE(applications.size() == 1);
  CHECK(to_hex(applications[0].aid.bytes()) == kUsim);
  CHECK(to_hex(applications[0].domain.bytes()) == kIssuer);
  CHECK(applications[0].life_cycle == gp::kSelectable);
  const auto files = list(m, gp::StatusOf::kLoadFilesAndModules);
  REQUIRE(files.size() == 9);
  CHECK(to_hex(files[1].aid.bytes()) == kDomainFile);
  CHECK(files[1].modules.size() == 2);
  CHECK(list(m, gp::StatusOf::kLoadFiles).size() == 9);
  CHECK(m.manage("F24000", "4F00") ==
        "0CA0000000871002FF49FF05890700"
        "9000");
  CHECK(m.manage("F24002", "4F00 5C034F9F70").ends_with("9000"));
}

TEST_CASE("GET STATUS: other P1 and P2, data that is no search, next of nothing") {
  Management m;
  REQUIRE(m.open().empty());
  CHECK(m.manage("F2C002", "4F00") == "6A86");
  CHECK(m.manage("F20002", "4F00") == "6A86");
  CHECK(m.manage("F24004", "4F00") == "6A86");
  CHECK(m.manage("F24002", "") == "6A80");
  CHECK(m.manage("F24002", "5000") == "6A80");
  CHECK(m.manage("F24002", "4F") == "6A80");
  CHECK(m.manage("F24003", "4F00") == "6985");
  CHECK(m.manage("F24002", "4F03A00001") == "6A88");
}

TEST_CASE("SET STATUS: steps that do not exist, and there and back between SECURED and CARD_LOCKED (GP figure 5-1)") {
  Management m;
  REQUIRE(m.open().empty());
  CHECK(m.manage("F0800F", "") == "6985");
  CHECK(m.manage("F0807F", "") == "6985");
  CHECK(m.manage("F08001", "") == "6985");
  CHECK(m.manage("F08003", "") == "6A86");
  CHECK(m.manage("F02007", "") == "6A86");
  CHECK(m.manage("F08007", kIssuer) == "9000");
  CHECK(m.manage("F0800F", "") == "9000");
  CHECK(m.manage("F08007", "") == "6985");
  CHECK(m.manage("F0807F", "") == "9000");
  CHECK(m.manage("F0807F", "") == "6985");
  m.reset();
  REQUIRE(m.open().empty());
  CHECK(m.manage("F0800F", "") == "9000");
  CHECK(m.select(kUsim).ends_with("9000"));
}

TEST_CASE("SET STATUS: an application is locked, cannot be selected, and is unlocked to what it was (GP clause 5.3.1.4)") {
  Management m;
  REQUIRE(m.open().empty());
  CHECK(m.manage("F04000", kUsim) == "6985");
  CHECK(m.manage("F04080", kUsim) == "9000");
  CHECK(m.manage("F04080", kUsim) == "6985");
  CHECK(entry(m, kUsim)->life_cycle == (gp::kSelectable | gp::kLockedBit));
  CHECK(m.select(kUsim) == "6A82");
  m.reset();
  CHECK(m.select(kUsim) == "6A82");
  REQUIRE(m.open().empty());
  CHECK(m.manage("F04000", kUsim) == "9000");
  CHECK(m.select(kUsim).ends_with("9000"));
  REQUIRE(m.open().empty());
  CHECK(m.manage("F04080", kIssuer) == "6985");
  CHECK(m.manage("F04080", "F0756963630002FF") == "6A88");
  CHECK(m.manage("F04080", "F075") == "6A80");
  // A domain with what is below it.
  const std::string below = "F075696363000202";
  REQUIRE(m.manage("E60C00", install_domain(kDomain)) == "009000");
  REQUIRE(m.manage("E60C00", install_domain(below)) == "009000");
  REQUIRE(m.manage("E61000", lv(kDomain) + "00" + lv(below) + "000000") == "009000");
  CHECK(m.manage("F06080", kDomain) == "9000");
  CHECK(gp::is_locked(entry(m, below)->life_cycle.value()));
  CHECK(m.manage("F06000", kDomain) == "9000");
  CHECK_FALSE(gp::is_locked(entry(m, below)->life_cycle.value()));
  CHECK(m.manage("F06080", kUsim) == "6985");
}
