// SPDX-License-Identifier: Apache-2.0
// PUT KEY and DELETE [key]: GP clauses 11.8, 11.2.2.3.2.
#include "tests/unit/issuer_sd/commands.hpp"

using namespace uicclab;
using namespace uicclab::test;

TEST_CASE("a supplementary domain: its own keys, and only what is its own (GP clauses 7.3, 9.1)") {
  Management m;
  REQUIRE(m.open().empty());
  REQUIRE(m.manage("E60C00", install_domain(kDomain)) == "009000");
  // Until it has keys, those of the issuer open it; they are not reported as its own, because clients would replace them.
  REQUIRE(m.open(scp03::Level::kAll, kTestKey, 0x30, kDomain).empty());
  CHECK(m.send("80CA00E000") == "E0009000");
  CHECK(m.manage("D80081", put_key_data(m, kNewKey, 0x31)).ends_with("9000"));
  CHECK(m.send("80CA00E000") == "E012C00401318810C00402318810C004033188109000");
  REQUIRE(m.open(scp03::Level::kAll, kNewKey, 0x31, kDomain).empty());
  CHECK(m.open(scp03::Level::kAll, kTestKey, 0x30, kDomain) != "");
  REQUIRE(m.open(scp03::Level::kAll, kNewKey, 0x31, kDomain).empty());
  CHECK(list(m, gp::StatusOf::kApplications).size() == 1);
  CHECK(list(m, gp::StatusOf::kIssuerDomain).empty());
  CHECK(entry(m, kDomain)->life_cycle == gp::kPersonalized);
  // No management without the privilege.
  CHECK(m.manage("E60C00", install_domain("F075696363000209")) == "6985");
  CHECK(m.manage("E40000", "4F" + lv(kUsim)) == "6985");
  CHECK(m.manage("E60200", lv("F0756963630105") + "00000000") == "6985");
  CHECK(m.manage("F0807F", "") == "6985");
  CHECK(m.manage("F04080", kUsim) == "6985");
  CHECK(m.manage("F04080", kDomain) == "6985");  // nor itself
}

TEST_CASE("PUT KEY: new, replaced, replaced under another version; the card follows (GP clause 11.8)") {
  Management m;
  REQUIRE(m.open().empty());
  CHECK(m.manage("D80081", put_key_data(m, kNewKey, 0x31)) == "31C35280C35280C352809000");
  CHECK(m.send("80CA00E000") == "E024C00401308810C00402308810C00403308810C00401318810C00402318810C004033188109000");
  REQUIRE(m.open(scp03::Level::kAll, kNewKey, 0x31).empty());
  CHECK(m.manage("D83181", put_key_data(m, kTestKey, 0x31)).ends_with("9000"));
  REQUIRE(m.open(scp03::Level::kAll, kTestKey, 0x31).empty());
  CHECK(m.manage("D83181", put_key_data(m, kNewKey, 0x01)).ends_with("9000"));
  CHECK(m.open(scp03::Level::kAll, kTestKey, 0x31) != "");
  REQUIRE(m.open(scp03::Level::kAll, kNewKey, 0x01).empty());
  m.reset();
  REQUIRE(m.open(scp03::Level::kAll, kNewKey, 0x01).empty());
  CHECK(m.manage("E40000", "D20130") == "009000");
  CHECK(m.open() != "");
  REQUIRE(m.open(scp03::Level::kAll, kNewKey, 0x00).empty());  // the default is what is left
}

TEST_CASE("PUT KEY: what is refused, with the keys as they were") {
  Management m;
  REQUIRE(m.open().empty());
  const std::string keys = m.send("80CA00E000");
  const std::string good = put_key_data(m, kNewKey, 0x31);
  std::string bad_check = good;
  bad_check.back() = bad_check.back() == '0' ? '1' : '0';
  CHECK(m.manage("D80081", bad_check) == "9485");
  CHECK(m.manage("D80081", put_key_data(m, kNewKey, 0x30)) == "6A80");  // there already
  CHECK(m.manage("D83281", good) == "6A88");                            // nothing to replace
  CHECK(m.manage("D80001", good) == "6A80");                            // three keys, announced as one
  CHECK(m.manage("D80080", good) == "6A86");                            // identifier 0
  CHECK(m.manage("D800FE", good) == "6A80");                            // identifiers beyond 7F
  CHECK(m.manage("D80081", "") == "6A80");
  CHECK(m.manage("D80081", good.substr(0, good.size() - 2)) == "6A80");
  CHECK(m.manage("D80081", "31A1021234A003010001") == "9484");  // RSA
  CHECK(m.manage("D80081", "00" + good.substr(2)) == "6A80");
  CHECK(m.manage("D80081", "80" + good.substr(2)) == "6A80");
  // One key of the only set moved to another version would leave no set whole.
  CHECK(m.manage("D83001", "32" + good.substr(2, 2 * 23)) == "6985");
  CHECK(m.send("80CA00E000") == keys);
}

TEST_CASE("DELETE [key]: by version, by identifier; the last way in stays") {
  Management m;
  REQUIRE(m.open().empty());
  CHECK(m.manage("E40000", "D20131") == "6A88");
  CHECK(m.manage("E40000", "D20130") == "6985");
  CHECK(m.manage("E40000", "D00101D20130") == "6985");
  REQUIRE(m.manage("D80081", put_key_data(m, kNewKey, 0x31)).ends_with("9000"));
  CHECK(m.manage("E40000", "D00101D20131") == "009000");
  CHECK(m.manage("E40000", "D00101D20131") == "6A88");
  CHECK(m.manage("E40000", "D20131") == "009000");
  CHECK(m.send("80CA00E000") == "E012C00401308810C00402308810C004033088109000");
}
