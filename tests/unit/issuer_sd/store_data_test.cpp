// SPDX-License-Identifier: Apache-2.0
// STORE DATA and INSTALL [for personalization]: GP clauses 11.11, 7.3.3.
#include "tests/unit/issuer_sd/commands.hpp"

using namespace uicclab;
using namespace uicclab::test;

TEST_CASE("STORE DATA: BER-TLV and DGI, in one block and chained; a new AID (GP clause 11.11)") {
  Management m;
  REQUIRE(m.open().empty());
  CHECK(m.manage("E29000", "4502AABB") == "9000");
  CHECK(m.send("80CA004500") == "4502AABB9000");
  CHECK(m.manage("E28800",
                 "007004"
                 "4202CCDD") == "9000");
  CHECK(m.send("80CA004200") == "4202CCDD9000");
  CHECK(m.manage("E21000", "4502") == "9000");
  CHECK(m.send("80CA004500") == "4502AABB9000");
  CHECK(m.manage("E29001", "0102") == "9000");
  CHECK(m.send("80CA004500") == "450201029000");
  CHECK(m.manage("E29000", "4F05F000000001") == "9000");
  CHECK(m.plain("00A4040000") == "6F0D8405F000000001A5049F6501FF9000");
  CHECK(m.select(kIssuer) == "6A82");
  CHECK(m.open(scp03::Level::kAll, kTestKey, 0x30, "F000000001").empty());
}

TEST_CASE("STORE DATA without a structure brings data objects; parts of the CPLC (GP table 11-89)") {
  Management m;
  REQUIRE(m.open().empty());
  CHECK(m.manage("E28000", "4502AABB") == "9000");
  CHECK(m.send("80CA004500") == "4502AABB9000");
  const std::string nothing(16, '0');
  REQUIRE(m.manage("E29000", "9F7F2A" + std::string(52, '0') + nothing + nothing) == "9000");
  CHECK(m.manage("E28000", "9F67080102030405060708") == "9000");
  CHECK(m.manage("E28100", "9F66081112131415161718") == "9000");
  CHECK(m.send("80CA9F7F00") == "9F7F2A" + std::string(52, '0') + "010203040506070811121314151617189000");
  CHECK(m.manage("E28000", "9F660711121314151617") == "6A80");
}

TEST_CASE("STORE DATA: what is refused leaves nothing") {
  Management m;
  REQUIRE(m.open().empty());
  CHECK(m.manage("E29001", "4502AABB") == "6A86");
  CHECK(m.manage("E29000", "4502AABB7700") == "6A88");  // the first object neither
  CHECK(m.send("80CA004500") == "6A88");
  CHECK(m.manage("E29000", "45") == "6A80");
  CHECK(m.manage("E29000", "") == "6A80");
  CHECK(m.manage("E2F000", "4502AABB") == "6A81");                // ciphered
  CHECK(m.manage("E29800", "4502AABB") == "6A81");                // a structure that is not defined
  CHECK(m.manage("E28000", "4502AA") == "6A80");                  // no structure given: data objects
  CHECK(m.manage("E28000", "9F66080102030405060708") == "6A88");  // of a CPLC that is not there
  CHECK(m.manage("E28800", "8F0102AABB") == "6A88");
  CHECK(m.manage("E28800", "0070") == "6A80");
  CHECK(m.manage("E29000", "9F7F0147") == "6A80");
  CHECK(m.manage("E29000", "CF0147") == "6A80");
  CHECK(m.manage("E29000", "4F02F000") == "6A80");
  CHECK(m.manage("E29000", "4F0C" + std::string(kUsim)) == "6985");
}

TEST_CASE("INSTALL [for personalization]: STORE DATA goes to the application named (GP clause 7.3.3)") {
  Management m;
  REQUIRE(m.open().empty());
  REQUIRE(m.manage("E60C00", install_domain(kDomain)) == "009000");
  CHECK(m.manage("E62000", only("F0756963630002FF")) == "6A88");
  CHECK(m.manage("E62000", only(kIssuer)) == "6985");
  CHECK(m.manage("E62000", only(kDomain)) == "009000");
  CHECK(m.manage("E21000", "4502") == "9000");
  CHECK(m.manage("E29001", "1122") == "9000");
  CHECK(m.send("80CA004500") == "6A88");  // not the issuer's
  m.select(kDomain);
  CHECK(m.plain("80CA004500") == "450211229000");
  // The USIM has nothing that could be stored.
  REQUIRE(m.open().empty());
  CHECK(m.manage("E62000", only(kUsim)) == "009000");
  CHECK(m.manage("E28000", "4502AABB") == "6985");
}
