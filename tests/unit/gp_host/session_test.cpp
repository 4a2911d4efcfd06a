// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/gp_host/bench.hpp"

using namespace uicclab;
using namespace uicclab::test;
using namespace uicclab::gp::host;
using scp03::Level;

namespace {

constexpr std::uint8_t kInitializeUpdate = 0x50;
constexpr std::uint8_t kExternalAuthenticate = 0x82;
constexpr std::string_view kOther = "00112233445566778899AABBCCDDEEFF";

/// The keys that our card has when its issuer diversified `master` with its diversification data.
std::string diversified(Diversification how) {
  auto keys = material(kTestKey);
  keys.diversification = how;
  const auto set = keys.scp03_keys({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, KeyVersion{0x30});
  REQUIRE(set);
  return to_hex(set->mac.secret().expose(crypto::ExposeSecret{"a test's card"}));
}

}  // namespace

TEST_CASE("diversification: KDF3, EMV and VISA2 give the key check values that GlobalPlatformPro's tests have") {
  const scp03::DiversificationData data{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  struct Row {
    Diversification how;
    std::string_view enc, mac, dek;
  };
  // martinpaljak/GlobalPlatformPro, library/src/test/java/pro/javacard/gp/test/TestPlaintextKeys.java
  for (const Row& row :
       {Row{Diversification::kEmv, "C33013", "6F4CA6", "BB8179"}, Row{Diversification::kVisa2, "2BE598", "58DA38", "3C328E"}}) {
    auto keys = material();
    keys.diversification = row.how;
    const auto set = keys.scp02_keys(data, KeyVersion{0x20});
    REQUIRE(set);
    CHECK(to_hex(scp03::key_check_value(set->enc)) == row.enc);
    CHECK(to_hex(scp03::key_check_value(set->mac)) == row.mac);
    CHECK(to_hex(scp03::key_check_value(set->dek)) == row.dek);
  }
  auto keys = material();
  keys.diversification = Diversification::kKdf3;
  const auto set = keys.scp03_keys(data, KeyVersion{0x30});
  REQUIRE(set);
  CHECK(to_hex(scp03::key_check_value(set->enc)) == "E79C05");
  CHECK(to_hex(scp03::key_check_value(set->mac)) == "D1BD77");
  CHECK(to_hex(scp03::key_check_value(set->dek)) == "3FDE8C");
}

TEST_CASE("diversification: EMV and VISA2 refuse master keys that are not of 16 bytes, SCP02 keys too") {
  auto keys = material("000102030405060708090A0B0C0D0E0F1011121314151617");
  CHECK_FALSE(keys.scp02_keys({}, KeyVersion{1}));
  keys.diversification = Diversification::kEmv;
  CHECK_FALSE(keys.scp03_keys({}, KeyVersion{1}));
  CHECK_FALSE(diversification_named("EMV"));
  for (const auto how : {Diversification::kNone, Diversification::kKdf3, Diversification::kEmv, Diversification::kVisa2}) {
    CHECK(diversification_named(name(how)) == how);
  }
}

TEST_CASE("host session: opens at every level, mode and key length (Amd D clauses 5.1, 7.1)") {
  for (const int i : {0x70, 0x71}) {
    for (const std::size_t size : {16U, 24U, 32U}) {
      const std::string key = std::string("404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F").substr(0, 2 * size);
      for (const auto level : {Level::kCMac, Level::kCMacCEnc, Level::kCMacRMac, Level::kCMacCEncRMac, Level::kAll}) {
        for (const auto protocol : {Protocol::kT0, Protocol::kT1}) {
          CAPTURE(i);
          CAPTURE(size);
          CAPTURE(level.value());
          DomainOptions card;
          card.i = static_cast<std::uint8_t>(i);
          card.key = key;
          Manager::Options options;
          options.level = level;
          Client client(card, options, protocol);
          CHECK(client.open(material(key)).empty());
          REQUIRE(client.told.size() == 1);
          CHECK(client.told[0].protocol.i == i);
          CHECK(client.told[0].version == KeyVersion{0x30});
          CHECK(client.told[0].level == level);
          CHECK(client.told[0].sequence_counter == 1);
          CHECK_FALSE(client.told[0].odd_challenge);
          const auto registry = client.manager.registry();
          REQUIRE_MESSAGE(registry, registry.error().text);
          CHECK(registry->entries.front().kind == gp::RegistryEntry::Kind::kIssuerDomain);
          CHECK(registry->entries.size() >= 4);
        }
      }
    }
  }
}

TEST_CASE("host session: without a level it takes the highest that the card offers") {
  for (const auto& [i, level] : {std::pair{0x70, 0x33}, std::pair{0x60, 0x33}, std::pair{0x30, 0x13}, std::pair{0x10, 0x03}}) {
    DomainOptions card;
    card.i = static_cast<std::uint8_t>(i);
    Client client(card);
    CHECK(client.open().empty());
    CHECK(client.told.at(0).level.value() == level);
  }
}

TEST_CASE("host session: a wrong key ends before EXTERNAL AUTHENTICATE, and the keys that fit are named (Amd D clause 5.2)") {
  SUBCASE("the default keys") {
    Client client;
    const std::string text = client.open(material(kOther));
    CHECK(contains(text, "What fits: the public default keys 404142..4F, not diversified"));
    CHECK(contains(text, "'mine'"));
    CHECK(contains(text, "EXTERNAL AUTHENTICATE was not sent"));
    CHECK_FALSE(contains(text, kOther));
    CHECK(client.between.count(kInitializeUpdate) == 1);
    CHECK(client.between.count(kExternalAuthenticate) == 0);
    CHECK(client.told.empty());
  }
  SUBCASE("the keys given, diversified") {
    for (const auto how : {Diversification::kKdf3, Diversification::kEmv, Diversification::kVisa2}) {
      DomainOptions card;
      card.key = diversified(how);
      Client client(card);
      // The card has one key for all three where an issuer would diversify each; the MAC key is what the cryptogram shows.
      CHECK(contains(client.open(material(kTestKey)), "What fits: the keys given, diversified by " + std::string(name(how))));
      CHECK(client.between.count(kExternalAuthenticate) == 0);
    }
  }
  SUBCASE("none that is known") {
    DomainOptions card;
    card.key = std::string(kOther);
    Client client(card);
    CHECK(contains(client.open(), "Neither these keys nor the public default keys fit"));
    CHECK(client.between.count(kExternalAuthenticate) == 0);
  }
}

TEST_CASE("host session: keys that cannot be the card's are reported before anything is sent (GP clause 11.3.3.1.1)") {
  Client client;
  CHECK(contains(client.open(material(kTestKey, 0x20)), "no key version 20; it has: 30"));
  CHECK(contains(client.open(material("000102030405060708090A0B0C0D0E0F1011121314151617")), "has 16 bytes, the one in 'mine' has 24"));
  CHECK(client.between.count(kInitializeUpdate) == 0);
}

TEST_CASE("host session: of several keys under one identifier and version any may fit (GP clause 11.3.3.1.1)") {
  Client client;
  const auto listing = [&](const char* template_e0) {
    client.between.bend = [bytes = *from_hex(template_e0)](const Bytes& command, Bytes& answer) {
      if (command[1] == 0xCA && command[3] == 0xE0) answer = bytes;
    };
    REQUIRE(client.manager.connect());
  };
  listing("E024C00401308020C00402308020C00403308020C00401308810C00402308810C004033088109000");
  CHECK(client.open() == "");
  listing("E024C00401308020C00402308020C00403308020C00401308818C00402308818C004033088189000");
  CHECK(contains(client.open(), "key 01 of key version 30 on the card has 32 or 24 bytes, the one in 'mine' has 16"));
}

TEST_CASE("host session: the caller is informed and can still stop it") {
  Client client;
  const auto opened = client.manager.open(material(), [](const Opening&) -> Result<void> { return fail(ErrorCode::kRefused, "no"); });
  CHECK(text_of(opened) == "no");
  CHECK(client.between.count(kExternalAuthenticate) == 0);
}

TEST_CASE("host session: a card that lies is found out") {
  struct Lie {
    std::string_view what;
    std::function<void(const Bytes&, Bytes&)> bend;
    std::string_view text;
  };
  const auto at = [](std::uint8_t ins, auto change) {
    return [=](const Bytes& command, Bytes& answer) {
      if (command[1] == ins) change(answer);
    };
  };
  const std::array lies{
      Lie{"cryptogram", at(kInitializeUpdate, [](Bytes& a) { a[25] ^= 1; }), "cryptogram is wrong"},
      Lie{"challenge", at(kInitializeUpdate, [](Bytes& a) { a[14] ^= 1; }), "cryptogram is wrong"},
      Lie{"other key version", at(kInitializeUpdate, [](Bytes& a) { a[10] = 0x31; }), "the card answers with 31"},
      Lie{"protocol 01", at(kInitializeUpdate, [](Bytes& a) { a[11] = 0x01; }), "secure channel protocol 01"},
      Lie{"protocol 02", at(kInitializeUpdate, [](Bytes& a) { a[11] = 0x02; }), "SCP02"},
      Lie{"reserved bits in i", at(kInitializeUpdate, [](Bytes& a) { a[12] = 0x7A; }), "reserved bits"},
      Lie{"i without R-MAC", at(kInitializeUpdate, [](Bytes& a) { a[12] = 0x10; }), "does not offer"},
      Lie{"short", at(kInitializeUpdate, [](Bytes& a) { a.erase(a.begin() + 4, a.end() - 2); }), "too early"},
      Lie{"long", at(kInitializeUpdate, [](Bytes& a) { a.insert(a.end() - 2, 0); }), "length"},
      Lie{"refusal",
          at(kInitializeUpdate,
             [](Bytes& a) {
               a = {0x69, 0x83};
             }),
          "6983"},
  };
  for (const Lie& lie : lies) {
    CAPTURE(lie.what);
    Manager::Options options;
    options.level = Level::kAll;
    Client client({}, options);
    client.between.bend = lie.bend;
    CHECK(contains(client.open(material(kTestKey, 0x30)), lie.text));
    CHECK(client.between.count(kExternalAuthenticate) == 0);
  }
}

TEST_CASE("host session: a manipulated answer ends it, and nothing more is sent in it (Amd D clause 6.2.5)") {
  Client client;
  REQUIRE(client.open().empty());
  client.between.bend = [](const Bytes&, Bytes& answer) { answer[0] ^= 1; };
  CHECK_FALSE(client.manager.registry());
  const std::size_t sent = client.between.commands.size();
  client.between.bend = nullptr;
  CHECK_FALSE(client.manager.remove(*Aid::from("A0000001515350"_h), false));
  CHECK(client.between.commands.size() == sent);
}

TEST_CASE("host session: S16 is tried if a card that did not report its mode refuses a challenge of 8 bytes (Amd D clause 7.1.1)") {
  DomainOptions card;
  card.i = 0x71;
  Client client(card);
  client.between.bend = [](const Bytes& command, Bytes& answer) {
    if (command[1] == 0xCA) answer = {0x6A, 0x88};
  };
  REQUIRE(client.manager.connect());
  CHECK(client.open().empty());
  CHECK(client.between.count(kInitializeUpdate) == 2);
  CHECK(client.told.at(0).protocol.i == 0x71);
  SUBCASE("not when S8 was asked for") {
    Manager::Options options;
    options.s16 = false;
    Client strict(card, options);
    CHECK(contains(strict.open(), "INITIALIZE UPDATE answered 6700: wrong length: the card may need a challenge of 16 bytes"));
    CHECK(strict.between.count(kInitializeUpdate) == 1);
  }
}

TEST_CASE("host session: refusals of both commands are explained; the card may have counted the second") {
  const auto refused = [](std::uint8_t ins, Bytes status) {
    Client client;
    client.between.bend = [=](const Bytes& command, Bytes& answer) {
      if (command[1] == ins) answer = status;
    };
    return client.open();
  };
  CHECK(refused(kInitializeUpdate, {0x69, 0x83}) ==
        "INITIALIZE UPDATE answered 6983: the keys are locked after too many wrong attempts (Amendment D clause 7.1.1)");
  CHECK(contains(refused(kExternalAuthenticate, {0x63, 0x00}), "EXTERNAL AUTHENTICATE answered 6300: the card does not accept the host"));
  CHECK(contains(refused(kExternalAuthenticate, {0x69, 0x82}), "may have counted this as a wrong attempt"));
}

TEST_CASE("a plan sends nothing that does more than read, and no INITIALIZE UPDATE") {
  std::vector<std::string> planned;
  Manager::Options options;
  options.plan = [&](const apdu::Command& command) { planned.push_back(to_hex(apdu::encode(command)).substr(0, 8)); };
  Client client({}, options);
  REQUIRE(client.open().empty());
  CHECK(client.told.at(0).level == Level::kAll);
  CHECK(client.manager.max_command_data() == 239);
  CHECK(client.manager.remove(*Aid::from("A0000001515350"_h), true));
  CHECK(client.manager.set_card_state(gp::CardState::kTerminated));
  CHECK(client.manager.put_key_set(KeyVersion{0x30}, KeyVersion{0x31}, scp03::KeyType::kAes, material(kOther)));
  CHECK(planned == std::vector<std::string>{"80500000", "84823300", "80E40080", "80F080FF", "80D83081"});
  for (const Bytes& command : client.between.commands) CHECK((command[1] == 0xA4 || command[1] == 0xCA));
}
