// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <sstream>

#include <doctest/doctest.h>

#include "core/hex.hpp"
#include "script/report.hpp"

using namespace uicclab;
using namespace uicclab::script;

namespace {

/// Answers by a table; what is not in it with 6D00.
class FakeCard final : public CardPort {
 public:
  Result<Atr> reset() override { return Atr{0x3B, 0x00}; }
  Result<Bytes> transmit(BytesView command) override {
    sent.push_back(to_hex(command));
    const auto found = answers.find(sent.back());
    return from_hex(found == answers.end() ? "6D00" : found->second);
  }
  void power_off() override {}
  Result<void> select_protocol(Protocol protocol) override {
    if (protocol == Protocol::kT1 && !refuses_t1.empty()) return fail(ErrorCode::kRefused, refuses_t1);
    return {};
  }
  Protocol protocol() const override { return answers_at_once ? Protocol::kT1 : Protocol::kT0; }

  std::string refuses_t1;
  bool answers_at_once = false;
  std::map<std::string, std::string> answers{
      {"00A40004023F00", "62 0B 82 02 7821 83 02 3F00 8A 01 05 9000"},
      {"00B0000003", "010203 9000"},
      {"0020000108"
       "31323334FFFFFFFF",
       "63C2"},
      {"8010000001FF", "9112"},
      {"8012000012", "D0 10 81 03 01 21 80 82 02 81 02 8D 05 04 48 65 79 21 9000"},
      {"801400000C"
       "810301218002028281030100",
       "9000"},
      {"00C1", "9000"},
  };
  std::vector<std::string> sent;
};

class NoPorts final : public PortMaker {
 public:
  Result<std::unique_ptr<CardPort>> secure_channel(CardPort&, const Options& options) override {
    asked = options;
    return fail(ErrorCode::kMismatch, "wrong keys");
  }
  Result<std::unique_ptr<CardPort>> over_the_air(CardPort&, const Options&) override { return fail(ErrorCode::kRefused, "not allowed"); }
  Options asked;
};

struct Run {
  explicit Run(const std::string& body, std::string before = "", const std::function<void(FakeCard&)>& prepare = {}) {
    if (prepare) prepare(card);
    const auto parsed =
        parse(before + "case \"one\" {\n" + body + "\n}\n", "t", [](const std::string&) -> Result<std::string> { return ""; });
    REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().text));
    SeededRandom random(1);
    result = run_case({&*parsed, &parsed->cases[0]}, card, ports, random, {});
  }
  std::string said() const { return result.failure ? result.failure->text : std::string(to_text(result.outcome)); }
  std::string details() const {
    std::string out;
    for (const std::string& line : result.failure ? result.failure->details : std::vector<std::string>{}) out += line + "\n";
    return out;
  }
  FakeCard card;
  NoPorts ports;
  CaseResult result;
};

}  // namespace

TEST_CASE("Expectations that hold") {
  for (const char* body : {"00B0000003",
                           "00B0000003 -> 9000",
                           "00B0000003 -> 010203 9000",
                           "00B0000003 -> .. 03 9000",
                           "00B0000003 -> 01xx03 90xx",
                           "00B0000003 -> [3] success",
                           "00B0000003 -> [1-4] 6A82 or 9000",
                           "00B0000003\ndata == 0102 03",
                           "00B0000003\ndata[1] == 02",
                           "00B0000003\ndata[0..1] == 0102",
                           "00B0000003\nsw == 9000",
                           "00B0000003\ndata[1] & 03 == 02",
                           "00B0000003\ndata[0] < 02",
                           "00B0000003\ndata[0] >= 01",
                           "00B0000003\ndata != 0101",
                           "00A40004 (3F00)\n62/83 == 3F00",
                           "00A40004 (3F00)\n62/80 absent",
                           "00A40004 (3F00)\n62/8A exists",
                           "00A40004 (3F00)\ncapture f = 62/83\n00A40004 ($f)\n$f == 3F00",
                           "set a = 0000\n00B0 $a 03",
                           "for a in 03 03 {\n00B00000 $a\n}",
                           "raw 00A4000402 3F00 -> 62 .. 9000",
                           "verify PIN1 \"1234\" -> 63C2",
                           "8010000001FF -> 91xx\nfetch DISPLAY_TEXT\nD0/8D == 04 \"Hey!\"\nD0/81[1] == 21\nanswer 00",
                           "reset -> 3B ..",
                           "00B0 (xor(0F, 0F)) -> 6D00",
                           "00B0 random(03) -> 6D00",
                           "00B000 slice(010003, 01, 02)"}) {
    CAPTURE(body);
    const Run run(body);
    CHECK_MESSAGE(run.result.outcome == CaseResult::Outcome::kPassed, run.said());
  }
}

TEST_CASE("Expectations that do not hold: each failure says what was wrong") {
  const std::pair<const char*, const char*> kFailures[] = {
      {"00B1000003", "status 6D00, not success"},
      {"00B0000003 -> 6A82", "status 9000, not 6A82"},
      {"00B0000003 -> 010204 9000", "differs at byte 2"},
      {"00B0000003 -> 01020304 9000", "ends after 3 bytes"},
      {"00B0000003 -> 0102 9000", "differs at byte 2"},
      {"00B0000003 -> none 9000", "differs at byte 0"},
      {"00B0000003 -> [4-9] 9000", "ends after 3 bytes"},
      {"00B0000003\ndata == 010203 04", "ends after 3 bytes"},
      {"00B0000003\ndata != 010203", "which it must not be"},
      {"00B0000003\ndata[3] == 00", "data[3] is not there"},
      {"00B0000003\ndata[0] > 01", "not > 01"},
      {"00A40004 (3F00)\n62/83 == 7F10", "62/83 (file identifier) differs at byte 0"},
      {"00A40004 (3F00)\n62/80 exists", "62/80 is not there"},
      {"00A40004 (3F00)\n62/8A absent", "62/8A is there"},
      {"00A40004 (3F00)\ncapture x = 62/99", "62/99 is not there"},
      {"fetch", "no proactive command waits"},
      {"8010000001FF -> 91xx\nfetch REFRESH", "the proactive command is DISPLAY TEXT (21), not REFRESH"},
      {"reset -> 3F ..", "answer to reset"},
      {"in scp03 level 33 {\n}", "wrong keys"},
  };
  for (const auto& [body, text] : kFailures) {
    CAPTURE(body);
    const Run run(body);
    CHECK(run.result.outcome == CaseResult::Outcome::kFailed);
    CHECK_MESSAGE(run.said().find(text) != std::string::npos, run.said());
  }
}

TEST_CASE("A mistake in a script is an error, and a command that is not allowed is skipped") {
  CHECK(Run("00B0 $nothing 03").result.outcome == CaseResult::Outcome::kError);
  CHECK(Run("select EF.NONESUCH").result.outcome == CaseResult::Outcome::kError);
  CHECK(Run("verify PIN77 00").result.outcome == CaseResult::Outcome::kError);
  CHECK(Run("00B0000003\ndata & FF == 01").result.outcome == CaseResult::Outcome::kError);
  CHECK(Run("answer 00").result.outcome == CaseResult::Outcome::kError);
  CHECK(Run("use a", "define a {\nuse a\n}\n").said().find("without end") != std::string::npos);
  CHECK(Run("over ota tar B00140 {\n}").result.outcome == CaseResult::Outcome::kSkipped);
}

TEST_CASE("A difference is reported by field") {
  const Run fcp("00A40004 (3F00) -> 62 0B 82027821 83027F10 8A0105 9000");
  CHECK(fcp.details().find("62/83 file identifier: expected 7F10, got 3F00") != std::string::npos);
  const Run status("00B1000003");
  CHECK(status.details().find("6D00 (") != std::string::npos);
}

TEST_CASE("The length of ( ) is Lc in a command and BER inside") {
  const Run run("00E2 0000 (62 (83 (6F07)) repeat(00, C8))");
  CHECK(
      run.card.sent[0].starts_with("00E20000CE"
                                   "6204"
                                   "83026F07"
                                   "00"));
}

TEST_CASE("Teardown runs after a failure, setup before the body") {
  const Run run("00B1000003", "setup {\n00B0000003\n}\nteardown {\n00C1 -> 9000\n}\n");
  CHECK(run.card.sent == std::vector<std::string>{"00B0000003", "00B1000003", "00C1"});
  CHECK(run.said().find("00B1") == std::string::npos);
  CHECK(run.result.failure->place.line == 8);
}

TEST_CASE("Options of a block reach whoever makes its port") {
  const Run run("set l = 33\nin scp03 level $l kvn 30 {\n}");
  CHECK(run.ports.asked == PortMaker::Options{{"kvn", "30"}, {"level", "33"}});
}

namespace {

class FakeCards final : public CardSource {
 public:
  Result<std::unique_ptr<TestCard>> card(std::size_t) override { return std::make_unique<One>(); }

 private:
  class One final : public TestCard {
   public:
    CardPort& port() override { return m_card; }
    PortMaker& ports() override { return m_ports; }
    Random& random() override { return m_random; }

   private:
    FakeCard m_card;
    NoPorts m_ports;
    SeededRandom m_random{1};
  };
};

std::string text_of(const SuiteOptions& options, bool junit = false) {
  static const Script kScript = *parse(
      "case \"read $x\" tags a {\n | x | sw |\n | 03 | 9000 |\n | 04 | 6D00 |\n | 05 | 9000 |\n | 06 | 6D00 |\n00B00000 $x -> $sw\n}\n"
      "case \"other\" tags b {\n00B0000003\n}\ncase \"<&>\" skip \"not here\" {\n}\n",
      "s", [](const std::string&) -> Result<std::string> { return ""; });
  std::vector<Script> scripts{kScript};
  const auto cases = plan(scripts, options);
  std::ostringstream out;
  TapReport tap(out);
  JunitReport xml(out);
  Reporter* const one[] = {junit ? static_cast<Reporter*>(&xml) : &tap};
  FakeCards cards;
  run(cases, cards, options, one);
  return out.str();
}

std::string lines_of(const std::string& text) {
  std::istringstream in(text);
  std::string out;
  for (std::string line; std::getline(in, line);) {
    if (line.find("ok ") != std::string::npos) out += line + "\n";
  }
  return out;
}

}  // namespace

TEST_CASE("Each row is a case; several jobs report in the same order") {
  const std::string expected =
      "ok 1 - s: read 03\nok 2 - s: read 04\nnot ok 3 - s: read 05\nok 4 - s: read 06\nok 5 - s: other\nok 6 - s: <&> # SKIP not here\n";
  SuiteOptions options;
  CHECK(lines_of(text_of(options)) == expected);
  options.jobs = 4;
  CHECK(lines_of(text_of(options)) == expected);
}

TEST_CASE("Filter, tags, repetition and fail-fast") {
  SuiteOptions options;
  options.filters = {"03", "oth"};
  CHECK(lines_of(text_of(options)) == "ok 1 - s: read 03\nok 2 - s: other\n");
  options = {};
  options.tags = {"a", "!b"};
  options.repeat = 2;
  CHECK(lines_of(text_of(options)).starts_with("ok 1 - s: read 03\nok 2 - s: read 03 (2)\n"));
  options = {};
  options.fail_fast = true;
  options.jobs = 3;
  CHECK(lines_of(text_of(options)).find("ok 5 - s: other # SKIP a case before it failed") != std::string::npos);
}

TEST_CASE("JUnit escapes what XML does not take") {
  const std::string text = text_of({}, true);
  CHECK(text.find("name=\"&lt;&amp;&gt;\"") != std::string::npos);
  CHECK(text.find("tests=\"6\" failures=\"1\" errors=\"0\" skipped=\"1\"") != std::string::npos);
}

TEST_CASE("What a reader of APDU level hides is skipped, with the reason (ETSI TS 102 221 clause 7.3.1.1)") {
  const auto at_once = [](FakeCard& card) { card.answers_at_once = true; };
  const Run hidden("raw 00A40004 (3F00) -> 61xx", "", at_once);
  CHECK(hidden.result.outcome == CaseResult::Outcome::kSkipped);
  CHECK(hidden.said() == "the reader itself handles 61xx and 6Cxx (APDU level): 61xx is never seen");
  CHECK(Run("raw 00A40004 (3F00) -> 6A82", "", at_once).result.outcome == CaseResult::Outcome::kFailed);
  CHECK(Run("raw 00A40005 (3F00) -> 61xx", "", at_once).result.outcome == CaseResult::Outcome::kFailed);  // 6D00 is no data
  CHECK(Run("protocol T=1\nraw 00A40004 (3F00) -> 61xx", "", at_once).result.outcome == CaseResult::Outcome::kFailed);
  CHECK(Run("raw 00A40004 (3F00) -> 61xx").result.outcome == CaseResult::Outcome::kFailed);
  const Run refused("protocol T=1", "", [](FakeCard& card) { card.refuses_t1 = "the reader does not speak T=1"; });
  CHECK(refused.result.outcome == CaseResult::Outcome::kSkipped);
  CHECK(refused.said() == "the reader does not speak T=1");
}
