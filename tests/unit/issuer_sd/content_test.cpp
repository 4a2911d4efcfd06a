// Card content management through the issuer security domain: keys, life cycles, INSTALL, LOAD, DELETE, STORE DATA.
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
  REQUIRE(files.size() == 3);
  CHECK(to_hex(files[1].aid.bytes()) == kDomainFile);
  CHECK(files[1].modules.size() == 2);
  CHECK(m.manage("F22002", "4F00").ends_with("9000"));
  CHECK(m.manage("F24000", "4F00") == "0CA0000000871002FF49FF05890700" "9000");
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
  CHECK(m.manage("E60800", "0000" + lv(kDomain) + "03040000" "0000") == "009000");
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
      {install("F0000000000001", kDomainModule, kDomain, "800000"), "6A88"},               // no such load file
      {install(kDomainFile, "A0000001515350FF", kDomain, "800000"), "6A88"},               // no such module
      {install(kDomainFile, "A000000151535042", kDomain, "800000"), "6985"},               // the issuer's domain is one
      {install_domain(kIssuer), "6985"},                                                   // the AID is taken
      {install_domain(kUsim), "6985"},
      {install_domain(kDomainFile), "6985"},                                               // by a load file
      {install_domain(kDomain, "000000"), "6A80"},                                         // a domain without the privilege
      {install_domain(kDomain, "C00000"), "6A80"},                                         // DAP verification: not on this card
      {install_domain(kDomain, "802000"), "6A80"},                                         // token verification neither
      {install_domain(kDomain, ""), "6A80"},
      {install_domain(kDomain, "40"), "6A80"},
      {install(kDomainFile, kDomainModule, kDomain, "800000", "C90481020270"), "6A80"},    // a protocol other than SCP03
      {install(kDomainFile, kDomainModule, kDomain, "800000", "C9048102038F"), "6A80"},    // options it does not have
      {install(kDomainFile, kDomainModule, kDomain, "800000", "C905"), "6A80"},            // broken parameters
      {install(kDomainFile, kDomainModule, kDomain, "800000", "EF06C804FFFFFFFF"), "6A84"},  // more memory than there is
      {install(kDomainFile, kDomainModule, kDomain, "800000", "C900", "0102"), "6A81"},    // a token
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
  const std::string file = "F075696363" "6C616201";
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
  CHECK(m.manage("E64000", "0000" + lv(kDomain) + "03804000" "0000") == "009000");
  CHECK(entry(m, kDomain)->privileges.has(gp::Privilege::kAuthorizedManagement));
  CHECK(m.manage("E64000", "0000" + lv(kDomain) + "03000000" "0000") == "6A80");
  CHECK(m.manage("E64000", "0000" + lv(kIssuer) + "03800000" "0000") == "6985");
  CHECK(m.manage("E64000", "0000" + lv("F0756963630002FF") + "03800000" "0000") == "6A88");
}

TEST_CASE("a supplementary domain: its own keys, and only what is its own (GP clauses 7.3, 9.1)") {
  Management m;
  REQUIRE(m.open().empty());
  REQUIRE(m.manage("E60C00", install_domain(kDomain)) == "009000");
  // Until it has keys, those of the issuer open it; they are not told as its own, which clients would replace.
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
  CHECK(m.manage("D83281", good) == "6A88");                           // nothing to replace
  CHECK(m.manage("D80001", good) == "6A80");                           // three keys, announced as one
  CHECK(m.manage("D80080", good) == "6A86");                           // identifier 0
  CHECK(m.manage("D800FE", good) == "6A80");                           // identifiers beyond 7F
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
  CHECK(gp::is_locked(entry(m, below)->life_cycle));
  CHECK(m.manage("F06000", kDomain) == "9000");
  CHECK_FALSE(gp::is_locked(entry(m, below)->life_cycle));
  CHECK(m.manage("F06080", kUsim) == "6985");
}

TEST_CASE("STORE DATA: BER-TLV and DGI, in one block and chained; a new AID (GP clause 11.11)") {
  Management m;
  REQUIRE(m.open().empty());
  CHECK(m.manage("E29000", "4502AABB") == "9000");
  CHECK(m.send("80CA004500") == "4502AABB9000");
  CHECK(m.manage("E28800", "007004" "4202CCDD") == "9000");
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
  CHECK(m.manage("E2F000", "4502AABB") == "6A81");  // ciphered
  CHECK(m.manage("E29800", "4502AABB") == "6A81");  // a structure that is not defined
  CHECK(m.manage("E28000", "4502AA") == "6A80");    // none told: data objects
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
