// SPDX-License-Identifier: Apache-2.0
// Text logs, ours and others', and the end of a command that is in one string with its answer.
#include "trace/log.hpp"

#include <sstream>

#include <doctest/doctest.h>

#include "core/trace_text.hpp"
#include "trace/wire.hpp"

using namespace uicclab;
using namespace uicclab::trace;
using namespace std::chrono_literals;

namespace {

std::vector<RecordedEvent> read(const std::string& text, std::size_t passed_over = 0) {
  std::istringstream in(text);
  const auto source = open_source(in);
  std::vector<RecordedEvent> out;
  while (auto event = source->next().value()) out.push_back(*std::move(event));
  CHECK(source->passed_over() == passed_over);
  return out;
}

std::string words(const RecordedEvent& event) {
  return to_hex(event.command) + ">" + to_hex(event.answer);
}

}  // namespace

TEST_CASE("A text and a JSON trace of ours come back as they went out") {
  std::vector<RecordedEvent> events(6);
  events[0].kind = TraceEvent::Kind::kReset;
  events[0].answer = to_bytes("3B021450"_h);
  events[1].command = to_bytes("00A40004022FE2"_h);
  events[1].answer = to_bytes("6119"_h);
  events[2].command = to_bytes("00B0000002"_h);
  events[2].answer = to_bytes("0102 9000"_h);
  events[2].card = 3;
  events[3].kind = TraceEvent::Kind::kError;
  events[3].command = to_bytes("00B0000002"_h);
  events[3].text = "the card is gone";
  events[4].command = to_bytes("00B0000002"_h);
  events[4].answer = to_bytes("01"_h);
  events[5].kind = TraceEvent::Kind::kPowerOff;
  for (std::size_t i = 0; i < events.size(); ++i) events[i].time = 1234ms * (i + 1);
  std::ostringstream text;
  std::ostringstream json;
  TextTrace text_trace(text);
  JsonTrace json_trace(json);
  for (const auto& event : events) {
    TraceEvent out{};
    out.kind = event.kind;
    out.time = std::chrono::duration_cast<std::chrono::milliseconds>(*event.time);
    out.card = event.card;
    out.command = event.command;
    out.answer = event.answer;
    out.text = event.text;
    text_trace.on_event(out);
    json_trace.on_event(out);
  }
  CHECK(read(text.str()) == events);
  CHECK(read(json.str()) == events);
}

TEST_CASE("No line of a trace: other words, other times, half a byte") {
  for (const char* line :
       {"", "hello", "12.345", "12.345 hello", "12.34 00A4 -> 9000", "x.345 00B0 -> 9000 ok", "12.345 00A -> 9000",
        "12.345 00A40004023F00 -> ok", "12.345 00A40004023F00 => 9000", "card x 1.000 power off", "1.000 reset -> zz",
        "{\"event\":\"exchange\",\"command\":\"\",\"data\":\"\",\"sw\":\"9000\"}",
        "{\"event\":\"exchange\",\"command\":\"00B0000000\",\"data\":\"\",\"sw\":\"90\"}",
        "{\"event\":\"exchange\",\"command\":\"00B0000000\",\"data\":\"0\",\"sw\":\"9000\"}", "{\"event\":\"reset\"}", "{}"}) {
    CHECK_MESSAGE(!parse_trace_line(line), line);
  }
}

TEST_CASE("pcscd's log: APDU and SW lines among others, with its clock and its colours") {
  const auto events = read(
      "00000012 winscard.c:123:SCardConnect() Active contexts: 1\n"
      "00000100 APDU: 00 A4 00 04 02 2F E2 \n"
      "\x1b[34m00001500\x1b[0m SW: 61 19 \n"
      "00000200 ifdhandler.c:1 something\n"
      "00000001 APDU: 00 C0 00 00 19 \n"
      "00000999 SW: 62 01 00 90 00 \n",
      2);
  REQUIRE(events.size() == 2);
  CHECK(words(events[0]) == "00A40004022FE2>6119");
  CHECK(events[0].time == 112us);
  CHECK(events[0].took == 1500us);
  CHECK(words(events[1]) == "00C0000019>6201009000");
  CHECK(events[1].took == 999us);
}

TEST_CASE("pcsc-spy: SCardTransmit with its buffers, of more lines than one, and its time") {
  const auto events = read(
      "SCardEstablishContext\n => SCARD_S_SUCCESS [0x00000000] [0.1]\n"
      "SCardTransmit\n i hCard: 0x1\n i bSendLength 0x00000014 (20)\n i bSendBuffer\n"
      " i  0000 00 88 00 81 0F 01 02 03 04 05 06 07 08 09 0A 0B ................\n"
      " i  0010 0C 0D 0E 0F                                     ....\n"
      " o ioRecvPci NULL\n o bRecvLength 0x2 (2)\n o bRecvBuffer\n"
      " o  0000 98 62                                           .b\n"
      " => SCARD_S_SUCCESS [0x00000000] [0.000263]\n",
      2);
  REQUIRE(events.size() == 1);
  CHECK(words(events[0]) == "008800810F0102030405060708090A0B0C0D0E0F>9862");
  CHECK(events[0].took == 263us);
}

TEST_CASE("Bare hexadecimal: commands, answers below them, both in a line, > and <") {
  const auto events = read(
      "# a comment\n00A40004022FE2\n6119\n00C0000019\n"
      "00A40004023F006115\n"
      "> 00 A4 00 04 02 6F 07\n< 6119  response data\n> 00B0000009\n< 080910100000000010 9000  normal ending\nnonsense\n",
      1);
  REQUIRE(events.size() == 4);
  CHECK(words(events[0]) == "00A40004022FE2>6119");
  CHECK(words(events[1]) == "00C0000019>00A40004023F006115");  // an answer, since a command waits for one
  CHECK(words(events[2]) == "00A40004026F07>6119");
  CHECK(words(events[3]) == "00B0000009>0809101000000000109000");
  const auto joined = read("00A40004023F006115\n00B000000A988812010000000000019000\n");
  REQUIRE(joined.size() == 2);
  CHECK(words(joined[0]) == "00A40004023F00>6115");
  CHECK(words(joined[1]) == "00B000000A>988812010000000000019000");
}

TEST_CASE("A command without an answer is reported when the next one comes, and at the end") {
  const auto events = read("00A40004023F00\n00B0000000\n");
  REQUIRE(events.size() == 2);
  CHECK(words(events[0]) == "00A40004023F00>");
  CHECK(words(events[1]) == "00B0000000>");
}

TEST_CASE("A line without an end is an error that names it") {
  std::istringstream in("00A40004023F00\n" + std::string(LogSource::kMaxLine + 1, 'A'));
  LogSource source(in);
  const auto event = source.next();
  REQUIRE_FALSE(event);
  CHECK(event.error().code == ErrorCode::kRange);
  CHECK(event.error().text.starts_with("line 2 "));
  CHECK(read("").empty());
  CHECK(read("\n\n").empty());
}

TEST_CASE("The instruction determines the end of a command that is in one string with its answer (ISO/IEC 7816-3 clause 12.1)") {
  const auto size = [](BytesView bytes) { return command_size(bytes).value_or(0); };
  CHECK(size("80E60000 9000"_h) == 4);           // case 1
  CHECK(size("00B0000003 010203 9000"_h) == 5);  // case 2
  CHECK(size("00B0000000 010203 9000"_h) == 5);
  CHECK(size("00B0000003 6C04"_h) == 5);
  CHECK(size("00D6000003 010203 9000"_h) == 8);         // case 3
  CHECK(size("00A4000402 3F00 00 6205 9000"_h) == 8);   // case 4 with its answer
  CHECK(size("00A4000402 3F00 01AABB 9000"_h) == 7);    // 01 is no Le for two bytes
  CHECK(size("80F2000000 6205 9000"_h) == 5);           // STATUS
  CHECK(size("80F2400002 4F00 9000"_h) == 7);           // GET STATUS
  CHECK(size("80E80000 00 0003 010203 9000"_h) == 10);  // extended
  CHECK(size("80CB008000 9000"_h) == 5);
  CHECK(size("80CB00A000 5C01 9000"_h) == 5);
  CHECK(size("80CB008001 80 6105"_h) == 6);    // RETRIEVE DATA, first block
  CHECK(size("801200000B D009 9000"_h) == 5);  // FETCH
  CHECK(size("00C0000002 0102 9000"_h) == 5);
  CHECK(size("00A4040005 6F03840100 9000"_h) == 5);  // the default application, and its FCI
  CHECK(size("00A4040005 A000000003 9000"_h) == 10);
  CHECK_FALSE(command_size("00B0000003"_h));
  CHECK_FALSE(command_size({}));
}
