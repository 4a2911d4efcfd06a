// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "script/script.hpp"

using namespace uicclab;
using namespace uicclab::script;

namespace {

Result<std::string> no_files(const std::string& path) {
  return fail(ErrorCode::kNotFound, "cannot read " + path);
}

std::string error_of(std::string_view text) {
  const auto parsed = parse(text, "a.script", no_files);
  return parsed ? "" : parsed.error().text;
}

Script good(std::string_view text) {
  auto parsed = parse(text, "a.script", no_files);
  REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().text));
  return *std::move(parsed);
}

}  // namespace

TEST_CASE("An error has file, line, column, and the expected text") {
  const std::pair<const char*, const char*> kErrors[] = {
      {"case \"a\" {\n  00A4 -> 900\n}\n", "a.script:2:11: '900' is not a status word"},
      {"case \"a\" {\n  00A -> 9000\n}\n", "a.script:2:3: '00A' is neither"},
      {"case \"a\" {\n  00A4 (3F -> 9000\n}\n", "a.script:2:8: this ( has no matching )"},
      {"case \"a\" {\n  00A4 -> abc 9000\n}\n", "a.script:2:11: half a byte is missing"},
      {"case \"a\" {\n  00A4 -> 6z 9000\n}\n", "a.script:2:11: '6z' is not a pattern"},
      {"case \"a\" {\n  00A4\n", "a.script:1:1: this block has no end"},
      {"case \"a\" {\n  00A4 ->\n}\n", "a.script:2:10: -> must be followed by"},
      {"case \"a\" {\n  jump 12\n}\n", "a.script:2:3: 'jump' is neither"},
      {"case \"a\" {\n  use nothing\n}\n", "a.script:2:3: 'nothing' is not defined"},
      {"case \"a\" {\n  \"open\n}\n", "a.script:2:3: a string without its end"},
      {"case \"a\" {\n  62/83 ==\n}\n", "a.script:2:11: something to compare with"},
      {"case \"a\" {\n  set 1 = 00\n}\n", "a.script:2:7: set NAME = VALUE"},
      {"case \"a\" {\n  00A4 (twice(01)) -> 9000\n}\n", "a.script:2:9: no such function: 'twice'"},
      {"case \"a\" {\n  | x | y |\n  | 1 |\n  00A4\n}\n", "a.script:3:3: this row has 1 cells"},
      {"case \"a\" {\n  | x |\n  00A4\n}\n", "a.script:1:1: a table without rows"},
      {"case \"a\" {\n}\n}\n", "a.script:3:1: '}' is not part"},
      {"case \"a\" {\n  in scp02 {\n  }\n}\n", "a.script:2:6: in scp03"},
      {"case \"a\" {\n  over ota aid 00 {\n  }\n}\n", "a.script:2:12: one of these is expected: tar"},
      {"include \"other\"\n", "a.script:1:9: cannot read other"},
      {"00A4040000 -> 9000\ncase \"a\" {\n}\n", "a.script:1:1: a command outside of a case"},
      {"define a x {\n}\ncase \"a\" {\n  use a\n}\n", "a.script:4:3: 'a' takes 1 values, not 0"},
      {"case a {\n}\n", "a.script:1:6: case \"NAME\""},
  };
  for (const auto& [text, expected] : kErrors) {
    CAPTURE(text);
    CHECK_MESSAGE(error_of(text).starts_with(expected), error_of(text));
  }
}

TEST_CASE("A file that includes itself is refused") {
  const FileReader itself = [](const std::string&) -> Result<std::string> { return "include \"a.script\"\n"; };
  const auto parsed = parse("include \"a.script\"\n", "a.script", itself);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().text.find("included in too many files") != std::string::npos);
}

TEST_CASE("Blocks in one another have a limit") {
  std::string text = "case \"deep\" {\n";
  for (int i = 0; i < 100; ++i) text += "for i in 00 {\n";
  CHECK(error_of(text).find("blocks are nested") != std::string::npos);
}

TEST_CASE("An included path is seen from the including file") {
  std::string asked;
  const FileReader reader = [&](const std::string& path) -> Result<std::string> {
    asked = path;
    return "set A = 01\n";
  };
  REQUIRE(parse("include \"b.inc\"\ncase \"c\" {\n  00A4040000\n}\n", "dir/a.script", reader));
  CHECK(asked == "dir/b.inc");
}

TEST_CASE("Tags of file and case, clause, skip and table are kept") {
  const Script script = good(
      "tags one\ncase \"a $x\" tags two three clause \"TS 102 221 8\" skip \"not yet\" {\n | x | y |\n | 01 | 6A82 or 6A83 |\n | 02 | 9000 "
      "|\n"
      "00B0 00 $x 00 -> $y\n}\n");
  REQUIRE(script.cases.size() == 1);
  const Case& one = script.cases[0];
  CHECK(one.tags == std::set<std::string>{"one", "two", "three"});
  CHECK(one.clause == "TS 102 221 8");
  CHECK(one.skip == "not yet");
  CHECK(one.columns == std::vector<std::string>{"x", "y"});
  REQUIRE(one.rows.size() == 2);
  CHECK(one.rows[0].texts[1] == "6A82 or 6A83");
  CHECK(one.rows[0].place.line == 4);
}

TEST_CASE("Commands without a case are one case with the name of the file") {
  const Script script = good("00A4040000 -> 9000\n");
  REQUIRE(script.cases.size() == 1);
  CHECK(script.cases[0].name == "a");
  CHECK_FALSE(script.unchecked);
}

TEST_CASE("A line that ends with a backslash continues, and errors keep their line") {
  CHECK(good("case \"a\" {\n  00A4 0400 \\\n  (01 \\\n   02) -> 9000\n}\n").cases[0].body.size() == 1);
  CHECK(error_of("case \"a\" {\n  00A4 \\\n  0\n}\n").starts_with("a.script:3:3: '0' is half a byte too short"));
}

TEST_CASE("Lines of bare commands and scriptor's files are scripts, and nothing in them is checked") {
  const Script script = good("# reset the card\nreset\n\nA0 A4 00 00 02 3F 00  # select\nA0:C0:00:00:16\n00a4 \\\n 0000\n");
  CHECK(script.unchecked);
  REQUIRE(script.cases.size() == 1);
  const Block& body = script.cases[0].body;
  REQUIRE(body.size() == 4);
  CHECK(body[0].kind == Statement::Kind::kReset);
  CHECK(body[1].kind == Statement::Kind::kRaw);
  CHECK(body[1].operands[0].text == "A0A40000023F00");
  CHECK(body[2].operands[0].text == "A0C0000016");
  CHECK(body[3].operands[0].text == "00A40000");
}

TEST_CASE("Traces as text and as JSON are scripts that expect what was recorded") {
  const Script text = good(
      "0.001 reset -> 3B00\n0.002 00A40004023F00 -> 6115 response data\n0.003 00C0000002 -> AABB 9000 normal ending\n0.004 power off\n");
  const Script json = good(
      "{\"time_ms\":1,\"card\":0,\"event\":\"reset\",\"atr\":\"3B00\"}\n"
      "{\"time_ms\":2,\"card\":0,\"event\":\"exchange\",\"command\":\"00A40004023F00\",\"data\":\"\",\"sw\":\"6115\"}\n"
      "{\"time_ms\":3,\"card\":0,\"event\":\"exchange\",\"command\":\"00C0000002\",\"data\":\"AABB\",\"sw\":\"9000\"}\n"
      "{\"time_ms\":4,\"card\":0,\"event\":\"power_off\"}\n");
  for (const Script* script : {&text, &json}) {
    CHECK_FALSE(script->unchecked);
    const Block& body = script->cases[0].body;
    REQUIRE(body.size() == 4);
    CHECK(body[0].expected[0].text == "3B00");
    CHECK(body[1].expected[0].text == "none");
    CHECK(body[1].expected[1].text == "6115");
    CHECK(body[2].expected[0].text == "AABB");
    CHECK(body[3].kind == Statement::Kind::kPowerOff);
  }
}
