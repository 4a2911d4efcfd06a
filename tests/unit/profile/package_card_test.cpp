// SPDX-License-Identifier: Apache-2.0
// What packages brought to the card: links, local keys of DFs, the CSIM.
#include <doctest/doctest.h>

#include "applet/builtin.hpp"
#include "core/crypto/random.hpp"
#include "core/environment.hpp"
#include "core/hex.hpp"
#include "emulator/card.hpp"
#include "emulator/nvm/image_file.hpp"
#include "profile/build.hpp"
#include "profile/toml.hpp"

using namespace uicclab;
using namespace uicclab::emulator;
using namespace uicclab::profile;

namespace {

constexpr std::string_view kText = R"(
atr = "3B 9F 96 80 91 FE 1F 87 80 31 E0 73 FE 21 5F 67 75 69 63 63 6C 61 62 C8"
pins = [
  { key = "0A", value = "88888888" },
  { key = "81", in = "3F00/7F10", value = "1111" },
  { key = "81", in = "ADF.CSIM", value = "2222" },
]
[[applications]]
module = "csim"
aid = "A0000003431002F310FFFF89020000FF"
adf = "ADF.CSIM"
parameters = { a_key = "00000000FFFFFFFF" }
[files."3F00"]
expanded = "80015E 9000"
keys = ["0A"]
[files."3F00/7F10"]
expanded = "80015F 9000"
keys = ["81"]
6F01 = { link = "ADF.CSIM/6F3B", expanded = "800101 A406830181950108 800102 9000 800140 9000 8401D4 9000" }
6F02 = { size = 2, expanded = "800101 A406830181950108" }
[files."ADF.CSIM"]
fid = ""
expanded = "80015F 9000"
keys = ["81"]
6F3B = { linear = "2 x 4", records = ["01020304"], expanded = "80015B 9000 8401D4 9000" }
6F02 = { size = 2, expanded = "800101 A406830181950108" }
)";

class PackageCard {
 public:
  PackageCard() : m_card(image(), m_random, m_clock) {
    (void)m_card.reset();
    (void)m_card.select_protocol(Protocol::kT1);
  }

  std::string send(std::string_view command) { return to_hex(m_card.transmit(from_hex(command).value()).value()); }

 private:
  /// Through its bytes and back, as a card that was stored.
  static std::shared_ptr<const CardImage> image() {
    const auto profile = parse_profile(kText, "t");
    REQUIRE_MESSAGE(profile.has_value(), profile.error().text);
    const auto built = build_image(*profile, applet::builtin_modules());
    REQUIRE_MESSAGE(built.has_value(), built.error().text);
    const auto again = decode_image(encode_image(**built), applet::builtin_modules());
    REQUIRE_MESSAGE(again.has_value(), again.error().text);
    CHECK((*again)->fingerprint() == (*built)->fingerprint());
    return *again;
  }

  SeededRandom m_random{1};
  SystemClock m_clock;
  Card m_card;
};

constexpr std::string_view kTelecom = "00A4080C027F10";
constexpr std::string_view kCsim = "00A4040C10A0000003431002F310FFFF89020000FF";
constexpr std::string_view kVerifyTelecom = "002000810831313131FFFFFFFF";
constexpr std::string_view kVerifyCsim = "002000810832323232FFFFFFFF";

}  // namespace

TEST_CASE("a local key is that of the nearest DF that has it, ETSI TS 102 221 clause 9.5.1") {
  PackageCard card;
  CHECK(card.send(kTelecom) == "9000");
  CHECK(card.send("00A4000C026F02") == "9000");
  CHECK(card.send("00B0000002") == "6982");
  CHECK(card.send(kVerifyCsim) == "63C2");
  CHECK(card.send(kVerifyTelecom) == "9000");
  CHECK(card.send("00B0000002") == "FFFF9000");
  CHECK(card.send(kCsim) == "9000");
  CHECK(card.send("00A4000C026F02") == "9000");
  CHECK(card.send("00B0000002") == "6982");  // that of the application was not presented
  CHECK(card.send(kVerifyTelecom) == "63C2");
  CHECK(card.send(kVerifyCsim) == "9000");
  CHECK(card.send("00B0000002") == "FFFF9000");
}

TEST_CASE("a link reads and writes the records of the other file under its own rule") {
  PackageCard card;
  CHECK(card.send(kTelecom) == "9000");
  CHECK(card.send("00A4000C026F01") == "9000");
  CHECK(card.send("00B2010404") == "6982");
  CHECK(card.send("00DC020404AABBCCDD") == "9000");
  CHECK(card.send(kCsim) == "9000");
  CHECK(card.send("00A4000C026F3B") == "9000");
  CHECK(card.send("00B2020404") == "AABBCCDD9000");
  CHECK(card.send("00DC01040411223344") == "9000");
  CHECK(card.send(kTelecom) == "9000");
  CHECK(card.send(kVerifyTelecom) == "9000");
  CHECK(card.send("00A4000C026F01") == "9000");
  CHECK(card.send("00B2010404") == "112233449000");
}

TEST_CASE("a file with links is not resized; with it go its links, and without them it stays") {
  {
    PackageCard card;
    CHECK(card.send(kCsim) == "9000");
    CHECK(card.send("80D400000A 6208 83026F3B 80020004") == "6985");
    CHECK(card.send(kTelecom) == "9000");
    CHECK(card.send("80D400000A 6208 83026F01 80020004") == "6985");
    CHECK(card.send("00E40000026F01") == "9000");
    CHECK(card.send(kCsim) == "9000");
    CHECK(card.send("00A4000C026F3B") == "9000");
    CHECK(card.send("00B2010404") == "010203049000");
    CHECK(card.send("80D400000A 6208 83026F3B 80020004") == "9000");
  }
  PackageCard card;
  CHECK(card.send(kCsim) == "9000");
  CHECK(card.send("00E40000026F3B") == "9000");
  CHECK(card.send(kTelecom) == "9000");
  CHECK(card.send("00A4000C026F01") == "6A82");
}

TEST_CASE("the CSIM is selected and computes nothing; an ADF need not have an identifier") {
  PackageCard card;
  CHECK(card.send("00A4040410A0000003431002F310FFFF89020000FF00").find("8410A0000003431002F310FFFF89020000FF") == 8 + 4 + 0);
  CHECK(card.send("0088000000") == "6D00");
}
