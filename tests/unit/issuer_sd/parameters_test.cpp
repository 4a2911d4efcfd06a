// SPDX-License-Identifier: Apache-2.0
// Install parameters on the card: what an instance keeps of them, and what they may ask for.
#include "tests/unit/issuer_sd/commands.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

/// EA with a toolkit field: MSL and TARs as they are coded.
std::string toolkit(std::string_view msl, std::string_view tars) {
  return to_hex(ber::encode(0xEA, ber::encode(0x80, *from_hex("FF00000000" + lv(msl) + lv(tars) + "00"))));
}

std::string with(std::string_view aid, std::string_view parameters) {
  return install(kDomainFile, kDomainModule, aid, "800000", parameters);
}

emulator::Registry& registry(Management& m) {
  return m.terminal.card.session()->runtime().registry();
}

}  // namespace

TEST_CASE("INSTALL: TARs and minimum security level stay with the instance and go with it (TS 102 226 clause 8.2.1.3.2.2.1)") {
  Management m;
  REQUIRE(m.open().empty());
  CHECK(m.manage("E60C00", with(kDomain, "C900" + toolkit("0116", "B00130B00131"))) == "009000");
  for (int pass = 0; pass < 2; ++pass) {
    const auto number = registry(m).by_tar(Tar{{0xB0, 0x01, 0x31}});
    REQUIRE(number);
    CHECK(registry(m).by_tar(Tar{{0xB0, 0x01, 0x30}}) == number);
    CHECK_FALSE(registry(m).by_tar(Tar{{0xB0, 0x01, 0x32}}));
    CHECK(registry(m).find(*number)->uicc.toolkit->minimum_spi1 == 0x16);
    m.reset();
  }
  REQUIRE(m.open().empty());
  CHECK(m.manage("E40000", "4F" + lv(kDomain)) == "009000");
  CHECK_FALSE(registry(m).by_tar(Tar{{0xB0, 0x01, 0x31}}));
}

TEST_CASE("INSTALL: without a TAR among its toolkit parameters an instance has that of its AID (TS 101 220 annex D)") {
  Management m;
  REQUIRE(m.open().empty());
  const std::string aid = "F0756963630002010000000042434400";
  CHECK(m.manage("E60C00", with(aid, "C900" + toolkit("", ""))) == "009000");
  CHECK(registry(m).by_tar(Tar{{0x42, 0x43, 0x44}}));
  CHECK(m.manage("E60C00", with(kDomain, "C900")) == "009000");
  CHECK(registry(m).tars(*registry(m).find(*registry(m).by_aid(*Aid::from(*from_hex(kDomain))))).empty());
}

TEST_CASE("INSTALL: a TAR that another instance has, or toolkit parameters that cannot be, are refused; nothing is left") {
  Management m;
  REQUIRE(m.open().empty());
  REQUIRE(m.manage("E60C00", with(kDomain, "C900" + toolkit("", "B00130"))) == "009000");
  const auto before = list(m, gp::StatusOf::kApplications);
  const std::string other = "F075696363000202";
  CHECK(m.manage("E60C00", with(other, "C900" + toolkit("", "B00129B00130"))) == "6A80");
  CHECK(m.manage("E60C00", with(other, "C900" + toolkit("", "B001"))) == "6A80");
  CHECK(m.manage("E60C00", with(other, "C900" + toolkit("0201", "B00129"))) == "6A81");
  CHECK(m.manage("E60C00", with(other,
                                "C900"
                                "EA02C300")) == "6A81");
  CHECK(m.manage("E60C00", with(other,
                                "C900"
                                "EF07CA05"
                                "0100FF0000")) == "6A80");
  CHECK(list(m, gp::StatusOf::kApplications) == before);
  CHECK(m.manage("E60C00", with(other, "C900" + toolkit("", "B00129"))) == "009000");
}
