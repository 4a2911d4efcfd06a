// SPDX-License-Identifier: Apache-2.0
// Supplementary security domains: what they are born with, whose keys open them, and how they come to their own (GP clauses 7.2, 7.3, 9.4).
#include "tests/unit/issuer_sd/commands.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

constexpr std::string_view kBelow = "F075696363000202";
constexpr std::string_view kParentKey = "11111111111111111111111111111111";

/// First bytes of the answer to INITIALIZE UPDATE: diversification data, key version, protocol.
std::string introduces(Management& m, std::string_view aid) {
  m.port.close();
  CHECK(m.select(aid).ends_with("9000"));
  return m.plain("8050000008010203040506070800").substr(0, 24);
}

bool opens(Management& m, std::string_view aid, std::string_view key, std::uint8_t version) {
  return m.open(scp03::Level::kAll, key, version, aid).empty();
}

void put_own_key(Management& m, std::string_view aid, std::string_view key, std::uint8_t version, std::string_view by = kTestKey,
                 std::uint8_t by_version = 0x30) {
  REQUIRE(opens(m, aid, by, by_version));
  REQUIRE(m.manage("D80081", put_key_data(m, key, version)).ends_with("9000"));
}

void extradite(Management& m, std::string_view to, std::string_view what) {
  REQUIRE(m.open().empty());
  REQUIRE(m.manage("E61000", lv(to) + "00" + lv(what) + "000000") == "009000");
}

struct Bench : Management {
  Bench() {
    REQUIRE(open().empty());
    REQUIRE(manage("E60C00", install_domain(kDomain)) == "009000");
    REQUIRE(manage("E60C00", install_domain(kBelow)) == "009000");
  }
};

}  // namespace

TEST_CASE("a new domain has zeros for diversification data, no keys of its own, and the card data of the rest") {
  Bench m;
  CHECK(introduces(m, kDomain) ==
        "00000000000000000000"
        "3003");
  CHECK(m.plain("80CA00CF00") == "CF0A000000000000000000009000");
  CHECK(m.plain("80CA00E000") == "E0009000");
  CHECK(m.plain("80CA004200") == "6A88");
  CHECK(m.plain("80CA9F7F00") == "6A88");
  CHECK(m.plain("80CA006600").starts_with("66"));
}

TEST_CASE(
    "personalization through the domain above: diversification data and identification belong only to the new domain (GP clause 7.3.3)") {
  Bench m;
  REQUIRE(m.manage("E62000", only(kDomain)) == "009000");
  REQUIRE(m.manage("E29000",
                   "CF0A112233445566778899AA"
                   "4203010203") == "9000");
  CHECK(introduces(m, kDomain) ==
        "112233445566778899AA"
        "3003");
  CHECK(m.plain("80CA004200") == "42030102039000");
  CHECK(introduces(m, kBelow).starts_with("00000000000000000000"));
  CHECK(introduces(m, kIssuer).starts_with("00010203040506070809"));
  m.reset();
  CHECK(introduces(m, kDomain).starts_with("112233445566778899AA"));
}

TEST_CASE("a domain without keys is opened with those of the domain above, which extradition changes; own keys end that (GP clause 9.4)") {
  Bench m;
  put_own_key(m, kDomain, kParentKey, 0x31);
  CHECK(opens(m, kBelow, kTestKey, 0x30));
  extradite(m, kDomain, kBelow);
  CHECK_FALSE(opens(m, kBelow, kTestKey, 0x30));
  CHECK(opens(m, kBelow, kParentKey, 0x31));
  put_own_key(m, kBelow, kNewKey, 0x32, kParentKey, 0x31);
  CHECK_FALSE(opens(m, kBelow, kParentKey, 0x31));
  CHECK(opens(m, kBelow, kNewKey, 0x32));
  extradite(m, kIssuer, kBelow);
  CHECK(opens(m, kBelow, kNewKey, 0x32));  // its own keys go where it goes
  CHECK_FALSE(opens(m, kBelow, kTestKey, 0x30));
}

TEST_CASE("key sets belong to one domain only: versions, counters, DELETE [key]") {
  Bench m;
  put_own_key(m, kDomain, kParentKey, 0x30);
  put_own_key(m, kBelow, kNewKey, 0x30);
  CHECK(opens(m, kDomain, kParentKey, 0x30));
  CHECK(opens(m, kBelow, kNewKey, 0x30));
  CHECK(opens(m, kIssuer, kTestKey, 0x30));
  CHECK_FALSE(opens(m, kBelow, kParentKey, 0x30));
  REQUIRE(opens(m, kBelow, kNewKey, 0x30));
  const std::string counter = m.send("80CA00C100");
  REQUIRE(opens(m, kDomain, kParentKey, 0x30));
  REQUIRE(opens(m, kBelow, kNewKey, 0x30));
  CHECK(m.send("80CA00C100") != counter);
  // Without keys again, it borrows again.
  CHECK(m.manage("E40000", "D20130") == "009000");
  CHECK(opens(m, kBelow, kTestKey, 0x30));
  CHECK(opens(m, kDomain, kParentKey, 0x30));
}

TEST_CASE("key versions of another purpose (DAP, token, receipt) are kept and listed, and open no session") {
  Management m;
  REQUIRE(m.open().empty());
  for (const int version : {0x11, 0x70, 0x71, 0x73}) {
    CAPTURE(version);
    REQUIRE(m.manage("D80081", put_key_data(m, kNewKey, static_cast<std::uint8_t>(version))).ends_with("9000"));
    CHECK(m.send("80CA00E000").find("C00401" + to_hex(Bytes{static_cast<std::uint8_t>(version)}) + "8810") != std::string::npos);
    CHECK_FALSE(opens(m, kIssuer, kNewKey, static_cast<std::uint8_t>(version)));
    REQUIRE(m.open().empty());
  }
  CHECK(m.manage("E40000", "D20130") == "6985");  // they are no way in
}

TEST_CASE("a deleted domain takes its keys and its data with it: the next of that name begins as new") {
  Bench m;
  put_own_key(m, kDomain, kParentKey, 0x31);
  REQUIRE(m.manage("E29000", "4502AABB") == "9000");
  REQUIRE(m.open().empty());
  REQUIRE(m.manage("E40000", "4F" + lv(kDomain)) == "009000");
  REQUIRE(m.manage("E60C00", install_domain(kDomain)) == "009000");
  CHECK(entry(m, kDomain)->life_cycle == gp::kSelectable);
  CHECK_FALSE(opens(m, kDomain, kParentKey, 0x31));
  CHECK(opens(m, kDomain, kTestKey, 0x30));
  CHECK(m.send("80CA004500") == "6A88");
}

TEST_CASE("a domain with authorized management installs under itself, and lists and deletes only that (GP clauses 9.1, 9.3)") {
  Management m;
  REQUIRE(m.open().empty());
  REQUIRE(m.manage("E60C00", install_domain(kDomain, "804000")) == "009000");
  REQUIRE(m.open(scp03::Level::kAll, kTestKey, 0x30, kDomain).empty());
  REQUIRE(m.manage("E60C00", install_domain(kBelow)) == "009000");
  const auto all = list(m, gp::StatusOf::kApplications);
  CHECK(all.size() == 2);
  CHECK(to_hex(entry(m, kBelow)->domain.bytes()) == kDomain);
  CHECK(m.manage("E40000", "4F" + lv(kUsim)) == "6985");
  CHECK(m.manage("F04080", kUsim) == "6985");
  CHECK(m.manage("E61000", lv(kIssuer) + "00" + lv(kUsim) + "000000") == "6985");
  CHECK(m.manage("E62000", only(kUsim)) == "6985");
  CHECK(m.manage("E62000", only(kBelow)) == "009000");
  CHECK(m.manage("E40000", "4F" + lv(kBelow)) == "009000");
}

TEST_CASE("SELECT: the FCI of the profile is answered byte for byte, as long as it has the domain's AID (GP clause 11.9.3.1)") {
  // Of a real card: 73 before 9F6E and 9F65, of FE.
  const std::string fci =
      "6F458408" + std::string(kIssuer) +
      "A539732F06072A864886FC6B01600C060A2A864886FC6B02020101630906072A864886FC6B03640B06092A864886FC6B0402159F6E01079F6501FE";
  DomainOptions options;
  options.fci = fci;
  Management m(options);
  CHECK(m.select(kIssuer) == fci + "9000");
  REQUIRE(m.open().empty());
  CHECK(m.manage("E29000", "4F05F000000001") == "9000");  // another AID: the FCI of the profile would lie
  CHECK(m.select("F000000001") == "6F0D8405F000000001A5049F6501FF9000");
  for (const char* wrong : {"00", "8408A000000151000000", "6F02A500", "6F0A8408A0000001510000", "6F0184"}) {
    CAPTURE(wrong);
    options.fci = wrong;
    CHECK_THROWS(domain_image(options));
  }
}
