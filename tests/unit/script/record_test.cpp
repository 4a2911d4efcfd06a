// SPDX-License-Identifier: Apache-2.0
#include <map>

#include <doctest/doctest.h>

#include "core/hex.hpp"
#include "core/transceive.hpp"
#include "script/record_port.hpp"
#include "script/replay_port.hpp"

using namespace uicclab;
using namespace uicclab::script;

namespace {

/// Answers by command; what it does not know is 6D00.
class Card final : public CardPort {
 public:
  Result<Atr> reset() override { return from_hex("3B9F96801F878031E073FE211B674A4C753034054BA9"); }
  Result<Bytes> transmit(BytesView command) override {
    if (gone) return fail(ErrorCode::kIo, "the card was\nremoved");
    const auto found = answers.find(to_hex(command));
    return from_hex(found == answers.end() ? "6D00" : found->second);
  }
  void power_off() override {}
  bool gone = false;
  std::map<std::string, std::string> answers{
      {"00A40004022FE2", "6114"},
      {"00C0000014", "62128202412183022FE28A01058B032F06018002000A9000"},
      {"00B000000A", "988812010000000000019000"},
      {"00200001083132333435FFFFFF", "63C2"},
      {"002000010831323334FFFFFFFF", "9000"},
      {"80D8308103010203", "9000"},
  };
};

struct Recorder {
  explicit Recorder(bool with_secrets = false)
      : port(
            card,
            [this](std::string_view lines) -> Result<void> {
              if (full) return fail(ErrorCode::kIo, "no space");
              text += lines;
              return {};
            },
            with_secrets) {}
  std::string send(std::string_view command) {
    const auto answer = port.transmit(from_hex(command).value());
    return answer ? to_hex(*answer) : "error: " + answer.error().text;
  }
  Card card;
  std::string text;
  bool full = false;
  RecordPort port;
};

Recording recording_of(const std::string& text, const std::map<std::string, std::string>& variables = {}) {
  const auto script = parse(text, "recorded.script", [](const std::string&) { return Result<std::string>(); });
  REQUIRE_MESSAGE(script.has_value(), (script ? "" : script.error().text));
  auto recording = read_recording(*script, variables);
  REQUIRE_MESSAGE(recording.has_value(), (recording ? "" : recording.error().text));
  return *std::move(recording);
}

std::string refusal(const std::string& text) {
  const auto script = parse(text, "recorded.script", [](const std::string&) { return Result<std::string>(); });
  REQUIRE_MESSAGE(script.has_value(), (script ? "" : script.error().text));
  const auto recording = read_recording(*script, {});
  return recording ? "" : recording.error().text;
}

struct Replay {
  explicit Replay(Recording recording, bool loose = false, StatusWord status = StatusWord{0x6F00})
      : port(std::move(recording),
             {loose, status, [this](const Deviation& one) { told.push_back(to_text(one.place) + ": " + one.text); }}) {}
  std::string send(std::string_view command) {
    const auto answer = port.transmit(from_hex(command).value());
    return answer ? to_hex(*answer) : "error: " + answer.error().text;
  }
  std::vector<std::string> told;
  ReplayPort port;
};

const std::string kSession =
    "reset -> 3B00\n"
    "raw 00A40004022FE2 -> none 6114\n"
    "raw 00C0000002 -> 6200 9000\n"
    "raw 00B0000002 -> 1111 9000\n"
    "power off\n"
    "reset -> 3B00\n"
    "raw 00A40004022F05 -> none 9000\n"
    "raw 00B0000002 -> 2222 9000\n"
    "raw 00B0000002 -> 3333 9000\n";

}  // namespace

TEST_CASE("A recording names commands and files, and is a script that the card passes") {
  Recorder recorder;
  REQUIRE(recorder.port.reset());
  CHECK(recorder.send("00A40004022FE2") == "6114");
  recorder.send("00C0000014");
  recorder.send("00B000000A");
  recorder.port.power_off();
  CHECK(recorder.text ==
        "reset -> 3B9F96801F878031E073FE211B674A4C753034054BA9\n"
        "# SELECT 2FE2: EF.ICCID\n"
        "raw 00A40004022FE2 -> none 6114\n"
        "# GET RESPONSE 20 bytes\n"
        "raw 00C0000014 -> 62128202412183022FE28A01058B032F06018002000A 9000\n"
        "# READ BINARY 10 bytes at 0: EF.ICCID\n"
        "raw 00B000000A -> 98881201000000000001 9000\n"
        "power off\n");
  Replay replay(recording_of(recorder.text));
  REQUIRE(replay.port.reset());
  CHECK(replay.send("00A40004022FE2") == "6114");
  CHECK(replay.send("00C0000014") == recorder.card.answers["00C0000014"]);
  CHECK(replay.told.empty());
}

TEST_CASE("What is written into files with keys is masked, too, and commands that failed") {
  Recorder recorder;
  recorder.card.answers = {{"00A4040C07A0000000871002", "9000"}, {"00A4000C026F08", "9000"}, {"00D600000401020304", "9000"},
                           {"00D688000405060708", "9000"},       {"00A4000C026F07", "9000"}, {"00D60000041A1B1C1D", "9000"}};
  for (const char* command : {"00A4040C07A0000000871002", "00A4000C026F08", "00D600000401020304", "00A4000C026F07", "00D60000041A1B1C1D"})
    recorder.send(command);
  recorder.send("00D688000405060708");  // EF.Keys by its short identifier
  recorder.card.gone = true;
  recorder.send("002000010831323334FFFFFFFF");
  CHECK(recorder.text.find("raw 00D6000004 $masked_1 -> none 9000\n") != std::string::npos);
  CHECK(recorder.text.find("raw 00D60000041A1B1C1D -> none 9000\n") != std::string::npos);
  CHECK(recorder.text.find("raw 00D6880004 $masked_2 -> none 9000\n") != std::string::npos);
  CHECK(recorder.text.find("# 0020000108 $masked_3\n") != std::string::npos);
}

TEST_CASE("Values of PINs and keys are masked: the same value by the same name, another one by another") {
  Recorder recorder;
  recorder.send("00200001083132333435FFFFFF");
  recorder.send("002000010831323334FFFFFFFF");
  recorder.send("002000010831323334FFFFFFFF");
  recorder.send("80D8308103010203");
  recorder.send("00200001");
  CHECK(recorder.text.find("raw 0020000108 $masked_1 -> none 63C2\n") != std::string::npos);
  CHECK(recorder.text.find("raw 80D8308103 $masked_3 -> none 9000\n") != std::string::npos);
  CHECK(recorder.text.find("raw 00200001 -> none 6D00\n") != std::string::npos);
  CHECK(recorder.text.find("31323334") == std::string::npos);
  CHECK(recorder.text.find("010203") == std::string::npos);

  Replay replay(recording_of(recorder.text));
  REQUIRE(replay.port.reset());
  CHECK(replay.send("00200001083132333435FFFFFF") == "6F00");
  REQUIRE(replay.told.size() == 1);
  CHECK(replay.told[0].find("was masked when it was recorded") != std::string::npos);
  CHECK(replay.told[0].find("--set masked_1=VALUE") != std::string::npos);

  Replay given(recording_of(recorder.text, {{"masked_1", "3132333435FFFFFF"}, {"masked_2", "\"1234\" FFFFFFFF"}, {"masked_3", "010203"}}));
  REQUIRE(given.port.reset());
  CHECK(given.send("00200001083132333435FFFFFF") == "63C2");
  CHECK(given.send("002000010831323334FFFFFFFF") == "9000");
  CHECK(given.told.empty());
}

TEST_CASE("With secrets, everything is there") {
  Recorder recorder(true);
  recorder.send("002000010831323334FFFFFFFF");
  CHECK(recorder.text.find("raw 002000010831323334FFFFFFFF -> none 9000\n") != std::string::npos);
}

TEST_CASE("Bytes that are not an APDU, and a removed card, are comments; a recording that cannot be written ends the session") {
  Recorder recorder;
  recorder.send("");
  recorder.send("00");
  recorder.card.gone = true;
  CHECK(recorder.send("00B0000000") == "error: the card was\nremoved");
  CHECK(recorder.text.find("# 00B0000000\n# no answer: the card was removed\n") != std::string::npos);
  recorder.card.gone = false;
  recorder.full = true;
  CHECK(recorder.send("00B000000A") == "error: no space");
  CHECK_FALSE(recorder.port.reset());
}

TEST_CASE("Strict: in the order of the recording; other commands are reported with their line and answered with the chosen status") {
  Replay replay(recording_of(kSession), false, StatusWord{0x6985});
  CHECK(replay.send("00B0000002") == "error: the card is off");
  CHECK(to_hex(replay.port.reset().value()) == "3B00");
  CHECK(to_hex(replay.port.reset().value()) == "3B00");  // as PC/SC does it
  CHECK(replay.send("00B0000002") == "6985");
  CHECK(replay.told.back() ==
        "recorded.script:2:1: READ BINARY 2 bytes at 0 (00B0000002), where the recording has SELECT 2FE2 (00A40004022FE2)");
  CHECK(replay.send("00A40004022FE200") == "6114");  // with the Le that T=0 left off
  CHECK(replay.send("00C0000002") == "62009000");
  CHECK(replay.send("00B0000002") == "11119000");
  CHECK(replay.send("00B0000002") == "6985");  // power off comes next
  CHECK(replay.port.deviations() == 2);
  replay.port.power_off();
  REQUIRE(replay.port.reset());
  CHECK(replay.send("00A40004022F05") == "9000");
  REQUIRE(replay.port.reset());  // too early: it starts again
  CHECK(replay.told.back() == "recorded.script:8:1: a reset, where the recording has READ BINARY 2 bytes at 0 (00B0000002)");
  CHECK(replay.send("00A40004022FE2") == "6114");
}

TEST_CASE("Strict: nothing after the end; a reset starts again without a deviation") {
  Replay replay(recording_of("reset -> 3B00\nraw 00A40004022FE2 -> none 9000\n"));
  REQUIRE(replay.port.reset());
  CHECK(replay.send("00A40004022FE2") == "9000");
  CHECK(replay.send("00A40004022FE2") == "6F00");
  CHECK(replay.told.back() == "recorded.script:2:1: SELECT 2FE2 (00A40004022FE2), where the recording has ended");
  REQUIRE(replay.port.reset());
  CHECK(replay.send("00A40004022FE2") == "9000");
  CHECK(replay.port.deviations() == 1);
}

TEST_CASE("Loose: by the command and the selected file, the last answer wins") {
  Replay replay(recording_of(kSession), true);
  REQUIRE(replay.port.reset());
  CHECK(replay.send("00A40004022F05") == "9000");
  CHECK(replay.send("00B0000002") == "33339000");
  CHECK(replay.send("00A40004022FE2") == "6114");
  CHECK(replay.send("00C0000002") == "62009000");
  CHECK(replay.send("00B0000002") == "11119000");
  CHECK(replay.send("00B0000002") == "11119000");
  CHECK(replay.told.empty());
  CHECK(replay.send("00C0000002") == "6F00");  // nothing waits after READ BINARY
  CHECK(replay.send("00A40004026F07") == "6F00");
  CHECK(replay.told.back().find("with 3F00/2FE2 selected is not in the recording") != std::string::npos);
  REQUIRE(replay.port.reset());
  CHECK(replay.send("00B0000002") == "6F00");  // no file is selected
}

TEST_CASE("A recording without GET RESPONSE after a warning has no data there (ETSI TS 102 221 clause 7.3.1.1.4 4b)") {
  for (const bool loose : {false, true}) {
    ReplayOptions options;
    options.loose = loose;
    ReplayPort port(recording_of("reset -> 3B00\nraw 80F24002 (4F00) 00 -> 6310\nraw 80F2000C -> 9000\n"), options);
    REQUIRE(port.reset());
    const auto answer = transceive(port, *from_hex("80F24002024F0000"));
    REQUIRE(answer);
    CHECK(to_hex(answer->status) == "6310");
    CHECK(to_hex(transceive(port, *from_hex("80F2000C"))->status) == "9000");
    CHECK(port.deviations() == 0);
  }
}

TEST_CASE("A protocol is spoken if the recorded answer to reset offers it") {
  Replay t0(recording_of("reset -> 3B00\n"));
  CHECK(t0.port.select_protocol(Protocol::kT0));
  CHECK_FALSE(t0.port.select_protocol(Protocol::kT1));
  Replay t1(recording_of("reset -> 3B80800101\n"));
  CHECK(t1.port.select_protocol(Protocol::kT1));
}

TEST_CASE("Recordings of other kinds: traces and what scriptor wrote") {
  Replay trace(recording_of(
      "12.345 reset -> 3B00\n12.346 00A40004023F00 -> 6115 response data available\n12.347 00C0000002 -> 6200 9000 normal ending\n"));
  REQUIRE(trace.port.reset());
  CHECK(trace.send("00A40004023F00") == "6115");
  CHECK(trace.send("00C0000002") == "62009000");

  Replay scriptor(
      recording_of("Using T=0 protocol\nReading commands from STDIN\n> RESET\n< OK: 3B 00 \n> 00 A4 00 04 02 3F 00\n< 61 15 : 0x15 bytes "
                   "of response still available.\n"
                   "> 00 C0 00 00 02\n< 62 00 90 00 : Normal processing.\n"));
  CHECK(to_hex(scriptor.port.reset().value()) == "3B00");
  CHECK(scriptor.send("00A40004023F00") == "6115");
  CHECK(scriptor.send("00C0000002") == "62009000");
  CHECK(scriptor.told.empty());
}

TEST_CASE("What a card cannot answer from is refused with its place") {
  CHECK(refusal("00A40004 023F00\n").find("this command has no answer") != std::string::npos);
  CHECK(refusal("raw 00A40004023F00 -> 61xx\n").find("recorded.script:1:1: the answer ends with no status word") == 0);
  CHECK(refusal("raw 00B0000002 -> 11xx 9000\n").find("the answer has holes") != std::string::npos);
  CHECK(refusal("reset -> ..\n").find("the answer has holes") != std::string::npos);
  CHECK(refusal("reset\nselect EF.IMSI\n").find("recorded.script:2:1: this is not part of a recording") == 0);
  CHECK(refusal("raw 00B0 $a 00 -> $b 9000\n").find("$b is not known") != std::string::npos);
}

TEST_CASE("The selected file is followed on each channel (ETSI TS 102 221 clauses 8.4 and 8.5)") {
  SelectedFiles files;
  const auto select = [&](std::string_view command, std::uint16_t status = 0x9000) {
    const Bytes bytes = from_hex(command).value();
    files.follow(bytes, StatusWord{status});
    return files.path(bytes[0]);
  };
  CHECK(files.path(0) == "3F00");
  CHECK(select("00A40004022FE2") == "3F00/2FE2");
  CHECK(select("00A40004027F20", 0x6115) == "3F00/7F20");
  CHECK(select("00A40004026F07") == "3F00/7F20/6F07");
  CHECK(select("00A40004026F3A", 0x6A82) == "3F00/7F20/6F07");
  CHECK(select("00A40004027F10") == "3F00/7F10");
  CHECK(select("00A40004025F3A") == "3F00/7F10/5F3A");
  CHECK(select("00A40004025F50") == "3F00/7F10/5F50");
  CHECK(select("00A4030400") == "3F00/7F10");
  CHECK(select("00A40804047F206F07") == "3F00/7F20/6F07");
  CHECK(select("00A404040CA0000000871002FF49FF0589") == "ADF.USIM");
  CHECK(select("00A40904045FC04F01") == "ADF.USIM/5FC0/4F01");
  CHECK(select("00A40804047FFF6F07") == "ADF.USIM/6F07");
  CHECK(select("00B0810000") == "ADF.USIM/sfi:01");
  CHECK(select("00B2010C00") == "ADF.USIM/sfi:01");
  CHECK(select("01A4040409A00000015100000001") == "A00000015100000001");
  CHECK(files.path(0x00) == "ADF.USIM/sfi:01");
  CHECK(select("00A4") == "ADF.USIM/sfi:01");
  CHECK(select("00A40004023F00") == "3F00");
  files.reset();
  CHECK(files.path(0x01) == "3F00");
}
