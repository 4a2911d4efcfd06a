// SPDX-License-Identifier: Apache-2.0
#include "script/case_runner.hpp"
#include "tests/unit/terminal/bench.hpp"

using namespace uicclab;
using namespace uicclab::script;

namespace {

class NoPorts final : public PortMaker {
 public:
  Result<std::unique_ptr<CardPort>> secure_channel(CardPort&, const Options&) override { return fail(ErrorCode::kMismatch, "none"); }
  Result<std::unique_ptr<CardPort>> over_the_air(CardPort&, const Options&) override { return fail(ErrorCode::kMismatch, "none"); }
};

Result<Script> read(const std::string& body) {
  return parse("case \"one\" {\n" + body + "\n}\n", "t", [](const std::string&) -> Result<std::string> { return ""; });
}

std::string error_of(const std::string& body) {
  const auto parsed = read("in terminal {\n" + body + "\n}");
  return parsed ? "no error" : parsed.error().text;
}

/// Runs a body on a card that wants these commands, the first one after TERMINAL PROFILE; "passed", or what the failure says.
std::string run(const std::string& body, const std::vector<std::string>& wants, const std::string& options = "") {
  const auto parsed = read("in terminal " + options + " {\n" + body + "\n}");
  REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().text));
  test::ProactiveCard card;
  for (const std::string& one : wants) card.wants(one);
  NoPorts ports;
  SeededRandom random(1);
  CaseOptions no_network;
  no_network.network = false;
  const auto result = run_case({&*parsed, &parsed->cases[0]}, card, ports, random, no_network);
  return result.failure ? result.failure->text : std::string(to_text(result.outcome));
}

const std::string kMenu = "D01B 8103012500 82028182 85044D656E75 8F04014F6E65 8F040254776F";
const std::string kText = "D00E 8103012100 82028102 8D03044869";
const std::string kInput = "D012 8103012300 82028182 8D03044E3F 91020114";
const std::string kSelect = "D015 8103012400 82028182 8F04014F6E65 8F040254776F";

}  // namespace

TEST_CASE("in terminal: commands are seen in order, and looked into") {
  CHECK(run("saw SET_UP_MENU answered 00\nD0/8F:2 == 02 \"Two\"\nsaw DISPLAY_TEXT\nD0/8D == 04 \"Hi\"\nsaw nothing", {kMenu, kText}) ==
        "passed");
  CHECK(run("saw DISPLAY_TEXT", {kMenu}) == "the next proactive command is SET UP MENU, not DISPLAY TEXT");
  CHECK(run("saw nothing", {kText}) == "the card sent DISPLAY TEXT");
  CHECK(run("saw DISPLAY_TEXT\nsaw DISPLAY_TEXT", {kText}) == "the card sent no further proactive command");
  CHECK(run("saw DISPLAY_TEXT answered 10", {kText}).starts_with("the terminal's answer differs at byte 0"));
  CHECK(run("saw DISPLAY_TEXT\nD0/8D == 04 \"Ho\"", {kText}).starts_with("D0/8D"));
  CHECK(run("sent -> \"a\"", {}) == "the card sent no further short message");
}

TEST_CASE("in terminal: rules answer; the latest that fits, once, or if the command looks so") {
  CHECK(run("saw GET_INPUT answered 12", {kInput}) == "passed");
  const std::string again = "80F2000C";
  const auto later = [&](const std::string& rules, const std::string& checks) { return run(rules + "\n" + again + "\n" + checks, {}); };
  CHECK(later("on GET_INPUT answer 10", "saw nothing") == "passed");
  // The first command comes with TERMINAL PROFILE, before any rule; the others with the reset in the block.
  const auto after = [&](const std::string& rules, const std::string& checks, const std::vector<std::string>& wants) {
    const auto parsed = read("in terminal {\n" + rules + "\n80F2000C -> 91xx\n" + checks + "\n}");
    REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().text));
    class Late final : public CardPort {  // wants nothing before STATUS
     public:
      Result<Atr> reset() override { return card.reset(); }
      Result<Bytes> transmit(BytesView command) override {
        if (command[1] == 0xF2) {
          for (const std::string& one : std::exchange(waits, {})) card.wants(one);
        }
        return card.transmit(command);
      }
      void power_off() override {}
      test::ProactiveCard card;
      std::vector<std::string> waits;
    } late;
    late.waits = wants;
    NoPorts ports;
    SeededRandom random(1);
    const auto result = run_case({&*parsed, &parsed->cases[0]}, late, ports, random, {});
    return result.failure ? result.failure->text : std::string(to_text(result.outcome));
  };
  CHECK(after("on GET_INPUT type \"Ada\"", "saw GET_INPUT answered 00 0D 04 04 \"Ada\"", {kInput}) == "passed");
  CHECK(after("on GET_INPUT answer 10\non GET_INPUT answer 11", "saw GET_INPUT answered 11", {kInput}) == "passed");
  CHECK(after("on GET_INPUT answer 10\non GET_INPUT once answer 11", "saw GET_INPUT answered 11\nsaw GET_INPUT answered 10",
              {kInput, kInput}) == "passed");
  CHECK(after("on DISPLAY_TEXT if D0/8D == 04 \"Ho\" answer 10", "saw DISPLAY_TEXT answered 00", {kText}) == "passed");
  CHECK(after("on DISPLAY_TEXT if D0/8D == 04 .. answer 2001", "saw DISPLAY_TEXT answered 2001", {kText}) == "passed");
  CHECK(after("on SELECT_ITEM choose \"Two\"", "saw SELECT_ITEM answered 00 10 01 02", {kSelect}) == "passed");
  CHECK(after("on SELECT_ITEM choose \"Three\"\non 21 answer 00", "saw SELECT_ITEM", {kSelect}) ==
        "the card offers no item \"Three\" to choose from");
}

TEST_CASE("in terminal: the menu, events and time") {
  CHECK(run("menu \"One\"\nmenu \"T\" help\nmenu 02", {kMenu}) == "passed");
  CHECK(run("menu \"Three\"", {kMenu}) == "the menu has no item Three");
  CHECK(run("menu 03", {kMenu}) == "the menu has no such item");
  CHECK(run("menu 01", {}) == "the card has set up no menu");
  CHECK(run("menu 01 -> 6A81", {kMenu}).find("status 9000, not 6A81") != std::string::npos);
  CHECK(run("event IDLE_SCREEN", {"D00C 8103010500 82028182 990105"}) == "passed");
  CHECK(run("event 03", {"D00C 8103010500 82028182 990105"}) == "the card has not asked for this event");
  CHECK(run("advance 100", {}) == "passed");
}

TEST_CASE("in terminal: what it is, is said by options") {
  const std::string location = "D009 8103012600 82028182";
  CHECK(run("saw PROVIDE_LOCAL_INFORMATION answered 00 13 02 1122", {location}, "location 1122") == "passed");
  CHECK(run("saw PROVIDE_LOCAL_INFORMATION answered 00 26 07 62101090000000", {"D009 8103012603 82028182"}, "time 260101090000") ==
        "passed");
  CHECK(run("saw nothing", {}, "imei 12") == "an IMEI has 15 digits");
  CHECK(run("saw nothing", {}, "time 269901000000") == "a time is YYMMDDhhmmss");
  CHECK(run("saw nothing", {}, "language deu") == "a language is two letters (ISO 639)");
  CHECK(run("saw nothing", {}, "profile 0") == "profile is hexadecimal digits");
}

TEST_CASE("in terminal: an error in a line is reported before anything is sent") {
  CHECK(error_of("on") == "t:3:3: a proactive command is expected, for example DISPLAY_TEXT or 21");
  CHECK(error_of("on NOTHING answer 00").starts_with("t:3:4: a proactive command"));
  CHECK(error_of("on GET_INPUT").find("answer RESULT") != std::string::npos);
  CHECK(error_of("on GET_INPUT answer").find("answer RESULT") != std::string::npos);
  CHECK(error_of("on GET_INPUT twice answer 00").find("once, if, answer") != std::string::npos);
  CHECK(error_of("on GET_INPUT if D0/8D answer 00").find("a condition is PATH == PATTERN") != std::string::npos);
  CHECK(error_of("on GET_INPUT if D0/8D == answer 00").find("a condition is") != std::string::npos);
  CHECK(error_of("on GET_INPUT if D0/8 == 00 answer 00").find("is not a tag") != std::string::npos);
  CHECK(error_of("on GET_INPUT answer 0") != "no error");
  CHECK(error_of("menu").find("menu ITEM") != std::string::npos);
  CHECK(error_of("menu 01 please").find("menu ITEM") != std::string::npos);
  CHECK(error_of("saw").find("a proactive command") != std::string::npos);
  CHECK(error_of("saw DISPLAY_TEXT 00").find("answered PATTERN") != std::string::npos);
  CHECK(error_of("saw DISPLAY_TEXT answered").find("a pattern of the result") != std::string::npos);
  CHECK(error_of("sent 00").find("sent -> PATTERN") != std::string::npos);
  CHECK(error_of("advance").find("advance SECONDS") != std::string::npos);
  CHECK(error_of("advance soon").find("advance SECONDS") != std::string::npos);
  CHECK(error_of("event LUNCH").find("event EVENT") != std::string::npos);
  CHECK(error_of("listen sctp 1 echo").find("listen udp|tcp") != std::string::npos);
  CHECK(error_of("listen udp 0 echo").find("listen udp|tcp") != std::string::npos);
  CHECK(error_of("listen udp 65536 echo").find("listen udp|tcp") != std::string::npos);
  CHECK(error_of("listen udp 1 answer").find("listen udp|tcp") != std::string::npos);
  const auto outside = read("saw DISPLAY_TEXT");
  REQUIRE(outside);
  test::ProactiveCard card;
  NoPorts ports;
  SeededRandom random(1);
  const auto result = run_case({&*outside, &outside->cases[0]}, card, ports, random, {});
  REQUIRE(result.failure);
  CHECK(result.failure->text == "this is for a block \"in terminal {\"");
  CHECK_FALSE(read("in terminal colour 01 {\n}"));
}
