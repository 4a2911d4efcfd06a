// SPDX-License-Identifier: Apache-2.0
// The USIM and the ISIM in a whole card: from a profile in TOML, over the command path, with T=0 in between.
#include "applet/builtin.hpp"
#include "core/crypto/milenage.hpp"
#include "profile/build.hpp"
#include "profile/toml.hpp"
#include "tests/support/small_card.hpp"
#include "tests/unit/usim/network.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

constexpr std::string_view kProfile = R"(
name = "aka"
atr = "3B9F96801FC7828031E073FE211B67756963636C616200"
pins = [ { key = "01", value = "1234", puk = "12345678" }, { key = "0A", value = "88888888" } ]

[[applications]]
module = "usim"
aid = "A0000000871002FF49FF0589"
adf = "ADF.USIM"
[applications.parameters]
algorithm = "milenage"
k = "465B5CE8B199B49FAA5F0A2EE238A6BC"
op = "CDC202D5123E20F62B6D676AC72CB318"
sqn.start = 0xFF9BB4D0B5FF

[[applications]]
module = "isim"
aid = "A0000000871004FF49FF0589"
adf = "ADF.ISIM"
[applications.parameters]
algorithm = "milenage"
k = "465B5CE8B199B49FAA5F0A2EE238A6BC"
opc = "CD63CB71954A9F4E48A5994E37A02BAF"

[files."3F00"]
expanded = "80015E A40683010A950108"
keys = ["01", "0A"]
2F00 = { sfi = 30, linear = "2 x 40", expanded = "800101 9000" }

[files."ADF.USIM"]
fid = "7FF0"
expanded = "80015E A40683010A950108"
6F07 = { sfi = 7, content = "08 2947100210000268", expanded = "800101 A406830101950108" }
6F38 = { sfi = 4, size = 17, expanded = "800101 A406830101950108", services = [27, 38, 68, 124, 125] }
6FAD = { sfi = 3, content = "00000003", expanded = "800101 9000" }
6FD6 = { size = 72, expanded = "800103 A406830101950108" }
6FDA = { linear = "2 x 60", expanded = "800101 A406830101950108" }

[files."ADF.USIM/5FC0"]
expanded = "80015E A40683010A950108"
4F0A = { content = "F0FFFFFF", expanded = "800101 A406830101950108" }

[files."ADF.USIM/5FD0"]
expanded = "80015E A40683010A950108"
4F01 = { size = 80, content = "A0020101 A125 80011B 8120 5A8D38864820197C3394B92613B20B91633CBD897119273BF8E4A6F4EEC0A650", expanded = "80017F A40683010A950108" }

[files."ADF.ISIM"]
fid = "7FF1"
expanded = "80015E A40683010A950108"
6F07 = { sfi = 7, content = "02", expanded = "800101 A406830101950108" }
)";

std::shared_ptr<const emulator::CardImage> image() {
  auto profile = profile::parse_profile(kProfile, "card_test");
  REQUIRE_MESSAGE(profile.has_value(), profile.error().text);
  auto built = profile::build_image(*profile, applet::builtin_modules());
  REQUIRE_MESSAGE(built.has_value(), built.error().text);
  return *built;
}

constexpr const char* kSelectUsim = "00A404040CA0000000871002FF49FF058900";
constexpr const char* kSelectIsim = "00A404040CA0000000871004FF49FF058900";
constexpr const char* kVerify = "002000010831323334FFFFFFFF";
constexpr const char* kChallenge = "00880081221023553CBE9637A89D218AE64DAE47BF351055F328B43577B9B94A9FFAC354DFAFB3";
constexpr const char* kSuccess =
    "DB08A54211D5E3BA50BF10B40BA9A3C58B2A05BBF0D987B21BF8CB10F769BCD751044604127672711C6D344108EAE4BE823AF9A08B9000";
constexpr const char* kAuts = "DC0EBA853F3C123CCF44E93596E355C69000";

}  // namespace

TEST_CASE("AUTHENTICATE over T=0: 61xx and GET RESPONSE, the PIN, and the sequence number after a reset") {
  Terminal terminal(image());
  CHECK(terminal.send(kChallenge) == "6D00");  // no application is selected
  CHECK(terminal.exchange(kSelectUsim).ends_with("9000"));
  CHECK(terminal.send(kChallenge) == "6982");
  CHECK(terminal.send(kVerify) == "9000");
  CHECK(terminal.send(kChallenge) == "6135");
  CHECK(terminal.send("00C0000035") == kSuccess);
  CHECK(terminal.exchange(kChallenge) == kAuts);

  (void)terminal.card.reset();
  CHECK(terminal.exchange(kSelectUsim).ends_with("9000"));
  CHECK(terminal.send(kVerify) == "9000");
  CHECK(terminal.exchange(kChallenge) == kAuts);
  CHECK(terminal.send("00880081221023553CBE9637A89D218AE64DAE47BF351055F328B43577B9B94A9FFAC354DFAF00") == "9862");
  CHECK(terminal.exchange("00880080111023553CBE9637A89D218AE64DAE47BF35") == "0446F8416A08EAE4BE823AF9A08B9000");
}

TEST_CASE("each application has its own sequence numbers") {
  Terminal terminal(image());
  CHECK(terminal.send(kVerify) == "9000");
  CHECK(terminal.exchange(kSelectIsim).ends_with("9000"));
  CHECK(terminal.exchange(kChallenge) != kSuccess);  // its SQN starts at 0: a jump of more than delta
  CHECK(terminal.exchange(kChallenge).starts_with("DC0E"));
  CHECK(terminal.exchange(kSelectUsim).ends_with("9000"));
  CHECK(terminal.exchange(kChallenge) == kSuccess);
}

TEST_CASE("GBA over the card: the ME finds RAND in EF_GBABP, writes B-TID, and reads the list of NAFs") {
  Terminal terminal(image());
  CHECK(terminal.exchange(kSelectUsim).ends_with("9000"));
  CHECK(terminal.send(kVerify) == "9000");
  CHECK(terminal.exchange("0088008423DD1023553CBE9637A89D218AE64DAE47BF351055F328B43577B9B98C7F3F0D723FB244") ==
        "DB08A54211D5E3BA50BF9000");
  CHECK(terminal.exchange("00A40004026FD600").ends_with("9000"));
  CHECK(terminal.exchange("00B0000013") == "1023553CBE9637A89D218AE64DAE47BF3500009000");
  CHECK(terminal.send("00D600110504B1D1D1D1") == "9000");
  const Bytes naf_id = to_bytes("6E2E636F6D 0100000001"_h);
  const std::string keys = terminal.exchange(to_hex(authenticate(0x84, concat({"DE"_h, lv(naf_id), lv("7573657240657800"_h)}))));
  CHECK(keys.starts_with("DB20"));
  CHECK(keys.ends_with("9000"));
  CHECK(terminal.exchange("00A40004026FDA00").ends_with("9000"));
  CHECK(terminal.exchange("00B2010400").starts_with("800A" + to_hex(naf_id) + "8104B1D1D1D1"));
}

TEST_CASE("GET IDENTITY over the card: a SUCI that the home network opens, a new one each time") {
  Terminal terminal(image());
  CHECK(terminal.exchange(kSelectUsim).ends_with("9000"));
  CHECK(terminal.exchange("8078000100") == "6982");
  CHECK(terminal.send(kVerify) == "9000");
  const std::string one = terminal.exchange("8078000100");
  CHECK(one.starts_with("A13501722410F0FF011B"));
  CHECK(one.ends_with("9000"));
  CHECK(terminal.exchange("8078000100") != one);
}
