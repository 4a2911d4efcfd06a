// SPDX-License-Identifier: Apache-2.0
// A card behind short messages looks like the card: the same commands, directly and over the air, side by side.
#include "ota/ota_port.hpp"

#include "tests/unit/remote/bench.hpp"

using namespace uicclab;
using namespace uicclab::ota;
using namespace uicclab::test;

namespace {

/// Two cards of the same image; `port` reaches one of them over the air.
struct SideBySide {
  SeededRandom random{1};
  ManualClock clock;
  emulator::Card direct{default_image(), random, clock};
  emulator::Card card{default_image(), random, clock};
  MemoryCounters counters;
  PacketSender sender;
  std::size_t packets = 0;
  OtaPort port;

  explicit SideBySide(ScriptFormat format, std::string_view to = "B00120", Spi spi = {0x16, 0x19}, CommandSet set = CommandSet::kFiles)
      : sender({{spi, 0x22, 0x22, tar(to)}, Address::from_number("+491710000000").value(), {}, 8, 1, {}}, keys_2(), counters),
        port(card, sender, {set, format, hex("A000000151000000"), Address::from_number("+491710000099").value()},
             [this](BytesView, const Delivery&) { ++packets; }) {
    REQUIRE(direct.reset());
    REQUIRE(port.reset());
  }

  std::string over_the_air(std::string_view command) { return to_hex(port.transmit(hex(command)).value()); }
  std::string at_card(std::string_view command) { return to_hex(direct.transmit(hex(command)).value()); }
};

}  // namespace

TEST_CASE("A client sees over the air what it sees at the card, in either format and protocol (TS 102 226 5, TS 102 221 7.3)") {
  constexpr std::string_view kCommands[] = {
      "00A40004022FE2", "00C0000000",         "00B000000A",     "00B000000B",
      "00B0000000",     "00B000000A",                            // another Le, twice the same
      "00A4000C022F05", "00B0000006",         "00D6000002AABB",  // UPDATE: PIN disabled, so it goes
      "00B0000006",     "00A40004027F10",     "00C0000000",     "00A4000C026F3A",
      "00B201041C",     "00B233041C",         "00A2010401FF",   "00C0000000",
      "00A40004021234",                        // not found: the context stays
      "00B201041C",     "00A40804047F106F42",  // by path from the MF
      "00C0000000",     "00B201042A",         "00A4000C023F00", "00A4000C022F06",
      "00B2010400",     "00B0850000",  // by SFI
      "00F2000000",     "00A4000C022FE2",     "0020000100",     "00200001081234FFFFFFFFFFFF",
      "80F2000000",     "00B0000109",
  };
  for (const ScriptFormat format : {ScriptFormat::kCompact, ScriptFormat::kExpanded}) {
    for (const Protocol protocol : {Protocol::kT0, Protocol::kT1}) {
      CAPTURE(static_cast<int>(format));
      CAPTURE(static_cast<int>(protocol));
      SideBySide both(format);
      REQUIRE(both.direct.select_protocol(protocol));
      REQUIRE(both.port.select_protocol(protocol));
      for (const std::string_view command : kCommands) {
        CAPTURE(std::string(command));
        // GET RESPONSE without anything to get is the client's mistake under T=1.
        if (protocol == Protocol::kT1 && command.starts_with("00C0")) continue;
        const std::string got = both.over_the_air(command);
        std::string expected = both.at_card(command);
        // An Le of 00 asks for all there is; the expanded format gives it without telling the length first.
        if (expected.starts_with("6C") && command.ends_with("00") && got != expected) {
          expected = both.at_card(std::string(command.substr(0, command.size() - 2)) + expected.substr(2));
        }
        CHECK(got == expected);
      }
    }
  }
}

TEST_CASE("What led to the selected file is repeated with each command, and no more than that (TS 102 226 7.2)") {
  SideBySide both(ScriptFormat::kCompact);
  both.over_the_air("00A40004027F10");
  for (int i = 0; i < 40; ++i) {
    both.over_the_air("00A4000C026F3A");
    both.over_the_air("00A4000C026F42");
  }
  const Cntr before = both.counters.next(2).value();
  CHECK(both.over_the_air("00B201042A") == "FFFFFFFFFFFFFFFFFFFFFFFFFFFFE1FFFFFFFFFFFFFFFFFFFFFFFF0791947101000099FFFFFFFF0000A79000");
  CHECK(both.counters.next(2).value().value == before.value + 2);  // one packet, however long the way was
  CHECK(both.packets == 82);
}

TEST_CASE("A verified key counts for the commands that follow, until the reset (TS 102 226 7.2)") {
  SideBySide both(ScriptFormat::kCompact);
  CHECK(both.over_the_air("00A4000C022F08") == "9000");
  const std::string refused = both.over_the_air("00D60000050101010101");
  if (refused != "9000") {
    CHECK(refused == "6982");
    CHECK(both.over_the_air("0020000A083838383838383838") == "9000");
    CHECK(both.over_the_air("00D60000050101010101") == "9000");
    CHECK(both.over_the_air("00B0000005") == "01010101019000");
  }
  REQUIRE(both.port.reset());
  CHECK(both.over_the_air("00B0000005").ends_with("6986"));
}

TEST_CASE("If the path to the file no longer exists the client gets an error, and can start again") {
  SideBySide both(ScriptFormat::kExpanded);
  CHECK(both.over_the_air("00A4000C022F05") == "9000");
  // Somebody else terminates it at the card.
  const auto at_the_card = [&](std::string_view command) { return to_hex(both.card.transmit(hex(command)).value()); };
  CHECK(at_the_card("0020000A083838383838383838") == "9000");
  CHECK(at_the_card("00A4000C022F05") == "9000");
  CHECK(at_the_card("00E40000022F05") == "9000");
  CHECK(both.over_the_air("00B0000006") == "6985");
  CHECK(both.over_the_air("00A4000C022FE2") == "9000");
  CHECK(both.over_the_air("00B000000A") == "988812010000000000019000");
}

TEST_CASE("What the card refuses is a status word, silence an error") {
  SideBySide unknown(ScriptFormat::kCompact, "B0FFFF");
  CHECK(unknown.over_the_air("00A40004022FE2") == "6A82");
  SideBySide silent(ScriptFormat::kCompact, "B00120", {0x16, 0x18});  // no PoR is wanted: nothing comes back
  CHECK(silent.port.transmit(hex("00A40004022FE2")).error().code == ErrorCode::kIo);
  SideBySide weak(ScriptFormat::kCompact, "B00120", {0x10, 0x01});  // no check, and the application wants one
  CHECK(weak.over_the_air("00A40004022FE2") == "6982");
  SideBySide old(ScriptFormat::kCompact);
  for (int i = 0; i < 5; ++i) old.over_the_air("00A40004022FE2");
  MemoryCounters behind;
  PacketSender late(old.sender.settings(), keys_2(), behind);
  OtaPort port(old.card, late, {CommandSet::kFiles, ScriptFormat::kCompact, {}, {}});
  CHECK_FALSE(port.transmit(hex("00A40004022FE2")));  // never reset
  REQUIRE(port.reset());
  CHECK(to_hex(port.transmit(hex("00A40004022FE2")).value()) == "6985");
}

TEST_CASE("Other channels, classes, secure messaging and extended commands do not go over the air") {
  SideBySide both(ScriptFormat::kCompact);
  CHECK(both.over_the_air("01A40004022FE2") == "6881");
  CHECK(both.over_the_air("A0A40000023F00") == "6E00");
  CHECK(both.over_the_air("0CA40004022FE2") == "6882");
  CHECK(both.over_the_air("00A400040000022FE2") == "6700");
  CHECK(both.over_the_air("00A4") == "6700");
  CHECK(both.over_the_air("00C0000000") == "6F00");
  CHECK(both.packets == 0);
}

TEST_CASE("Responses by SMS-SUBMIT carry what does not fit into a report (TS 31.115 4.4)") {
  SideBySide report(ScriptFormat::kCompact, "B00120");
  SideBySide submit(ScriptFormat::kCompact, "B00120", {0x16, 0x39});
  for (SideBySide* both : {&report, &submit}) CHECK(both->over_the_air("00A40804047F106F3C") == both->at_card("00A40804047F106F3C"));
  const std::string whole = submit.at_card("00B20104B0");
  CHECK(whole.size() == 2 * 178);
  CHECK(submit.over_the_air("00B20104B0") == whole);
  const std::string cut = report.over_the_air("00B20104B0");
  CHECK(cut.ends_with("62F1"));
  CHECK(whole.starts_with(cut.substr(0, cut.size() - 4)));
}

TEST_CASE("The issuer security domain is selected by its TAR: SELECT is answered by the port (GP 11.9)") {
  SideBySide both(ScriptFormat::kExpanded, "000000", {0x16, 0x39}, CommandSet::kApplications);
  CHECK(both.over_the_air("00A4040000") == "6F108408A000000151000000A5049F6501FF9000");
  CHECK(both.over_the_air("00A4040008A000000151000000") == "6112");
  CHECK(both.over_the_air("00C0000012") == "6F108408A000000151000000A5049F6501FF9000");
  CHECK(both.over_the_air("00A4040007A0000001510001") == "6A82");
  CHECK(both.over_the_air("00A4000C023F00") == "6A82");
  CHECK(both.packets == 0);
}
