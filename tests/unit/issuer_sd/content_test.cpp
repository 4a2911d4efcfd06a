// SPDX-License-Identifier: Apache-2.0
// INSTALL and DELETE of applications and security domains: GP clauses 11.5, 11.2.
#include "tests/unit/issuer_sd/commands.hpp"

using namespace uicclab;
using namespace uicclab::test;

TEST_CASE("INSTALL: several domains of one built-in module, each selected by its AID; paging of GET STATUS with 6310") {
  Management m;
  REQUIRE(m.open().empty());
  for (int i = 0; i < 12; ++i) {
    const std::string aid = "F0756963630002" + to_hex(Bytes{static_cast<std::uint8_t>(i)});
    CHECK(m.manage("E60C00", install_domain(aid)) == "009000");
  }
  CHECK(list(m, gp::StatusOf::kApplications).size() == 13);
  CHECK(m.manage("F24002", "4F00").ends_with("6310"));
  CHECK(m.manage("F22003", "4F00") == "6985");
  CHECK(m.select("F075696363000203") == "6F108408F075696363000203A5049F6501FF9000");
  m.reset();
  REQUIRE(m.open().empty());
  CHECK(list(m, gp::StatusOf::kApplications).size() == 13);
}

TEST_CASE("INSTALL [for install], then [for make selectable] (GP clause 11.5.2.1)") {
  Management m;
  REQUIRE(m.open().empty());
  CHECK(m.manage("E60400", install_domain(kDomain)) == "009000");
  CHECK(entry(m, kDomain)->life_cycle == gp::kInstalled);
  CHECK(m.select(kDomain) == "6A82");
  REQUIRE(m.open().empty());
  CHECK(m.manage("E60800", only(kDomain)) == "009000");
  CHECK(entry(m, kDomain)->life_cycle == gp::kSelectable);
  CHECK(m.manage("E60800", only(kDomain)) == "6985");
  CHECK(m.manage("E60800", "0000" + lv(kDomain) +
                               "03040000"
                               "0000") == "009000");
  CHECK(entry(m, kDomain)->privileges.has(gp::Privilege::kCardReset));
  CHECK(m.manage("E60800", only("F0756963630002FF")) == "6A88");
}

TEST_CASE("INSTALL [for install]: what is refused, and nothing is left of it") {
  Management m;
  REQUIRE(m.open().empty());
  const auto before = list(m, gp::StatusOf::kApplications);
  struct Case {
    std::string data;
    const char* status;
  };
  const Case cases[] = {
      {install("F0000000000001", kDomainModule, kDomain, "800000"), "6A88"},  // no such load file
      {install(kDomainFile, "A0000001515350FF", kDomain, "800000"), "6A88"},  // no such module
      {install(kDomainFile, "A000000151535042", kDomain, "800000"), "6985"},  // the issuer's domain is one
      {install_domain(kIssuer), "6985"},                                      // the AID is taken
      {install_domain(kUsim), "6985"},
      {install_domain(kDomainFile), "6985"},        // by a load file
      {install_domain(kDomain, "000000"), "6A80"},  // a domain without the privilege
      {install_domain(kDomain, "810000"), "6A80"},  // mandated DAP verification, not verification
      {install_domain(kDomain, "802000"), "6A80"},  // token verification neither
      {install_domain(kDomain, ""), "6A80"},
      {install_domain(kDomain, "40"), "6A80"},
      {install(kDomainFile, kDomainModule, kDomain, "800000", "C90481020270"), "6A80"},      // a protocol other than SCP03
      {install(kDomainFile, kDomainModule, kDomain, "800000", "C9048102038F"), "6A80"},      // options it does not have
      {install(kDomainFile, kDomainModule, kDomain, "800000", "C905"), "6A80"},              // broken parameters
      {install(kDomainFile, kDomainModule, kDomain, "800000", "EF06C804FFFFFFFF"), "6A84"},  // more memory than there is
      {install(kDomainFile, kDomainModule, kDomain, "800000", "C900", "0102"), "6A81"},      // a token
      {install("", kDomainModule, kDomain, "800000"), "6A80"},
      {"00", "6A80"},
      {install_domain(kDomain) + "00", "6A80"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.data);
    CHECK(m.manage("E60C00", c.data) == c.status);
  }
  CHECK(m.manage("E60C01", install_domain(kDomain)) == "6A86");
  CHECK(m.manage("E60000", install_domain(kDomain)) == "6A86");
  CHECK(list(m, gp::StatusOf::kApplications) == before);
}

TEST_CASE("INSTALL: an application module takes its parameters as a text in C9") {
  Management m;
  REQUIRE(m.open().empty());
  const std::string file =
      "F075696363"
      "6C616201";
  const std::string module = file + "01";
  const std::string text = "algorithm=xor;k=00112233445566778899AABBCCDDEEFF";
  const std::string c9 = to_hex(ber::encode(0xC9, as_bytes(text)));
  CHECK(m.manage("E60C00", install(file, module, "A0000000871002F0F0", "000000", c9)) == "009000");
  CHECK(m.manage("E60C00", install(file, module, "A0000000871002F0F1", "000000")) == "6A80");  // no key
  CHECK(m.manage("E60C00", install(file, module, "A0000000871002F0F1", "800000", c9)) == "6A80");
  CHECK(m.select("A0000000871002F0F0").ends_with("9000"));
}

TEST_CASE("DELETE: an application goes with all that was its own; what is in use or built in stays (GP clause 11.2)") {
  Management m;
  REQUIRE(m.open().empty());
  REQUIRE(m.manage("E60C00", install_domain(kDomain)) == "009000");
  CHECK(m.manage("E40000", "4F" + lv(kDomain)) == "009000");
  CHECK_FALSE(entry(m, kDomain));
  CHECK(m.manage("E40000", "4F" + lv(kDomain)) == "6A88");
  CHECK(m.manage("E40000", "4F" + lv(kIssuer)) == "6985");
  CHECK(m.manage("E40000", "4F" + lv(kDomainFile)) == "6985");
  CHECK(m.manage("E40080", "4F" + lv(kDomainFile)) == "6985");
  CHECK(m.manage("E40100", "4F" + lv(kDomain)) == "6A86");
  CHECK(m.manage("E40001", "4F" + lv(kDomain)) == "6A86");
  CHECK(m.manage("E40000", "4F04A0000000") == "6A80");
  CHECK(m.manage("E40000", "4F" + lv(kUsim) + "9E0101") == "6A81");
  // The USIM while another channel has it, then not any more.
  REQUIRE(m.plain("0070000001") == "019000");
  REQUIRE(m.plain("01A404000CA0000000871002FF49FF058900").ends_with("9000"));
  CHECK(m.manage("E40000", "4F" + lv(kUsim)) == "6985");
  CHECK(m.plain("00708001") == "9000");
  CHECK(m.manage("E40000", "4F" + lv(kUsim)) == "009000");
  CHECK(m.select(kUsim) == "6A82");
  m.reset();
  CHECK(m.select(kUsim) == "6A82");
}

TEST_CASE("extradition and domains above domains: DELETE with related objects (GP clauses 9.4, 9.5)") {
  Management m;
  REQUIRE(m.open().empty());
  const std::string below = "F075696363000202";
  REQUIRE(m.manage("E60C00", install_domain(kDomain)) == "009000");
  REQUIRE(m.manage("E60C00", install_domain(below)) == "009000");
  CHECK(m.manage("E61000", lv(kDomain) + "00" + lv(below) + "000000") == "009000");
  CHECK(to_hex(entry(m, below)->domain.bytes()) == kDomain);
  CHECK(m.manage("E61000", lv(below) + "00" + lv(kDomain) + "000000") == "6985");  // in a circle
  CHECK(m.manage("E61000", lv(kUsim) + "00" + lv(below) + "000000") == "6985");    // to what is no domain
  CHECK(m.manage("E61000", lv("F0756963630002FF") + "00" + lv(below) + "000000") == "6A88");
  CHECK(m.manage("E61000", lv(kDomain) + "00" + lv("F0756963630002FF") + "000000") == "6A88");
  CHECK(m.manage("E61000", lv(kDomain) + "00" + lv(kIssuer) + "000000") == "6985");
  CHECK(m.manage("E40000", "4F" + lv(kDomain)) == "6985");
  CHECK(m.manage("E40080", "4F" + lv(kDomain)) == "009000");
  CHECK(list(m, gp::StatusOf::kApplications).size() == 1);
}

TEST_CASE("registry update changes privileges (GP clause 11.5.2.3.6)") {
  Management m;
  REQUIRE(m.open().empty());
  REQUIRE(m.manage("E60C00", install_domain(kDomain)) == "009000");
  CHECK(m.manage("E64000", "0000" + lv(kDomain) +
                               "03804000"
                               "0000") == "009000");
  CHECK(entry(m, kDomain)->privileges.has(gp::Privilege::kAuthorizedManagement));
  CHECK(m.manage("E64000", "0000" + lv(kDomain) +
                               "03000000"
                               "0000") == "6A80");
  CHECK(m.manage("E64000", "0000" + lv(kIssuer) +
                               "03800000"
                               "0000") == "6985");
  CHECK(m.manage("E64000", "0000" + lv("F0756963630002FF") +
                               "03800000"
                               "0000") == "6A88");
}
