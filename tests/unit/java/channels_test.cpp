// SPDX-License-Identifier: Apache-2.0
// Java applets on logical channels (JCRE 3.1 clauses 4.1 to 4.5, 6.2.8.6), and the APDU object: states, lengths, T=0 and T=1 (clause 9.4).
#include "tests/unit/java/stage.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

const std::string kFile = "F0756963A3";
const std::string kName = "F0756963A301";

struct OnChannels : Stage {
  explicit OnChannels(Protocol protocol = Protocol::kT1) : Stage({}, protocol) {
    load_all();
    REQUIRE(load_file(kFile, "channels") == "009000");
    REQUIRE(install_it(kName, "C900", kFile, kName) == "009000");
    m.port.close();
  }
  std::string at(std::uint8_t channel, const std::string& rest) {
    const std::uint8_t base = rest.starts_with("8") ? 0x80 : 0x00;
    const std::uint8_t cla = channel < 4 ? base | channel : static_cast<std::uint8_t>(base | 0x40 | (channel - 4));
    return m.plain(to_hex(Bytes{cla}) + rest.substr(2));
  }
  std::string select_at(std::uint8_t channel, const std::string& aid) { return at(channel, "00A40400" + lv(aid)); }
  void open_channel(const std::string& number) { REQUIRE(m.plain("0070000001") == number + "9000"); }
};

}  // namespace

TEST_CASE("java channels: select(boolean) and deselect(boolean) say whether the instance is active elsewhere (JCRE clauses 4.3, 4.4)") {
  NEEDS_APPLETS();
  OnChannels s;
  REQUIRE(s.install_it(kName + "02", "C900", kFile, kName) != "009000");  // no session any more
  s.open();
  REQUIRE(s.install_it(kName + "02", "C900", kFile, kName) == "009000");
  s.m.port.close();
  s.open_channel("01");
  s.open_channel("02");
  CHECK(s.select_at(0, kName) == "9000");
  CHECK(s.at(0, "8010000000") == "509000");       // select()
  CHECK(s.select_at(1, kName) == "9000");         // active on 0
  CHECK(s.at(1, "8010000000") == "519000");       // select(true)
  CHECK(s.select_at(2, kName + "02") == "9000");  // the package is active, this instance not
  CHECK(s.at(2, "8010000000") == "529000");       // select(false)
  CHECK(s.at(0, "8014770000") == "009000");
  CHECK(s.at(1, "8014000000") == "779000");  // one segment for the package's channels
  CHECK(s.at(0, "00A4040C023F00") != "");
  CHECK(s.select_at(1, "A0000000871002FF49FF0589")
            .ends_with("61"
                       "2E") == false);
  CHECK(s.at(0, "8010000000") == "D19000");  // deselect(true) of channel 1
  CHECK(s.at(0, "8014000000") == "009000");  // written by channel 1's command above
}

TEST_CASE("java channels: CLEAR_ON_DESELECT goes when the last instance of the package leaves its last channel (JCRE clause 5.2)") {
  NEEDS_APPLETS();
  OnChannels s;
  s.open_channel("01");
  REQUIRE(s.select_at(0, kName) == "9000");
  REQUIRE(s.select_at(1, kName) == "9000");
  REQUIRE(s.at(0, "8014550000") == "009000");
  CHECK(s.m.plain("00708001") == "9000");  // closes channel 1
  CHECK(s.at(0, "8010000000") == "5051D19000");
  CHECK(s.at(0, "8014660000") == "559000");
  REQUIRE(s.select_at(0, kName) == "9000");  // it leaves and comes back
  CHECK(s.at(0, "8010000000") == "D0509000");
  CHECK(s.at(0, "8014000000") == "009000");
}

TEST_CASE(
    "java channels: an applet without MultiSelectable is on one channel (6985), nor may others enter it from another (SecurityException)") {
  NEEDS_APPLETS();
  OnChannels s;
  s.open();
  REQUIRE(s.install_it() == "009000");
  REQUIRE(s.load_file(kSecond, "second") == "009000");
  REQUIRE(s.install_it(kSecondApplet, "C900", kSecond, kSecondApplet) == "009000");
  s.m.port.close();
  s.open_channel("01");
  REQUIRE(s.select_at(0, kSecondApplet) == "9000");
  REQUIRE(s.ask("18", "0000", kApplet) == "9000");
  CHECK(s.ask("19") == "00019000");
  CHECK(s.select_at(1, kSecondApplet) == "6985");
  REQUIRE(s.select_at(1, kApplet) == "9000");
  CHECK(s.ask("19") == "6F00");  // active on channel 1
  REQUIRE(s.m.plain("00708001") == "9000");
  CHECK(s.ask("19") == "00029000");
}

TEST_CASE("java channels: the class byte as it came, its channel, the assigned channel, on channels 0 to 19 (JCRE clause 4.1)") {
  NEEDS_APPLETS();
  OnChannels s;
  REQUIRE(s.select_at(0, kName) == "9000");
  CHECK(s.at(0, "8011000006") ==
        "800000010008"
        "9000");
  for (unsigned channel = 1; channel <= 19; ++channel) {
    const auto number = static_cast<std::uint8_t>(channel);
    s.open_channel(to_hex(Bytes{number}));
    REQUIRE(s.select_at(number, kName) == "9000");
    const std::uint8_t cla = channel < 4 ? 0x80 | number : static_cast<std::uint8_t>(0xC0 | (number - 4));
    CHECK(s.at(number, "8011000006") == to_hex(Bytes{cla, number, number, 1, 0, 8}) + "9000");
  }
  CHECK(s.m.plain("1011000006") ==
        "100000010"
        "00D"
        "9000");                                         // command chaining
  CHECK(s.m.plain("0C11000006") == "0C000001000E9000");  // secure messaging goes to the applet as it came
}

TEST_CASE("java channels: the default application is selected after a reset without a SELECT that comes to process() (JCRE clause 4.1)") {
  NEEDS_APPLETS();
  OnChannels s;
  s.open();
  REQUIRE(s.m.manage("E60800", "0000" + lv(kName) + "01040000") == "009000");  // Card Reset
  s.m.reset();
  CHECK(s.at(0, "8010000000") == "509000");
  CHECK(s.at(0, "8011000006") == "8000000100089000");
  s.open_channel("01");
  CHECK(s.select_at(1, kName) == "9000");
  CHECK(s.at(1, "8010000000") == "519000");
}

TEST_CASE("java APDU: extended length in and out (javacardx.apdu.ExtendedLength, JCRE clause 9.4)") {
  NEEDS_APPLETS();
  OnChannels s;
  REQUIRE(s.select_at(0, kName) == "9000");
  const auto extended = [](const std::string& header, std::size_t size) {
    std::string data;
    for (std::size_t i = 0; i < size; ++i) data += to_hex(Bytes{static_cast<std::uint8_t>(i)});
    return std::pair(header + "00" + to_hex(ByteWriter().u16(static_cast<std::uint16_t>(size)).view()) + data + "0000", data);
  };
  CHECK(s.m.plain(extended("80120000", 10).first) ==
        "000A070102"
        "9000");
  CHECK(s.m.plain(extended("80120000", 254).first) ==
        "00FE070102"
        "9000");
  CHECK(s.m.plain(extended("80120000", 255).first) ==
        "00FF070202"
        "9000");
  const auto [command, data] = extended("80120000", 3000);
  CHECK(s.m.plain(command) ==
        "0BB8070C02"
        "9000");
  CHECK(s.m.plain("801301000000 00") == data + "9000");
  CHECK(s.m.plain("80130FFF000000") == data + "9000");
  CHECK(s.m.plain("8013000700100000").size() == 4);  // no APDU at all
  CHECK(s.m.plain("80160000000BB8") == "0BB89000");
  CHECK(s.m.plain("80160000000000") == "7FFF9000");
  CHECK(s.m.plain("8016000000") == "01009000");
  CHECK(s.m.plain("80160000 02") == "00029000");
  CHECK(s.m.plain("80120000 02 AABB 05") ==
        "0002050102"
        "9000");
  CHECK(s.m.plain(extended("80120000", 4001).first) == "6700");  // the applet's own limit
}

TEST_CASE("java APDU: a long answer under T=0 goes out in pieces by GET RESPONSE (ISO/IEC 7816-3 clause 12.2)") {
  NEEDS_APPLETS();
  OnChannels s(Protocol::kT0);
  s.m.terminal.card.session()->protocol = Protocol::kT0;
  REQUIRE(s.select_at(0, kName) == "9000");
  const auto raw = [&](const std::string& command) { return to_hex(s.m.terminal.card.transmit(*from_hex(command)).value()); };
  CHECK(raw("8017000004") == "000101029000");
  CHECK(raw("8012000003AABBCC") == "6105");
  CHECK(raw("00C0000005") == "00030501029000");
  CHECK(raw("8013000203") == "AABBCC9000");
  CHECK(raw("8013000200") == "6C03");
  CHECK(raw("8013000203") == "AABBCC9000");
}

TEST_CASE("java APDU: misuse throws APDUException with its reason (javacard.framework.APDU)") {
  NEEDS_APPLETS();
  OnChannels s;
  REQUIRE(s.select_at(0, kName) == "9000");
  struct Case {
    const char* how;
    const char* status;
  };
  for (const auto& [how, status] : std::initializer_list<Case>{{"00", "9000"},
                                                               {"01", "6F01"},
                                                               {"02", "6F01"},
                                                               {"03", "6F01"},
                                                               {"04", "6F01"},
                                                               {"05", "6F01"},
                                                               {"06", "6F01"},
                                                               {"07", "6F03"},
                                                               {"08", "6F02"},
                                                               {"09", "6F02"},
                                                               {"0A", "6F01"},
                                                               {"0B", "6F01"},
                                                               {"0C", "6F01"},
                                                               {"0D", "6F01"},
                                                               {"0E", "6F03"},
                                                               {"0F", "6F01"}}) {
    const std::string answer = s.m.plain("8015" + std::string(how) + "00 02 1122");
    CHECK_MESSAGE(answer.substr(answer.size() - 4) == status, "misuse " << how << ": " << answer);
  }
}

TEST_CASE("java APDU: an applet without ExtendedLength refuses more than 255 bytes (6700)") {
  NEEDS_APPLETS();
  OnChannels s;
  s.open();
  REQUIRE(s.install_it() == "009000");
  REQUIRE(s.select() == "9000");
  std::string data;
  for (int i = 0; i < 256; ++i) data += "00";
  CHECK(s.m.plain("80100000000100" + data + "0000") == "6700");
  CHECK(s.m.plain("80100000000000") == "00029000");  // all that it wants to answer is what it has
}
