// SPDX-License-Identifier: Apache-2.0
// The access rule application on the card: SEAC chapters 4 and 5, over its commands.
#include <doctest/doctest.h>

#include "emulator/power_cut_port.hpp"
#include "profile/toml.hpp"
#include "tests/unit/issuer_sd/bench.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

constexpr std::string_view kAraM = "A00000015141434C00";
constexpr std::string_view kHash = "ABCD92CBB156B280FA4E1429A6ECEEB6E5C1BFE4";

/// The card of `parameters` in TOML.
std::shared_ptr<const emulator::CardImage> image(std::string_view parameters) {
  const std::string text = R"(
atr = "3B9F968091FE1F878031E073FE215F67756963636C6162C8"
[[applications]]
module = "issuer-sd"
aid = "A000000151000000"
in_dir = false
parameters.keys.30 = { enc = "404142434445464748494A4B4C4D4E4F", mac = "404142434445464748494A4B4C4D4E4F", dek = "404142434445464748494A4B4C4D4E4F" }
[[applications]]
module = "ara-m"
aid = "A00000015141434C00"
in_dir = false
[applications.parameters]
)" + std::string(parameters) +
                           "\n[files.\"3F00\"]\nexpanded = \"80015E9000\"\n";
  const auto profile = profile::parse_profile(text, "test");
  if (!profile) throw SystemError(profile.error().text);
  auto made = profile::build_image(*profile, applet::builtin_modules());
  if (!made) throw SystemError(made.error().text);
  return *made;
}

std::string in(std::string_view tag, const std::string& value) {
  return std::string(tag) + to_hex(Bytes{static_cast<std::uint8_t>(value.size() / 2)}) + value;
}
/// STORE DATA in one block, without Le.
std::string store_data(const std::string& data) {
  return in("80E29000", data);
}

/// A card whose STORE DATA is open, with the application selected.
struct Bench : Management {
  explicit Bench(std::string_view parameters = "secure_channel = false", Protocol protocol = Protocol::kT1)
      : Management(image(parameters), protocol) {
    REQUIRE(select(kAraM) == "9000");
  }
  std::string store(const std::string& data) { return plain(store_data(data)); }
  std::string all() { return plain("80CAFF4000"); }
};

/// A rule for one hash; the last byte distinguishes them.
std::string rule(std::uint8_t number, const std::string& rights = "D00101") {
  const std::string hash = std::string(kHash.substr(0, 38)) + to_hex(Bytes{number});
  return in("E2", in("E1", in("C1", hash)) + in("E3", rights));
}
/// Its REF-DO.
std::string ref(std::uint8_t number) {
  return rule(number).substr(4, 48);
}

}  // namespace

TEST_CASE("SEAC table 4-2: without rules GET DATA [All] answers FF40 00") {
  Bench card;
  CHECK(card.all() == "FF40009000");
  CHECK(card.plain(in("80CAFF50", ref(1)) + "00") == "6A88");
}

TEST_CASE("SEAC 5.1: a rule is stored, read, and deleted by AID, by REF-DO, by the whole rule, or with all others") {
  Bench card;
  const std::string one = in("E2", in("E1", "4F06FFFFFFFFFFAAC114" + std::string(kHash)) + in("E3", "D00101DB080000000000000001"));
  CHECK(card.store(in("F0", one)) == "9000");
  CHECK(card.store(in("F0", rule(1))) == "9000");
  CHECK(card.all() == in("FF40", rule(1) + one) + "9000");
  CHECK(card.plain(in("80CAFF50", in("E1", "4F06FFFFFFFFFFAAC114" + std::string(kHash))) + "00") ==
        in("FF50", in("E3", "D00101DB080000000000000001")) + "9000");

  CHECK(card.store("F1084F06FFFFFFFFFFBB") == "6A88");
  CHECK(card.store("F1084F06FFFFFFFFFFAA") == "9000");
  CHECK(card.all() == in("FF40", rule(1)) + "9000");
  CHECK(card.store(in("F1", rule(1, "D00100"))) == "6A88");
  CHECK(card.store(in("F1", rule(1))) == "9000");
  CHECK(card.all() == "FF40009000");

  for (std::uint8_t n = 1; n <= 3; ++n) CHECK(card.store(in("F0", rule(n))) == "9000");
  CHECK(card.store(in("F1", ref(2))) == "9000");
  CHECK(card.all() == in("FF40", rule(3) + rule(1)) + "9000");
  CHECK(card.store("F100") == "9000");
  CHECK(card.all() == "FF40009000");
  CHECK(card.store("F100") == "9000");
  CHECK(card.store(in("F0", in("E2", "E104C000C100" + in("E3", "D10100")))) == "9000");
  CHECK(card.store("F102C000") == "9000");
  CHECK(card.store("F102C000") == "6A88");
}

TEST_CASE("SEAC 5.1.2: 6381 for applications that already have a rule, 6382 for unknown data objects, 6A80 for malformed data") {
  Bench card;
  CHECK(card.store(in("F0", rule(1))) == "9000");
  CHECK(card.store(in("F0", rule(1))) == "6381");
  CHECK(card.all() == in("FF40", rule(1)) + "9000");
  CHECK(card.store(in("F0", rule(1, "D00100"))) == "6381");
  CHECK(card.all() == in("FF40", rule(1, "D00100") + rule(1)) + "9000");
  CHECK(card.plain(in("80CAFF50", ref(1)) + "00") == "FF500AE303D00100E303D001019000");
  CHECK(card.store(in("F0", rule(2, "D001015A0101"))) == "6382");
  CHECK(card.all() == in("FF40", rule(2) + rule(1, "D00100") + rule(1)) + "9000");
  const std::string before = card.all();
  for (const std::string& data : {std::string("F000"), in("F0", rule(3) + rule(4)), in("F0", rule(3, "D00102")), in("F0", rule(3, "")),
                                  std::string("F0"), std::string("F002E2"), std::string("F1024F"), std::string("F102E300"),
                                  std::string("F2015A"), rule(3) + "00", std::string("F101"), in("F1", rule(1) + rule(1))}) {
    CAPTURE(data);
    CHECK(card.store(data) == "6A80");
  }
  CHECK(card.store("F600") == "6981");
  CHECK(card.store("F800") == "6981");
  CHECK(card.store("4200") == "6981");
  CHECK(card.all() == before);
}

TEST_CASE("SEAC 4.1, 5.1: class, instruction, P1, P2 and lengths that do not exist") {
  Bench card;
  CHECK(card.plain("00CAFF4000") == "6E00");
  CHECK(card.plain("80CC000000") == "6D00");
  CHECK(card.plain("80CAFF4100") == "6A86");
  CHECK(card.plain("80CA006600") == "6A86");
  CHECK(card.plain("80CAFF40015A") == "6700");
  CHECK(card.plain("80CADF20015A") == "6700");
  CHECK(card.plain("80CAFF60015A") == "6700");
  CHECK(card.plain("80CAFF50015A00") == "6A80");
  CHECK(card.plain("80E2800002F100") == "6A86");
  CHECK(card.plain("80E2980002F100") == "6A86");
  CHECK(card.plain("80E2900102F100") == "6A80");
  CHECK(card.plain("80E29000") == "6A80");
  CHECK(card.store("F100") == "9000");
}

TEST_CASE("SEAC 4.1: the refresh tag stays as long as the rules do, and F2 renews it") {
  Bench card;
  const auto tag = [&] {
    const std::string answer = card.plain("80CADF2000");
    CHECK(answer.size() == 26);
    CHECK(answer.starts_with("DF2008"));
    CHECK(answer.ends_with("9000"));
    return answer;
  };
  const std::string first = tag();
  CHECK(card.store("F100") == "9000");  // nothing was there
  CHECK(tag() == first);
  CHECK(card.store(in("F0", rule(1))) == "9000");
  const std::string second = tag();
  CHECK(second != first);
  CHECK(card.store(in("F0", rule(1))) == "6381");  // nothing new
  CHECK(tag() == second);
  CHECK(card.store("F200") == "9000");
  const std::string third = tag();
  CHECK(third != second);
  CHECK(card.store(in("F1", rule(1))) == "9000");
  CHECK(tag() != third);
}

TEST_CASE("SEAC 4.1.1 (v1.1): the device sends its version and gets that of the ARA-M") {
  Bench card;
  CHECK(card.plain("80CADF2107E405E60300000100") == "DF2107E505E6030101009000");
  CHECK(card.plain("80CADF2100") == "DF2107E505E6030101009000");
  CHECK(card.plain("80CADF2102E40000") == "6A80");
}

TEST_CASE("SEAC 4.1: rules of more than one answer go on with GET DATA [Next], T=0 and T=1") {
  for (const Protocol protocol : {Protocol::kT0, Protocol::kT1}) {
    CAPTURE(static_cast<int>(protocol));
    Bench card("secure_channel = false", protocol);
    CHECK(card.plain("80CAFF6000") == "6985");
    std::string rules;
    for (std::uint8_t n = 0; n < 20; ++n) {
      CHECK(card.store(in("F0", rule(n))) == "9000");
      rules = rule(n) + rules;
    }
    const std::string whole = "FF408202" + to_hex(Bytes{static_cast<std::uint8_t>(rules.size() / 2)}) + rules;
    REQUIRE(rules.size() / 2 == 620);
    const auto rest = [&](std::string got) {
      while (got.size() < whole.size()) {
        const std::string more = card.plain("80CAFF6000");
        REQUIRE_MESSAGE(more.ends_with("9000"), more);
        REQUIRE(more.size() > 4);
        got += more.substr(0, more.size() - 4);
      }
      return got;
    };
    std::string first = card.all();
    CHECK(first.size() == 2 * 258);
    CHECK(rest(first.substr(0, first.size() - 4)) == whole);
    CHECK(card.plain("80CAFF6000") == "6985");

    // [Next] follows at once: any other command ends it, also one for which there is no rule.
    first = card.all();
    CHECK(card.plain("80CADF2000").ends_with("9000"));
    CHECK(card.plain("80CAFF6000") == "6985");
    // A Le that does not fit is answered 6Cxx, and nothing is lost (TS 102 221 7.3.1.1).
    first = card.all();
    std::string second = card.plain("80CAFF6000");
    CHECK(card.terminal.send("80CAFF6001") == "6C71");
    CHECK(card.terminal.send("80CAFF6071") == whole.substr(1024) + "9000");
    CHECK(first.substr(0, 512) + second.substr(0, 512) == whole.substr(0, 1024));
    // A channel of its own for each reader.
    CHECK(card.plain("0070000001") == "019000");
    CHECK(card.plain("01A4040409A00000015141434C00").ends_with("9000"));
    first = card.all();
    CHECK(card.plain("81CAFF6000") == "6985");
    CHECK(card.plain("81CAFF4000") == first);
    CHECK(rest(first.substr(0, 512)) == whole);
    // Selected again, nothing goes on.
    (void)card.all();
    (void)card.select(kAraM);
    CHECK(card.plain("80CAFF6000") == "6985");
  }
}

TEST_CASE("SEAC 5.1: rules are read by STORE DATA too: F3, F4, F5") {
  Bench card;
  const std::string named = in("E2", in("E1", "4F06FFFFFFFFFFAAC114" + std::string(kHash)) + in("E3", "D00101"));
  CHECK(card.store(in("F0", named)) == "9000");
  for (std::uint8_t n = 0; n < 9; ++n) CHECK(card.store(in("F0", rule(n))) == "9000");
  CHECK(card.plain("80E290000AF3084F06FFFFFFFFFFAA00") == in("FF40", named) + "9000");
  CHECK(card.plain("80E2900004F302C00000") == "FF40009000");
  CHECK(card.plain("80E2900004F302C10000") == "6A80");
  const std::string first = card.plain("80E2900002F40000");
  CHECK(first.size() == 2 * 258);
  CHECK(first.starts_with("FF40820"));
  const std::string second = card.plain("80E2900002F50000");
  CHECK(second.ends_with(named + "9000"));
  CHECK(card.plain("80E2900002F50000") == "6985");
}

TEST_CASE("a message in blocks of STORE DATA (GP 11.11)") {
  Bench card;
  const std::string data = in("F0", rule(1));
  CHECK(card.plain(in("80E21000", data.substr(0, 32))) == "9000");
  CHECK(card.all() == "FF40009000");
  CHECK(card.plain(in("80E29001", data.substr(32))) == "9000");
  CHECK(card.all() == in("FF40", rule(1)) + "9000");
}

TEST_CASE("secure_channel = true: rules are read by anybody, and changed in a secure channel or through the security domain only") {
  Bench card("");
  CHECK(card.store("F100") == "6982");
  CHECK(card.store(in("F0", rule(1))) == "6982");
  CHECK(card.all() == "FF40009000");
  for (const auto level : {scp03::Level::kCMac, scp03::Level::kCMacCEnc, scp03::Level::kAll}) {
    CAPTURE(int{level.value()});
    REQUIRE(card.open(level, kTestKey, 0x30, kAraM) == "");
    CHECK(card.send(store_data(in("F0", rule(level.value())))) == "9000");
  }
  card.port.close();
  REQUIRE(card.select(kAraM).ends_with("9000"));
  CHECK(card.all() == in("FF40", rule(0x33) + rule(0x03) + rule(0x01)) + "9000");
  CHECK(card.store("F100") == "6982");

  // INSTALL [for personalization] and STORE DATA to the domain, as GlobalPlatformPro does (GP 7.3.3).
  REQUIRE(card.open() == "");
  CHECK(card.send("80E620000F000009A00000015141434C0000000000") == "009000");
  CHECK(card.send("80E2900002F10000") == "9000");
  CHECK(card.send("80E620000F000009A00000015141434C0000000000") == "009000");
  CHECK(card.send("80E2900002F40000") == "FF40009000");
  card.port.close();
  REQUIRE(card.select(kAraM).ends_with("9000"));
  CHECK(card.all() == "FF40009000");
}

TEST_CASE("in a secure channel answers leave room for their protection, and go on") {
  Bench card("");
  REQUIRE(card.open(scp03::Level::kAll, kTestKey, 0x30, kAraM) == "");
  for (std::uint8_t n = 0; n < 20; ++n) CHECK(card.send(store_data(in("F0", rule(n)))) == "9000");
  std::string all = card.send("80CAFF4000");
  REQUIRE(all.ends_with("9000"));
  all.resize(all.size() - 4);
  while (all.size() < 2 * 625) {
    const std::string more = card.send("80CAFF6000");
    REQUIRE_MESSAGE(more.ends_with("9000"), more);
    all += more.substr(0, more.size() - 4);
  }
  CHECK(all.starts_with("FF4082026C" + rule(19)));
  CHECK(all.ends_with(rule(0)));
}

TEST_CASE("a profile gives rules, in the order of the answer, and the refresh tag") {
  Bench card(R"(
refresh_tag = "0102030405060708"
rules = [
  { app = "ABCD92CBB156B280FA4E1429A6ECEEB6E5C1BFE4", package = "com.example", permissions = "0000000000000001" },
  { aid = "any", app = "any", apdu = "never", nfc = "never" },
])");
  CHECK(card.plain("80CADF2000") == "DF200801020304050607089000");
  CHECK(card.all() ==
        in("FF40", in("E2", in("E1", "C114" + std::string(kHash) + "CA0B636F6D2E6578616D706C65") + "E30ADB080000000000000001") +
                       "E20EE1044F00C100E306D00100D10100") +
            "9000");
}

TEST_CASE("invalid rules of a profile are named") {
  const auto refusal = [](const char* parameters) -> std::string {
    try {
      (void)image(parameters);
      return "";
    } catch (const SystemError& error) {
      return error.what();
    }
  };
  const auto says = [&](const char* parameters, std::string_view text) {
    const std::string said = refusal(parameters);
    CHECK_MESSAGE(said.find(text) != std::string::npos, said);
  };
  says("open = true", "open is not a parameter of ara-m");
  says("rules = [ \"x\" ]", "rules.1 is not a parameter");
  says("rules = [ { app = \"any\", apdu = \"never\" }, { app = \"12\", apdu = \"never\" } ]", "rules.2: app: must be a SHA-1");
  says("rules = [ { application = \"any\" } ]", "rules.1.application: a rule has");
  says("rules = [ { app = 5 } ]", "rules.1.app must be a text");
  says("refresh_tag = \"01\"", "refresh_tag");
  says("secure_channel = \"no\"", "secure_channel must be true or false");
  says("rules = [ { app = \"any\", apdu = 1.5 } ]", "rules.1.apdu must be a text");
}

TEST_CASE("too many rules: 6A84, and the stored rules are kept") {
  Bench card;
  const auto number = [](unsigned n) { return to_hex(Bytes{static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n)}); };
  std::string answer;
  unsigned stored = 0;
  for (; stored < 1000; ++stored) {
    const std::string one = in("E2", in("E1", "4F06FFFFFFFF" + number(stored) + "C100CA40" + std::string(128, '6')) + "E303D00101");
    answer = card.store(in("F0", one));
    if (answer != "9000") break;
  }
  CHECK(answer == "6A84");
  CHECK(stored > 100);
  CHECK(card.store("F1084F06FFFFFFFF" + number(stored)) == "6A88");
  CHECK(card.store("F1084F06FFFFFFFF" + number(stored - 1)) == "9000");
}

TEST_CASE("power cut at every write: the rules and the refresh tag are both the old ones or both the new ones") {
  unsigned cuts = 0;
  for (std::uint32_t k = 1; k < 30; ++k) {
    Bench card;
    REQUIRE(card.store(in("F0", rule(1))) == "9000");
    const std::string before = card.all() + card.plain("80CADF2000");
    emulator::PowerCutPort fault(card.terminal.card);
    fault.arm(k);
    const auto answer = fault.transmit(*from_hex(store_data(in("F0", rule(2)))));
    fault.arm(0);
    if (!answer) {
      ++cuts;
      card.reset();
      REQUIRE(card.select(kAraM).ends_with("9000"));
    }
    const std::string all = card.all();
    const std::string after = all + card.plain("80CADF2000");
    if (all == in("FF40", rule(1)) + "9000") {
      CHECK(after == before);
      CHECK_FALSE(answer);
    } else {
      CHECK(all == in("FF40", rule(2) + rule(1)) + "9000");
      CHECK(after.substr(all.size()) != before.substr(before.size() - 26));
    }
    if (answer) break;
  }
  CHECK(cuts >= 3);
}

TEST_CASE("another instance is installed over GlobalPlatform, with rules in its parameters (GP 11.5.2)") {
  Management card{domain_image()};
  REQUIRE(card.open() == "");
  const std::string text = "secure_channel=false;rules.1.app=any;rules.1.apdu=never";
  const std::string parameters = in("C9", to_hex(as_bytes(text)));
  const auto lv = [](const std::string& hex) { return to_hex(Bytes{static_cast<std::uint8_t>(hex.size() / 2)}) + hex; };
  CHECK(card.manage("E60C00", lv("F0756963636C616207") + lv("F0756963636C61620701") + lv(std::string(kAraM)) + "0100" + lv(parameters) +
                                  "00") == "009000");
  card.port.close();
  REQUIRE(card.select(kAraM).ends_with("9000"));
  CHECK(card.plain("80CAFF4000") == in("FF40", "E209E102C100E303D00100") + "9000");
  CHECK(card.plain("80E2900002F100") == "9000");
}
