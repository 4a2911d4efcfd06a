// SPDX-License-Identifier: Apache-2.0
#include "bench.hpp"
#include "ota/sms_tpdu.hpp"

using namespace uicclab;
using namespace uicclab::literals;
using test::TerminalBench;

TEST_CASE("terminal: TERMINAL PROFILE after each reset, and the card's proactive commands after that (TS 102 223 clause 5.1)") {
  test::ProactiveCard card;
  terminal::Terminal terminal(card, {});
  card.wants("D009 810301020082028182");
  REQUIRE(terminal.reset());
  REQUIRE(card.log.size() == 3);
  CHECK(card.log[0] == "reset");
  CHECK(card.log[1].starts_with("80100000"));
  CHECK(card.log[2] == "801400000C810301020002028281830100");
  REQUIRE(terminal.served().size() == 1);
  terminal.power_off();
  CHECK(card.log.back() == "off");
  terminal::Settings settings;
  settings.profile = to_bytes("FFFF"_h);
  terminal::Terminal other(card, settings);
  REQUIRE(other.reset());
  CHECK(card.log.back() == "8010000002FFFF");
}

TEST_CASE("terminal: command details come back as they were, with their comprehension bit (TS 102 223 clause 6.8.1)") {
  TerminalBench b;
  CHECK(b.serve("D009 8103 2A0200 82028182") == "81032A020002028281830100");
  CHECK(b.serve("D009 0103 2A0200 02028182") == "01032A020002028281830100");
}

TEST_CASE("terminal: commands not understood, values missing, commands beyond it (TS 102 223 clauses 6.10 and 8.12)") {
  TerminalBench b;
  CHECK(b.result("D009 8103 01F100 82028182") == "830131");                 // no such type
  CHECK(b.result("D009 8103 013400 82028182") == "830130");                 // RUN AT COMMAND
  CHECK(b.result("D009 8103 012100 82028182") == "830136");                 // DISPLAY TEXT without text
  CHECK(b.result("D00D 8103 010200 82028182 FF22 0301") == "830132");       // breaks the coding
  CHECK(b.result("D00D 8103 010200 82028182 EF02 0102") == "830132");       // unknown, comprehension required
  CHECK(b.result("D00D 8103 010200 82028182 6F02 0102") == "830100");       // unknown, not required
  CHECK(b.result("D005 8103 010200") == "830136");                          // no devices
  CHECK(b.serve("D004 82028182") == "810300000002028281830136");            // no details
  CHECK(b.serve("D10981030102008202 8182") == "810300000002028281830132");  // another template
  CHECK(b.serve("D00A 810301020082028182") == "810300000002028281830132");  // a length that is not right
  CHECK(b.result("D009 8103 010200 82028281") == "830132");                 // not from the card
  CHECK(b.result("D008 8102 0102 82028182") == "830132");
}

TEST_CASE("terminal: a menu is kept, replaced and removed; its items are selected by envelope (clauses 6.4.8 and 7.2)") {
  TerminalBench b;
  CHECK(b.terminal.select_item(1).error().code == ErrorCode::kNotFound);
  CHECK(b.result("D01B 8103012500 82028182 85044D656E75 8F04 014F6E65 8F04 0254776F") == "830100");
  REQUIRE(b.terminal.menu() != nullptr);
  CHECK(b.terminal.menu()->title == "Menu");
  REQUIRE(b.terminal.menu()->items.size() == 2);
  CHECK(b.terminal.menu()->items[1].text == "Two");
  CHECK(terminal::item_named(b.terminal.menu()->items, "Two") == 2);
  CHECK(terminal::item_named(b.terminal.menu()->items, "T") == 2);
  CHECK_FALSE(terminal::item_named(b.terminal.menu()->items, "Three"));
  CHECK_FALSE(terminal::item_named(b.terminal.menu()->items, ""));  // would be both
  REQUIRE(b.terminal.select_item(2));
  CHECK(b.card.log.back() ==
        "80C2000009D30782020181900102"
        "00");
  REQUIRE(b.terminal.select_item(1, true));
  CHECK(b.card.log.back() == "80C200000BD30982020181900101150000");
  CHECK(b.terminal.select_item(3).error().code == ErrorCode::kNotFound);
  CHECK(b.result("D011 8103012500 82028182 85044D656E75 8F00") == "830100");
  CHECK(b.terminal.menu() == nullptr);
}

TEST_CASE("terminal: without a rule there is no user; rules answer for the user and the network (clause 8.12)") {
  TerminalBench b;
  const char* input = "D012 8103012300 82028182 8D03044E3F 91020114";
  CHECK(b.result(input) == "830112");
  CHECK(b.result("D00E 8103011200 82028183 8A03F02A31") == "83022100");  // USSD
  CHECK(b.result("D00E 8103011000 82028183 860391F102") == "83022100");  // SET UP CALL
  CHECK(b.result("D00C 8103011400 82028183 AC0112") == "83022007");      // SEND DTMF
  CHECK(b.result("D00E 8103012100 82028102 8D03044869") == "830100");
  b.terminal.set_rule([](const terminal::ProactiveCommand& command) -> std::optional<terminal::Answer> {
    if (command.is(terminal::Type::kGetInput)) return terminal::Answer{{0x00}, to_bytes("8D03044142"_h)};
    if (command.is(terminal::Type::kDisplayText)) return terminal::Answer::of(0x10);
    return std::nullopt;
  });
  CHECK(b.result(input) == "8301008D03044142");
  CHECK(b.result("D00E 8103012100 82028102 8D03044869") == "830110");
  b.terminal.set_rule([](const terminal::ProactiveCommand&) { return terminal::Answer::of(0x20, 0x01); });
  CHECK(b.result("D013 8103012500 82028182 85044D656E75 8F02 0141") == "83022001");
  CHECK(b.terminal.menu() == nullptr);  // refused: nothing was kept
}

TEST_CASE("terminal: short messages are captured, and their parts joined (clause 6.4.10; TS 23.040)") {
  TerminalBench b;
  ota::SmsSubmit submit;
  submit.destination = *ota::Address::from_number("+4917");
  submit.body.pid = 0;
  submit.body.dcs = 0x04;
  const Bytes long_text(200, 0x41);
  const auto parts = ota::split({{}, long_text}, 7);
  REQUIRE(parts);
  REQUIRE(parts->size() == 2);
  for (const ota::UserData& part : *parts) {
    REQUIRE(submit.body.set_user_data(part));
    const Bytes tpdu = *submit.build();
    Bytes objects = to_bytes("810301130082028183"_h);
    append(objects, Bytes{0x8B, 0x81, static_cast<std::uint8_t>(tpdu.size())});
    append(objects, tpdu);
    Bytes command{0xD0, 0x81, static_cast<std::uint8_t>(objects.size())};
    append(command, objects);
    CHECK(b.result(to_hex(command)) == "830100");
  }
  CHECK(b.terminal.tpdus().size() == 2);
  REQUIRE(b.terminal.messages().size() == 1);
  CHECK(b.terminal.messages()[0].payload == long_text);
  CHECK(b.result("D00E 8103011300 82028183 8B03FFFFFF") == "830100");  // no TPDU that anybody can read
  CHECK(b.terminal.messages().size() == 1);
}

TEST_CASE("terminal: local information (clause 6.4.15)") {
  terminal::Settings settings;
  settings.location = to_bytes("62F210123456AB"_h);
  settings.time =
      std::chrono::sys_days(std::chrono::year(2026) / 2 / 28).time_since_epoch() + std::chrono::hours(23) + std::chrono::seconds(59);
  TerminalBench b(settings);
  const auto ask = [&b](const char* qualifier) { return b.result(std::string("D009 810301 26") + qualifier + "82028182"); };
  CHECK(ask("00") == "830100130762F210123456AB");
  CHECK(ask("01") == "83010014084A09512430325781");
  CHECK(ask("03") == "830100260762208232009500");
  REQUIRE(b.terminal.advance(std::chrono::seconds(3601)));
  CHECK(ask("03") == "830100260762301000100000");
  CHECK(ask("04") == "8301002D02656E");
  CHECK(ask("06") == "8301003F0108");
  CHECK(ask("08") == "83010062094309512430325701F1");
  CHECK(ask("05") == "830130");
}

TEST_CASE("terminal: timers on virtual time (clauses 6.4.21 and 7.4.1)") {
  TerminalBench b;
  const auto timer = [&b](const char* qualifier, const char* rest) {
    const std::string inside = std::string("810301 27") + qualifier + "82028182" + rest;
    const auto bytes = *from_hex(inside);
    return b.result("D0" + to_hex(std::array{static_cast<std::uint8_t>(bytes.size())}) + to_hex(bytes));
  };
  CHECK(timer("00", "A40101 A503 000200") == "830100240101");  // 20 minutes
  CHECK(timer("00", "A40108 A503 000003") == "830100240108");  // 30 seconds
  CHECK(timer("02", "A40102") == "830124240102");
  CHECK(timer("01", "A40102") == "830124240102");
  CHECK(timer("00", "A40109 A503 000003") == "830132");
  CHECK(timer("00", "A40101 A503 00000A") == "830132");
  CHECK(timer("00", "A40101") == "830136");
  CHECK(timer("07", "A40101") == "830132");
  b.card.log.clear();
  REQUIRE(b.terminal.advance(std::chrono::seconds(29)));
  CHECK(b.card.log.empty());
  REQUIRE(b.terminal.advance(std::chrono::seconds(1)));
  REQUIRE(b.card.log.size() == 1);
  CHECK(b.card.log[0] == "80C200000ED70C82028281A40108A50300000300");
  CHECK(timer("02", "A40101") == "8301002401012503009103");  // 19:30 left
  CHECK(timer("01", "A40101") == "8301002401012503009103");
  b.card.log.clear();
  REQUIRE(b.terminal.advance(std::chrono::hours(24)));
  CHECK(b.card.log.empty());
}

TEST_CASE("terminal: polling at the interval that the card asked for (clauses 6.4.6 and 6.4.14)") {
  TerminalBench b;
  CHECK(b.result("D00D 8103010300 82028182 8402011E") == "8301000402011E");
  b.card.log.clear();
  REQUIRE(b.terminal.advance(std::chrono::seconds(95)));
  CHECK(b.card.log == std::vector<std::string>(3, "80F2000C00"));
  CHECK(b.result("D009 8103010400 82028182") == "830100");
  b.card.log.clear();
  REQUIRE(b.terminal.advance(std::chrono::hours(1)));
  CHECK(b.card.log.empty());
  CHECK(b.result("D00D 8103010300 82028182 84020700") == "830132");
  CHECK(b.result("D00D 8103010300 82028182 84020100") == "830132");
}

TEST_CASE("terminal: events of the card's list, and no others (clauses 6.4.16 and 7.5)") {
  TerminalBench b;
  CHECK(b.terminal.download_event(0x03, {}).error().code == ErrorCode::kNotFound);
  CHECK(b.result("D00D 8103010500 82028182 99020305") == "830100");
  REQUIRE(b.terminal.download_event(0x03, "1B0100"_h));
  CHECK(b.card.log.back() == "80C200000CD60A990103820282811B010000");
  REQUIRE(b.terminal.download_event(0x05, {}));
  CHECK(b.terminal.download_event(0x05, {}).error().code == ErrorCode::kNotFound);  // reported once
  CHECK(b.result("D00B 8103010500 82028182 9900") == "830100");
  CHECK(b.terminal.events().empty());
}

TEST_CASE("terminal: REFRESH in each mode (clause 6.4.7)") {
  TerminalBench b;
  CHECK(b.result("D00E 8103010100 82028182 9203 013F00") == "830103");
  CHECK(b.card.log[b.card.log.size() - 2] == "80F2010C00");
  b.card.log.clear();
  CHECK(b.result("D012 8103010101 82028182 9207 013F007FFF6F07") == "830100");
  CHECK(b.card.log == std::vector<std::string>{"80F2000C00", "00A40804047FFF6F0700", "00B0000000", "801400000C810301010102028281830100"});
  CHECK(b.result("D009 8103010101 82028182") == "830136");
  b.card.log.clear();
  CHECK(b.result("D010 8103010106 82028182 AF05A000000087") == "830100");
  CHECK(b.card.log == std::vector<std::string>{"80F2000C00", "00A4044C05A000000087", "00A4040C05A000000087", "80F2010C00",
                                               "801400000C810301010602028281830100"});
  b.card.log.clear();
  b.card.wants("D009 8103010104 82028182");
  REQUIRE(b.terminal.transmit("80F2000C00"_h));  // UICC reset: no terminal response, but a reset and the profile
  REQUIRE(b.card.log.size() == 3);
  CHECK(b.card.log[1] == "reset");
  CHECK(b.card.log[2].starts_with("80100000"));
  CHECK(b.result("D009 8103010109 82028182") == "830130");
}

TEST_CASE("terminal: a card that never ends its session is given up") {
  TerminalBench b;
  for (int i = 0; i < 300; ++i) b.card.wants("D009 8103010200 82028182");
  const auto answer = b.terminal.transmit("80F2000C00"_h);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::kMalformed);
}
