// SPDX-License-Identifier: Apache-2.0
// Reports: text, JSON, statistics, and the page that can be sent along.
#include "trace/report.hpp"

#include <sstream>

#include <doctest/doctest.h>

#include "tests/unit/trace/decoding.hpp"

using namespace uicclab;
using namespace uicclab::trace;
using namespace std::chrono_literals;
using uicclab::test::decode;
using uicclab::test::recorded;

namespace {

std::string json(const Exchange& exchange) {
  std::ostringstream out;
  write_json(out, exchange);
  return out.str();
}

std::string page(const std::vector<Exchange>& exchanges, const std::string& title = "t") {
  std::ostringstream out;
  HtmlReport report(out, title);
  Statistics statistics;
  for (const auto& one : exchanges) {
    report.add(one);
    statistics.add(one);
  }
  report.finish(statistics);
  return out.str();
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("Text: one line when brief; otherwise bytes, fields, status with its clause") {
  Decoder decoder;
  auto event = recorded("00A4000C022FE2", "9000");
  event.time = 1234567us;
  const auto one = decoder.decode(event);
  std::ostringstream brief;
  write_text(brief, one, {true, false, 24});
  CHECK(brief.str() == "1  1.234567  SELECT 2FE2  @ EF.ICCID (3F00/2FE2)  -> 9000 normal ending of the command\n");
  std::ostringstream whole;
  write_text(whole, one, {false, true, 24});
  CHECK(has(whole.str(), "    > 00A4000C022FE2\n    < 9000\n"));
  CHECK(has(whole.str(), "file identifier  2FE2  EF.ICCID  [ETSI TS 102 221 8.2]"));
  CHECK(has(whole.str(), "9000 normal ending of the command [ETSI TS 102 221 10.2.1.1]"));
}

TEST_CASE("JSON: one object in a line, with what is not known left out") {
  Decoder decoder;
  const std::string text = json(decode(decoder, "00A4000C022FE2", "9000"));
  CHECK(text.starts_with("{\"number\":1,\"event\":\"exchange\",\"card\":0,\"channel\":0,\"name\":\"SELECT\",\"title\":\"SELECT 2FE2\""));
  CHECK(has(text, "\"path\":\"3F00/2FE2\",\"file\":\"EF.ICCID\",\"command\":\"00A4000C022FE2\",\"data\":\"\",\"sw\":\"9000\""));
  CHECK(text.ends_with("]}\n"));
  CHECK_FALSE(has(text, "\"time\""));
  CHECK_FALSE(has(text, "\"notes\""));
}

TEST_CASE("The page: everything that comes from outside is escaped, nothing is fetched from anywhere") {
  RecordedEvent error;
  error.kind = TraceEvent::Kind::kError;
  error.text = "</script><img src=x onerror=alert(1)> \"'&";
  Decoder decoder;
  const std::string text = page({decoder.decode(error)}, "<b>title</b>");
  CHECK_FALSE(has(text, "<img"));
  CHECK_FALSE(has(text, "<b>"));
  CHECK(has(text, "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt; &quot;&#39;&amp;"));
  const std::string clean = page({decode(decoder, "00A4000C022FE2", "9000")});
  for (const char* outside : {"http:", "https:", "//cdn", " src=", " href=", "@import", "url("})
    CHECK_MESSAGE(!has(clean, outside), outside);
  CHECK(has(text, "default-src 'none'"));
  CHECK(has(text, "prefers-color-scheme:dark"));
  CHECK(text.ends_with("</html>\n"));
}

TEST_CASE("The page: times count from the first event, with the gap before each") {
  Decoder decoder;
  std::vector<Exchange> exchanges;
  for (const auto time : {1700000000000000us, 1700000000012000us, 1700000003012345us}) {
    auto event = recorded("00A4000C022FE2", "9000");
    event.time = time;
    exchanges.push_back(decoder.decode(event));
  }
  const std::string text = page(exchanges);
  CHECK(has(text, "<span class=t>0.000000 s</span>"));
  CHECK(has(text, "<span class=t>0.012000 s +12.000 ms</span>"));
  CHECK(has(text, "<span class=t>3.012345 s +3000.345 ms</span>"));
  CHECK_FALSE(has(text, "1700000000"));
}

TEST_CASE("Redacted: PIN values, session keys, and keys in files are removed from bytes and fields; the rest is kept") {
  Decoder decoder;
  auto one = decode(decoder, "00200001083132333435363738", "9000");
  redact(one);
  CHECK_FALSE(has(json(one), "31323334"));
  CHECK(has(json(one), "8 bytes, not shown"));
  CHECK(has(json(one),
            "\"command\":\"0020000108"
            "2A2A2A2A2A2A2A2A\""));

  const std::string ck = "C0C1C2C3C4C5C6C7C8C9CACBCCCDCECF";
  decode(decoder, "008800812210" + std::string(32, '1') + "10" + std::string(32, '2'), "611C");
  one = decode(decoder, "00C000001C", "DB04AABBCCDD10" + ck + "10" + ck, "9000");
  CHECK(has(json(one), ck));
  redact(one);
  CHECK_FALSE(has(json(one), ck));
  CHECK_FALSE(has(json(one), "AABBCCDD"));  // RES is a password in HTTP Digest AKA
  CHECK(has(json(one), "{\"name\":\"CK\",\"offset\":7"));

  decode(decoder, "00A4040C07A0000000871002", "9000");
  decode(decoder, "00A4000C026F08", "9000");
  one = decode(decoder, "00B0000021", "07" + ck + ck, "9000");
  CHECK(one.file == "EF.Keys");
  redact(one);
  CHECK_FALSE(has(json(one), ck));
  one = decode(decoder,
               "00D6000021"
               "07" +
                   ck + ck,
               "9000");
  redact(one);
  CHECK_FALSE(has(json(one), ck));
  one = decode(decoder,
               "80D8000112"
               "31"
               "8810" +
                   ck,
               "9000");
  redact(one);
  CHECK_FALSE(has(json(one), ck));
  one = decode(decoder, "00A4000C026F07", "9000");
  const std::string before = json(one);
  redact(one);
  CHECK(json(one) == before);
}

TEST_CASE("Statistics: commands, refusals, bytes each way, status words; times from the trace, or from one event to the next") {
  Decoder decoder;
  Statistics statistics;
  for (int i = 0; i < 10; ++i) {
    auto event = recorded("00B0000003", i == 9 ? "6986" : "0102039000");
    event.time = 10ms * i * i;
    statistics.add(decoder.decode(event));
  }
  const auto& line = statistics.commands().at("READ BINARY");
  CHECK(line.count == 10);
  CHECK(line.refused == 1);
  CHECK(line.bytes_to_card == 50);
  CHECK(line.bytes_to_terminal == 9 * 5 + 2);
  CHECK(line.took.count() == 9);  // the first has none before it
  CHECK(line.took.least() == 10ms);
  CHECK(line.took.most() == 170ms);
  CHECK(line.took.percentile(50) == 90ms);
  CHECK_FALSE(statistics.knows_durations());
  CHECK(statistics.statuses().at(0x9000) == 9);
  auto event = recorded("00B0000003", "0102039000");
  event.took = 5ms;
  statistics.add(decoder.decode(event));
  CHECK(statistics.knows_durations());
  CHECK(statistics.all().took.least() == 5ms);
  std::ostringstream text;
  write_text(text, statistics);
  CHECK(has(text.str(), "READ BINARY"));
  CHECK(has(text.str(), "6986 x1 9000 x10"));
  std::ostringstream object;
  write_json(object, statistics);
  CHECK(has(object.str(), "\"name\":\"READ BINARY\",\"count\":11,\"refused\":1"));
}

TEST_CASE("Durations: memory is bounded, and the kept sample represents the whole") {
  Durations durations;
  CHECK(durations.percentile(95).count() == 0);
  for (int i = 1; i <= 1000000; ++i) durations.add(std::chrono::nanoseconds(i));
  CHECK(durations.count() == 1000000);
  CHECK(durations.least() == 1ns);
  CHECK(durations.most() == 1ms);
  CHECK(durations.percentile(50) > 490us);
  CHECK(durations.percentile(50) < 510us);
  CHECK(durations.percentile(95) > 940us);
}
