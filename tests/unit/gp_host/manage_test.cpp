// SPDX-License-Identifier: Apache-2.0
#include "gp/host/words.hpp"
#include "tests/unit/gp_host/bench.hpp"

using namespace uicclab;
using namespace uicclab::test;
using namespace uicclab::gp::host;
using scp03::Level;

namespace {

constexpr std::string_view kNew = "A0A1A2A3A4A5A6A7A8A9AAABACADAEAF";
const Aid kDomainFileAid = *Aid::from("A0000001515350"_h);
const Aid kDomainModuleAid = *Aid::from("A000000151535041"_h);
const Aid kMine = *Aid::from("F00000000001"_h);

gp::InstallFields second_domain() {
  gp::InstallFields fields;
  fields.first = kDomainFileAid;
  fields.second = kDomainModuleAid;
  fields.third = kMine;
  fields.privileges = gp::Privileges{gp::Privilege::kSecurityDomain};
  fields.parameters = to_bytes("C900"_h);
  return fields;
}

}  // namespace

TEST_CASE("host information: the card's data that need no keys (GP clause 11.3, annex H)") {
  Client client;
  const CardInformation& card = client.information;
  CHECK(to_hex(card.domain.aid.bytes()) == kIssuer);
  CHECK(card.domain.longest_command_data == 255);
  CHECK(to_hex(card.issuer_identification) == "0102030405");
  CHECK(to_hex(card.diversification) == "00010203040506070809");
  CHECK(card.sequence_counter == 0);
  CHECK(card.mode_of(3) == 0x70);
  CHECK_FALSE(card.mode_of(2));
  REQUIRE(card.keys.size() == 3);
  CHECK(card.keys[0] == gp::KeyInformation{gp::KeyId{1}, KeyVersion{0x30}, gp::kAesKey, 16});
  CHECK(card.oids ==
        std::vector<std::string>{"1.2.840.114283.1  card recognition data", "1.2.840.114283.2.2.3  card management type and version",
                                 "1.2.840.114283.3  card identification scheme", "1.2.840.114283.4.3.112  secure channel protocol"});
  CHECK(capability_lines(card.capabilities).at(0) == "SCP03 i=70, AES-128 AES-192 AES-256");
  CHECK(card.resources);
  CHECK(card.oddities.empty());
}

TEST_CASE("host information: the answers of a real card of NXP are read (JCOP on P71)") {
  // Gp4Net, docs/traces/gp_pro_card_info.txt
  const auto domain = SelectedDomain::parse("6F108408A000000151000000A5049F6501FF"_h);
  REQUIRE(domain);
  CHECK(to_hex(domain->aid.bytes()) == kIssuer);
  const auto lines = capability_lines("6728A00D800103810500102060708201078103E5BEC082031E030083010284010285017B86010C87017B"_h);
  CHECK(lines.at(0) == "SCP03 i=00 10 20 60 70, AES-128 AES-192 AES-256");
  CHECK(lines.at(3) == "hashes of load files: SHA-256");
  const auto cplc = "4790D3214700000000002345558919204839000000000000000018649535383931390000000000000000"_h;
  const auto fields = cplc_fields(cplc);
  REQUIRE(fields.size() == 18);
  CHECK(fields[0].first == "IC fabricator");
  CHECK(to_hex(fields[0].second) == "4790");
  CHECK(to_hex(fields[6].second) == "55891920");
  CHECK(cplc_fields("00"_h).empty());
}

TEST_CASE("host information: missing or wrong data of a card are not fatal (GP clause 11.3.3.2)") {
  Client client;
  client.between.bend = [](const Bytes& command, Bytes& answer) {
    if (command[1] == 0xCA) answer = command[3] == 0xE0 ? to_bytes("E003C00130 9000"_h) : Bytes{0x6A, 0x88};
  };
  const auto card = client.manager.connect();
  REQUIRE(card);
  CHECK(card->keys.empty());
  CHECK(card->protocols.empty());
  CHECK(card->oddities.size() == 1);
  client.between.bend = nullptr;
  CHECK(client.open().empty());  // without a word about protocol and keys the answer to INITIALIZE UPDATE has to do
}

TEST_CASE("host selection: a missing or wrong FCI, or a refusal, is reported (GP clause 11.9.3)") {
  for (const auto& [answer, text] : {std::pair{"9000", "without file control information"}, std::pair{"6F0384019F9000", "5 to 16 bytes"},
                                     std::pair{"6A82", "6A82: there is no application with this AID"}}) {
    Client client;
    const Bytes bytes = *from_hex(answer);
    client.between.bend = [&](const Bytes&, Bytes& out) { out = bytes; };
    CHECK(contains(text_of(client.manager.connect()), text));
  }
  Manager::Options options;
  options.domain = *Aid::from("A000000151000009"_h);
  Terminal terminal(domain_image(), Protocol::kT1);
  SeededRandom random{1};
  Manager manager(terminal.card, random, options);
  CHECK(contains(text_of(manager.connect()), "SELECT answered 6A82"));
}

TEST_CASE("host selection: a domain that is named is selected, although the card answers without FCI (GP clause 11.9.3.1)") {
  for (const char* fci : {"9000", "6F0384019F9000", "6F009000", "5F9000"}) {
    CAPTURE(fci);
    const Bytes bytes = *from_hex(fci);
    Terminal terminal(domain_image(), Protocol::kT1);
    Between between(terminal.card);
    between.bend = [&](const Bytes& command, Bytes& answer) {
      if (command[1] == 0xA4) answer = bytes;
    };
    SeededRandom random{1};
    Manager::Options options;
    options.domain = *Aid::from(*from_hex(kIssuer));
    Manager manager(between, random, options);
    const auto card = manager.connect();
    REQUIRE_MESSAGE(card, card.error().text);
    CHECK(card->domain.aid == options.domain);
    CHECK(card->domain.longest_command_data == 255);
    CHECK(text_of(manager.open(material(), nullptr)).empty());
    const auto registry = manager.registry();
    REQUIRE_MESSAGE(registry, registry.error().text);
    CHECK(registry->entries.size() >= 4);
  }
}

TEST_CASE("host information: security domain management data in the FCI is shown, with its protocols if 66 has none (GP table 11-83)") {
  Client client;
  client.between.bend = [](const Bytes& command, Bytes& answer) {
    if (command[1] == 0xA4) {
      answer = *from_hex(
          "6F1F8408A000000151000000A513730D06072A864886FC6B01640206009F6501FF"
          "9000");
    }
    if (command[1] == 0xCA && command[3] != 0xE0) answer = {0x6A, 0x88};
  };
  auto card = client.manager.connect();
  REQUIRE_MESSAGE(card, card.error().text);
  CHECK(to_hex(card->domain.management_data) == "730D06072A864886FC6B0164020600");
  REQUIRE_FALSE(card->oids.empty());
  CHECK(card->oids[0] == "1.2.840.114283.1  security domain management data");
  CHECK(card->protocols.empty());
  client.between.bend = [](const Bytes& command, Bytes& answer) {
    if (command[1] == 0xA4) answer = *from_hex("6F208408A000000151000000A514730D640B06092A864886FC6B0402159F65020100 9000");
    if (command[1] == 0xCA) answer = {0x6A, 0x88};
  };
  card = client.manager.connect();
  REQUIRE_MESSAGE(card, card.error().text);
  REQUIRE(card->protocols.size() == 1);
  CHECK(card->mode_of(2) == 0x15);
  CHECK(card->domain.longest_command_data == 255);
}

TEST_CASE("host listing: a card that knows the old form of GET STATUS only is asked in that (GP clause 11.4.2.2)") {
  Manager::Options options;
  options.level = Level::kCMac;
  Client client({}, options);
  REQUIRE(client.open().empty());
  const auto tagged = client.manager.registry();
  REQUIRE(tagged);
  client.between.bend = [](const Bytes& command, Bytes& answer) {
    if (command[1] == 0xF2 && (command[3] & 0x02) != 0) answer = {0x6A, 0x86};
  };
  const auto old = client.manager.registry();
  REQUIRE_MESSAGE(old, old.error().text);
  CHECK(old->oddities.empty());
  REQUIRE(old->entries.size() == tagged->entries.size());
  for (std::size_t i = 0; i < old->entries.size(); ++i) {
    CHECK(old->entries[i].aid == tagged->entries[i].aid);
    CHECK(old->entries[i].life_cycle == tagged->entries[i].life_cycle);
    CHECK(old->entries[i].modules == tagged->entries[i].modules);
  }
  client.between.bend = [](const Bytes& command, Bytes& answer) {
    if (command[1] == 0xF2) answer = {0x6A, 0x86};
  };
  CHECK(contains(text_of(client.manager.registry()), "GET STATUS answered 6A86"));
}

TEST_CASE("host content: a domain is installed, locked, unlocked and deleted (GP clauses 11.2, 11.5, 11.10)") {
  Client client;
  REQUIRE(client.open().empty());
  CHECK(text_of(client.manager.install(gp::install::kInstall | gp::install::kMakeSelectable, second_domain())).empty());
  const auto state = [&] {
    const auto registry = client.manager.registry();
    const auto found = std::ranges::find(registry->entries, kMine, &gp::RegistryEntry::aid);
    return found == registry->entries.end() ? std::string("gone") : gp::life_cycle_words(*found);
  };
  CHECK(state() == "SELECTABLE");
  CHECK(client.manager.set_locked(kMine, true));
  CHECK(state() == "LOCKED (was SELECTABLE)");
  CHECK(contains(text_of(client.manager.set_locked(kMine, true)), "SET STATUS answered 6985: this change of state is not allowed"));
  CHECK(client.manager.set_locked(kMine, false));
  CHECK(client.manager.remove(kMine, false));
  CHECK(state() == "gone");
  CHECK(
      contains(text_of(client.manager.remove(kMine, false)), "DELETE answered 6A88: there is no such object or key (GP clause 11.2.3.2)"));
}

TEST_CASE("host content: a waiting proactive command is not a refusal, nor is a warning (ETSI TS 102 221 clause 10.2.1.2)") {
  for (const std::uint8_t sw1 : std::to_array<std::uint8_t>({0x91, 0x62})) {
    Manager::Options options;
    options.level = Level::kCMac;
    Client client({}, options);
    REQUIRE(client.open().empty());
    client.between.bend = [&](const Bytes&, Bytes& answer) { answer[answer.size() - 2] = sw1; };
    CHECK(text_of(client.manager.install(gp::install::kInstall, second_domain())).empty());
    CHECK(client.manager.registry());
    client.between.bend = [&](const Bytes&, Bytes& answer) { answer = {0x63, 0x00}; };
    CHECK_FALSE(client.manager.remove(kMine, false));
  }
}

TEST_CASE("host keys: replaced, added and removed; the next session needs the new ones (GP clause 11.8)") {
  for (const std::size_t size : {16U, 24U, 32U}) {
    const std::string key = (std::string(kNew) + std::string(kNew)).substr(0, 2 * size);
    Client client;
    REQUIRE(client.open().empty());
    CHECK(text_of(client.manager.put_key_set(KeyVersion{0x30}, KeyVersion{0x31}, scp03::KeyType::kAes, material(key))).empty());
    REQUIRE(client.manager.connect());
    CHECK(contains(client.open(material(kTestKey, 0x30)), "no key version 30"));
    CHECK(client.open(material(key, 0x31)).empty());
    CHECK(text_of(client.manager.put_key_set(KeyVersion{0}, KeyVersion{0x32}, scp03::KeyType::kAes, material())).empty());
    gp::DeleteData which;
    which.key_version = KeyVersion{0x31};
    CHECK(client.manager.remove_keys(which));
    REQUIRE(client.manager.connect());
    CHECK(client.open().empty());
    CHECK(client.told.back().version == KeyVersion{0x32});
  }
}

TEST_CASE("host keys: one triple DES key; a missing or existing version is explained") {
  Client client;
  REQUIRE(client.open().empty());
  CHECK(text_of(client.manager.put_key(KeyVersion{0}, KeyVersion{0x01}, gp::KeyId{1}, scp03::KeyType::kDes, material().enc)).empty());
  CHECK(contains(text_of(client.manager.put_key_set(KeyVersion{0x40}, KeyVersion{0x41}, scp03::KeyType::kAes, material())),
                 "PUT KEY answered 6A88: there is no such key version to replace"));
  CHECK(contains(text_of(client.manager.put_key_set(KeyVersion{0}, KeyVersion{0x30}, scp03::KeyType::kAes, material())),
                 "may be there already"));
}

TEST_CASE("host keys: check values other than those sent are not believed (GP clause 11.8.3.1)") {
  Manager::Options options;
  options.level = Level::kCMac;
  Client client({}, options);
  REQUIRE(client.open().empty());
  client.between.bend = [](const Bytes& command, Bytes& answer) {
    if (command[1] == 0xD8) answer[2] ^= 1;
  };
  CHECK(contains(text_of(client.manager.put_key_set(KeyVersion{0}, KeyVersion{0x31}, scp03::KeyType::kAes, material())),
                 "do not trust these keys"));
}

TEST_CASE("host keys: new keys are diversified for the card that gets them") {
  Client client;
  REQUIRE(client.open().empty());
  auto master = material(kNew);
  master.diversification = Diversification::kKdf3;
  CHECK(client.manager.put_key_set(KeyVersion{0x30}, KeyVersion{0x30}, scp03::KeyType::kAes, master));
  CHECK(contains(client.open(material(kNew)), "the keys given, diversified by kdf3"));
  CHECK(client.open(master).empty());
}

TEST_CASE("host data: STORE DATA of several blocks, of our own and of another application (GP clause 11.11)") {
  Client client;
  REQUIRE(client.open().empty());
  CHECK(client.manager.store_data("4203AABBCC"_h, 0x10, {}));
  CHECK(to_hex(client.manager.connect()->issuer_identification) == "AABBCC");
  REQUIRE(client.open().empty());
  CHECK(contains(text_of(client.manager.store_data(Bytes(1000, 0x42), 0x10, {})), "STORE DATA answered 6A80"));
  CHECK(contains(text_of(client.manager.store_data("4201AA"_h, 0x10, kMine)), "INSTALL [for personalization] answered 6A88"));
  CHECK(contains(text_of(client.manager.store_data(Bytes(70000), 0x10, {})), "at most 256 blocks"));
}

TEST_CASE("host listing: a card that always promises more is not believed (GP clause 11.4.3.2)") {
  Manager::Options options;
  options.level = Level::kCMac;
  Client client({}, options);
  REQUIRE(client.open().empty());
  client.between.bend = [](const Bytes& command, Bytes& answer) {
    if (command[1] == 0xF2) answer = {0x63, 0x10};
  };
  CHECK(contains(text_of(client.manager.registry()), "do not end"));
  client.between.bend = [](const Bytes& command, Bytes& answer) {
    if (command[1] == 0xF2) answer = to_bytes("E3024F00 9000"_h);
  };
  const auto registry = client.manager.registry();
  REQUIRE_MESSAGE(registry, registry.error().text);
  CHECK(registry->entries.empty());
  REQUIRE(registry->oddities.size() == 4);
  CHECK(registry->oddities[0] == "entry E3024F00: AID (4F) has 0 bytes, an AID has 5 to 16");
}

TEST_CASE("words: commands taken apart, keys never") {
  const auto say = [](std::string_view hex) {
    const Bytes bytes = *from_hex(hex);
    return describe(*apdu::parse(bytes));
  };
  CHECK(
      say("80E60C001E 07A0000001515350 08A000000151535041 06F00000000001 03800000 00 00") ==
      "INSTALL [for install and make selectable], load file A0000001515350, module A000000151535041, application F00000000001, privileges "
      "security-domain");
  CHECK(say("80E602000D 06F07569636301 00 00 02C900 00") == "INSTALL [for load], load file F07569636301, parameters C900");
  CHECK(say("80E40080084F06F00000000001") == "DELETE, object F00000000001, with its dependants");
  CHECK(say("80E4000003D20131") == "DELETE, key version 31");
  CHECK(say("80D8308102310200") ==
        "PUT KEY, replacing key version 30, as key version 31, from key identifier 01, several keys (key data not shown)");
  CHECK(say("80F0807F") == "SET STATUS of the card (issuer security domain), CARD_LOCKED");
  CHECK(say("80F0408006F00000000001") == "SET STATUS of applications and security domains, locked, of F00000000001");
  CHECK(say("80E88004020102") == "LOAD, block 4 (the last), 2 bytes");
  CHECK(say("80CA9F7F00") == "GET DATA 9F7F");
  CHECK(say("00A4040000") == "SELECT, the default application");
  CHECK(say("80E6FF0001 00") == "INSTALL");
  CHECK(say("80FF0000") == "INS FF");
}

TEST_CASE("words: privileges both ways, and no other") {
  for (std::uint32_t bit = 0x10; bit <= 0x800000; bit <<= 1) {
    const auto one = gp::Privileges::from_bits(bit);
    const auto named = gp::privilege_named(gp::words(one));
    REQUIRE(named);
    CHECK(gp::Privileges{*named} == one);
  }
  CHECK(gp::words({}) == "none");
  CHECK_FALSE(gp::privilege_named("none"));
  CHECK_FALSE(gp::privilege_named("Card-Lock"));
}

TEST_CASE("object identifiers: dotted, arcs of several bytes, none at all (ITU-T X.690 clause 8.19)") {
  CHECK(dotted("2A864886FC6B04036F"_h) == "1.2.840.114283.4.3.111");
  CHECK(dotted("2B"_h) == "1.3");
  CHECK(dotted("8837"_h) == "2.999");
  CHECK(dotted({}).empty());
}
