// SPDX-License-Identifier: Apache-2.0
// org.globalplatform on a card, by tests/java/platform: GlobalPlatform Card API 1.6; GlobalPlatform Card Specification v2.3.1 (GP).
#include "core/atr.hpp"
#include "scp03/legacy_scp02.hpp"
#include "tests/unit/java/stage.hpp"

using namespace uicclab;
using namespace uicclab::test;
using scp03::Level;

namespace {

const std::string kFile = "F0756963B0", kPlatform = "F0756963B001", kListener = "F0756963B002";

struct Gp : Stage {
  explicit Gp(const std::string& privileges = "000000", const DomainOptions& options = {}) : Stage(options) {
    REQUIRE(load_file(kFile, "platform") == "009000");
    for (const std::string& aid : {kPlatform, kListener}) {
      REQUIRE(m.manage("E60C00", install(kFile, aid, aid, aid == kPlatform ? privileges : "000000")) == "009000");
    }
  }
  /// The applet, through a channel of its own.
  void open_applet(scp03::SecurityLevel level = Level::kAll) { REQUIRE(m.open(level, kTestKey, 0x30, kPlatform).empty()); }
  std::string in_channel(const std::string& ins, const std::string& p1p2 = "0000", const std::string& data = "") {
    return data.empty() ? m.send("80" + ins + p1p2 + "00") : m.manage(ins + p1p2, data);
  }
  std::string personalise(const std::string& aid, const std::string& p1p2, const std::string& data) {
    REQUIRE(m.manage("E62000", only(aid)) == "009000");
    return m.manage("E2" + p1p2, data);
  }
};

}  // namespace

TEST_CASE("java GP: commands are unwrapped and answers wrapped at each level of the domain's SCP03 (SecureChannel)") {
  NEEDS_APPLETS();
  for (const auto level : {Level::kCMac, Level::kCMacCEnc, Level::kCMacRMac, Level::kCMacCEncRMac, Level::kAll}) {
    CAPTURE(int{level.value()});
    Gp s;
    s.open_applet(level);
    const std::string has = to_hex(Bytes{static_cast<std::uint8_t>(0x80 | level.value())});
    CHECK(s.in_channel("01") == has + "0107039000");
    CHECK(s.in_channel("02", "0304", "A1A2A3") == "8002030403A1A2A39000");
    CHECK(s.in_channel("02") == "80020000009000");
    CHECK(s.in_channel("02", "0000", std::string(400, '5')) == "80020000C8" + std::string(400, '5') + "9000");
  }
}

TEST_CASE("java GP: sensitive data under the static DEK; whole blocks only (SecureChannel.decryptData, encryptData)") {
  NEEDS_APPLETS();
  Gp s;
  s.open_applet();
  const Bytes plain = *from_hex("000102030405060708090A0B0C0D0E0F");
  const std::string cipher = to_hex(s.m.port.session()->key_cipher()->encrypt(plain));
  CHECK(s.in_channel("03", "0000", cipher) == to_hex(plain) + "9000");
  CHECK(s.in_channel("04", "0000", to_hex(plain)) == cipher + "9000");
  CHECK(s.in_channel("03", "0000", "0102") == "6700");
  CHECK(s.in_channel("04", "0000", "0102") == "6700");
}

TEST_CASE("java GP: without a session commands stay as they are, and there is no cipher (SecureChannel.unwrap, decryptData)") {
  NEEDS_APPLETS();
  Gp s;
  REQUIRE(s.select(kPlatform) == "9000");
  CHECK(s.ask("01") == "000107039000");
  CHECK(s.m.plain("8402000002AABB00") == "8402000002AABB9000");
  CHECK(s.ask("03", "0000", "000102030405060708090A0B0C0D0E0F") == "6985");
  CHECK(s.m.plain("8078000000") == "6D00");
  CHECK(s.m.plain("0082000008000000000000000000") == "6E00");
  CHECK(s.m.plain("8482000010" + std::string(32, '0') + "00") == "6985");
}

TEST_CASE("java GP: a wrong C-MAC aborts the session until it is reset (SecureChannel, GP clause 10.2.3)") {
  NEEDS_APPLETS();
  Gp s;
  s.open_applet(Level::kCMac);
  CHECK(s.m.plain("8402000008000000000000000000") == "6982");
  CHECK(s.ask("02") == "6985");
  REQUIRE(s.m.open(Level::kCMac, kTestKey, 0x30, kPlatform).empty());
  CHECK(s.in_channel("0B") == "019000");
  CHECK(s.ask("01").substr(0, 2) == "00");
}

TEST_CASE("java GP: SCP02 of the domain serves the applet too (GP appendix E)") {
  NEEDS_APPLETS();
  using namespace scp03::legacy;
  DomainOptions options;
  options.scp02 = 0x55;
  Gp s("000000", options);
  s.m.port.close();
  REQUIRE(s.m.select(kPlatform) == "9000");
  const auto key = [] { return crypto::SecretBytes(*from_hex(kTestKey)); };
  auto keys = Scp02KeySet::from(KeyVersion{0x20}, key(), key(), key());
  REQUIRE(keys);
  Scp02HostSession::Options how{KeyVersion{0x20}, Level::kCMacCEnc, Channel{0}, *Aid::from(*from_hex(kPlatform))};
  auto session = std::make_unique<Scp02HostSession>(Scp02Allowed{}, how, *std::move(keys));
  REQUIRE(s.m.port.open(std::move(session)));
  CHECK(s.in_channel("01") == "830107039000");
  CHECK(s.in_channel("02", "0000", "A1A2A3") == "8002000003A1A2A39000");
  const Bytes plain = *from_hex("0001020304050607");
  const std::string cipher = to_hex(s.m.port.session()->key_cipher()->encrypt(plain));
  CHECK(s.in_channel("03", "0000", cipher) == "00010203040506079000");
}

TEST_CASE("java GP: STORE DATA goes to Personalization.processData(), in the domain's session (GP clauses 7.3.3, 11.11)") {
  NEEDS_APPLETS();
  Gp s;
  CHECK(s.personalise(kPlatform, "8000", "A1A2") == "AA079000");
  REQUIRE(s.select(kPlatform) == "9000");
  CHECK(s.ask("0A") == "B380E2800002A1A29000");

  s.open();
  const std::string cipher = to_hex(s.m.port.session()->key_cipher()->encrypt(*from_hex("00112233445566778899AABBCCDDEEFF")));
  CHECK(s.personalise(kPlatform, "0000", "00") == "AA069000");
  CHECK(s.m.manage("E20001", cipher) == "AA159000");
  CHECK(s.m.manage("E28002", "00") == "6A99");
  REQUIRE(s.select(kPlatform) == "9000");
  CHECK(s.ask("0A") == "B380E200011000112233445566778899AABBCCDDEEFF9000");
}

TEST_CASE("java GP: Application.processData(); its applet is not selected, its exceptions are 6F00 (GP clause 7.3.3)") {
  NEEDS_APPLETS();
  Gp s;
  CHECK(s.personalise(kListener, "8000", "A1A2A3") == "9000");
  CHECK(s.personalise(kListener, "8000", "A1") == "6F00");
  CHECK(s.personalise(kListener, "8000", "A1A2") == "6F00");
  REQUIRE(s.select(kListener) == "9000");
  CHECK(s.ask("01") == "80E2800003A1A2A39000");
}

TEST_CASE("java GP: an applet without both interfaces takes no personalization (GP clause 7.3.3)") {
  NEEDS_APPLETS();
  Gp s;
  s.load_all();
  REQUIRE(s.install_it() == "009000");
  CHECK(s.personalise(kApplet, "8000", "A1") == "6985");
}

TEST_CASE("java GP: an applet changes its own life cycle, and locks itself (GPSystem.setCardContentState, GP clause 5.3.1)") {
  NEEDS_APPLETS();
  Gp s;
  REQUIRE(s.select(kPlatform) == "9000");
  CHECK(s.ask("01") == "000107039000");
  CHECK(s.ask("05", "0F00") == "019000");
  CHECK(s.ask("01") == "00010F039000");
  CHECK(s.ask("05", "0300") == "009000");
  CHECK(s.ask("05", "0800") == "009000");
  CHECK(s.ask("05", "0700") == "019000");
  CHECK(s.ask("05", "8000") == "019000");
  s.open();
  CHECK(entry(s.m, kPlatform)->life_cycle == 0x87);
  CHECK(s.select(kPlatform) == "6A82");
}

TEST_CASE("java GP: the card is locked and terminated by applets with the privilege alone (GPSystem, GP clauses 5.1, 6.6.2)") {
  NEEDS_APPLETS();
  DomainOptions secured;
  secured.life_cycle = "secured";
  Gp none("000000", secured);
  REQUIRE(none.select(kPlatform) == "9000");
  CHECK(none.ask("06", "0100") == "009000");
  CHECK(none.ask("06", "0200") == "009000");
  CHECK(none.ask("07", "0000", "0102") == "009000");
  Gp locker("100000", secured);
  REQUIRE(locker.select(kPlatform) == "9000");
  CHECK(locker.ask("06", "0200") == "009000");
  CHECK(locker.ask("06", "0100") == "019000");
  CHECK(locker.m.terminal.card.session()->runtime().registry().card_state() == gp::CardState::kLocked);
}

TEST_CASE("java GP: historical bytes of the ATR, from the next reset on (GPSystem.setATRHistBytes; ISO/IEC 7816-3 clause 8.2)") {
  NEEDS_APPLETS();
  Gp s("040000");
  REQUIRE(s.select(kPlatform) == "9000");
  CHECK(s.ask("07", "0000", "") == "009000");
  CHECK(s.ask("07", "0000", std::string(32, 'A')) == "009000");
  CHECK(s.ask("07", "0000", "80010203") == "019000");
  const auto atr = s.m.terminal.card.reset();
  REQUIRE(atr);
  const auto told = parse_atr(*atr);
  REQUIRE(told);
  CHECK(to_hex(told->historical) == "80010203");
  CHECK(to_hex(*atr).starts_with("3B94968091FE1F87"));
}

TEST_CASE("java GP: entries of the registry, one's own and others (GPSystem.getRegistryEntry, GPRegistryEntry)") {
  NEEDS_APPLETS();
  Gp none;
  REQUIRE(none.select(kPlatform) == "9000");
  CHECK(none.ask("08", "0600") == "000000070000" + kPlatform + "9000");
  CHECK(none.ask("08", "0000", kListener) == "9000");
  CHECK(none.ask("08", "0000", "A0A0A0A0A0") == "9000");
  CHECK(none.ask("0C") == "6985");

  Gp s("020C00");  // CVM management, global lock, global registry
  REQUIRE(s.select(kPlatform) == "9000");
  CHECK(s.ask("08", "0600") == "020C00070100" + kPlatform + "9000");
  CHECK(s.ask("08", "0D00") == "020C00070100" + kPlatform + "9000");
  CHECK(s.ask("08", "7F00") == "020C00070000" + kPlatform + "9000");
  CHECK(s.ask("08", "0000", kListener) == "000000070000" + kListener + "9000");
  CHECK(s.ask("08", "0000", std::string(kIssuer)).ends_with(std::string(kIssuer) + "9000"));
  CHECK(s.ask("08", "0080", kListener) == "019000");
  CHECK(s.ask("08", "0080", kListener) == "009000");
  CHECK(s.select(kListener) == "6D00");  // it goes to the applet that is selected (JCRE clause 4.5.2)
  REQUIRE(s.m.select(kPlatform) == "9000");
  CHECK(s.ask("08", "0007", kListener) == "019000");
  CHECK(s.m.select(kListener) == "9000");
}

TEST_CASE("java GP: the global PIN (CVM, GP clause 8.2)") {
  NEEDS_APPLETS();
  Gp s("020000");
  REQUIRE(s.select(kPlatform) == "9000");
  const auto pin = [&](const std::string& what, const std::string& data = "") { return s.ask("09", what, data); };
  CHECK(pin("0000") == "00000000009000");
  CHECK(pin("FF00") == "9000");
  CHECK(pin("0303", "3132") == "009000");  // not active: no comparison
  CHECK(pin("0400") == "009000");
  CHECK(pin("0102", "12A4") == "009000");      // not BCD
  CHECK(pin("0104", "1234") == "009000");      // no such format
  CHECK(pin("0101", "31323334") == "019000");  // ASCII
  CHECK(pin("0000") == "00000000009000");      // no limit yet
  CHECK(pin("0203") == "019000");
  CHECK(pin("0000") == "01000000039000");
  CHECK(pin("0301", "31323333") == "009000");
  CHECK(pin("0000") == "01010000029000");
  CHECK(pin("0302", "1234") == "019000");  // BCD is converted
  CHECK(pin("0000") == "01010100039000");
  CHECK(pin("0303", "31323334") == "009000");  // HEX is not
  CHECK(pin("0400") == "019000");
  CHECK(pin("0000") == "01000000029000");
  CHECK(pin("0701", "31323334") == "6F32");  // not a global array; the try counts
  CHECK(pin("0000") == "01010000019000");
  (void)s.m.terminal.card.reset();
  REQUIRE(s.m.select(kPlatform) == "9000");
  CHECK(pin("0000") == "01000000019000");
  CHECK(pin("0801", "00") == "009000");  // an abort does not give the try back
  CHECK(pin("0000") == "01000001009000");
  CHECK(pin("0301", "31323334") == "009000");  // blocked
  CHECK(pin("0400") == "009000");
  CHECK(pin("0600") == "019000");
  CHECK(pin("0801", "31323334") == "019000");
  CHECK(pin("0000") == "01010100039000");
  CHECK(pin("0500") == "019000");
  CHECK(pin("0000") == "01000001009000");

  // Others verify it, but do not change it.
  REQUIRE(s.m.open().empty());
  REQUIRE(s.m.manage("E60C00", install(kFile, kPlatform, kPlatform + "42", "000000")) == "009000");
  REQUIRE(s.select(kPlatform + "42") == "9000");
  for (const char* what : {"0203", "0500", "0600"}) CHECK(pin(what) == "009000");
  CHECK(pin("0101", "31323334") == "009000");
  REQUIRE(s.m.select(kPlatform) == "9000");
  CHECK(pin("0600") == "019000");
  REQUIRE(s.m.select(kPlatform + "42") == "9000");
  CHECK(pin("0301", "31323334") == "019000");
}

TEST_CASE("java GP: with the applets everything of theirs goes (GP clause 11.2)") {
  NEEDS_APPLETS();
  Stage s;
  const std::uint32_t free = s.free_memory();
  REQUIRE(s.load_file(kFile, "platform") == "009000");
  REQUIRE(s.m.manage("E60C00", install(kFile, kPlatform, kPlatform, "000000")) == "009000");
  REQUIRE(s.select(kPlatform) == "9000");
  CHECK(s.ask("01") == "000107039000");
  CHECK(s.ask("08").ends_with(kPlatform + "9000"));
  s.open();
  CHECK(s.remove(kFile, true) == "009000");
  CHECK(s.free_memory() == free);
}
