// SPDX-License-Identifier: Apache-2.0
#include "ota/remote_apdu_expanded.hpp"

#include <doctest/doctest.h>

#include "tests/support/vector_file.hpp"

using namespace uicclab;
using namespace uicclab::ota;
using Kind = ScriptAction::Kind;

namespace {

ExpandedScript parsed(std::string_view hex) {
  const auto script = ExpandedScript::parse(from_hex(hex).value());
  REQUIRE(script);
  return *script;
}

ErrorCode refused(std::string_view hex) {
  const auto response = ExpandedResponse::parse(from_hex(hex).value());
  REQUIRE_FALSE(response);
  return response.error().code;
}

Result<ScriptAction> action(std::uint8_t tag, std::string_view hex) {
  return ScriptAction::from({tag, from_hex(hex).value()});
}

}  // namespace

TEST_CASE("An expanded script of either form is taken apart and written back equal (TS 102 226 clause 5.2.1)") {
  const auto definite = parsed("AA10 220700A4000C026F07 220500B0000009");
  CHECK_FALSE(definite.indefinite);
  CHECK_FALSE(definite.broken);
  REQUIRE(definite.commands.size() == 2);
  CHECK(to_hex(definite.commands[0].value) == "00A4000C026F07");
  CHECK(to_hex(definite.build()) == "AA10220700A4000C026F07220500B0000009");
  const auto indefinite = parsed("AE80 220700A4000C026F07 220500B0000009 0000");
  CHECK(indefinite.indefinite);
  CHECK_FALSE(indefinite.broken);
  CHECK(indefinite.commands == definite.commands);
  CHECK(to_hex(indefinite.build()) == "AE80220700A4000C026F07220500B00000090000");
  CHECK(parsed("AA00").commands.empty());
  CHECK(parsed("AE800000").commands.empty());
  CHECK_FALSE(parsed("AE800000").broken);
}

TEST_CASE("A script with long commands has long lengths") {
  ExpandedScript script;
  script.commands.push_back({script_tag::kCApdu, Bytes(0x90, 0x01)});
  script.commands.push_back({script_tag::kCApdu, Bytes(0x200, 0x02)});
  for (bool indefinite : {false, true}) {
    script.indefinite = indefinite;
    const auto back = ExpandedScript::parse(script.build());
    REQUIRE(back);
    CHECK(back->commands == script.commands);
    CHECK_FALSE(back->broken);
  }
}

TEST_CASE("Expanded data is known by its first byte (TS 102 226 clause 5.3)") {
  CHECK(is_expanded("AA00"_h));
  CHECK(is_expanded("AE80"_h));
  CHECK_FALSE(is_expanded("00A4"_h));
  CHECK_FALSE(is_expanded("AB00"_h));
  CHECK_FALSE(is_expanded({}));
  CHECK(ExpandedScript::parse("00A40004"_h).error().code == ErrorCode::kMalformed);
  CHECK(ExpandedScript::parse({}).error().code == ErrorCode::kMalformed);
}

TEST_CASE("Bad formats: unknown tag 01, wrong length 02, length not found 03, after valid parts (TS 102 226 clause 5.2.2)") {
  struct Row {
    const char* script;
    std::size_t good;
    BadFormat reason;
  };
  for (const Row& row : {
           Row{"AA", 0, BadFormat::kLengthNotFound},
           Row{"AE", 0, BadFormat::kLengthNotFound},
           Row{"AA0122", 0, BadFormat::kLengthNotFound},
           Row{"AA0A 220500B0000009 2205 00", 1, BadFormat::kWrongLength},
           Row{"AA08 220500B0000009 22", 1, BadFormat::kLengthNotFound},
           Row{"AA09 220500B0000009 2281", 1, BadFormat::kLengthNotFound},
           Row{"AA09 220500B0000009 2280", 1, BadFormat::kLengthNotFound},
           Row{"AA09 220500B0000009 2284", 1, BadFormat::kLengthNotFound},
           Row{"AA09 220500B0000009 2400", 1, BadFormat::kUnknownTag},
           Row{"AA08 220500B0000009 00", 1, BadFormat::kUnknownTag},
           Row{"AA09 220500B0000009 0000", 1, BadFormat::kUnknownTag},  // no end mark in a definite length
           Row{"AA07 220500B00000", 0, BadFormat::kWrongLength},
           Row{"AA06 220500B0000009", 0, BadFormat::kWrongLength},
           Row{"AA08 220500B0000009", 0, BadFormat::kWrongLength},
           Row{"AA80 220500B0000009 0000", 0, BadFormat::kWrongLength},
           Row{"AE07 220500B0000009", 0, BadFormat::kWrongLength},
           Row{"AE80 220500B0000009", 1, BadFormat::kWrongLength},  // no end mark
           Row{"AE80 220500B0000009 00", 1, BadFormat::kUnknownTag},
           Row{"AE80 220500B0000009 000000", 1, BadFormat::kUnknownTag},
           Row{"AA0A 220500B0000009 830101", 1, BadFormat::kUnknownTag},  // chaining is not first
           Row{"AA03 83020101", 0, BadFormat::kWrongLength},
           Row{"AA04 83020101", 0, BadFormat::kWrongLength},
           Row{"AA02 8300", 0, BadFormat::kWrongLength},
       }) {
    CAPTURE(row.script);
    const auto script = parsed(row.script);
    CHECK(script.commands.size() == row.good);
    REQUIRE(script.broken);
    CHECK(*script.broken == row.reason);
  }
}

TEST_CASE("Immediate and error actions (TS 102 226 clauses 5.2.1.2 and 5.2.1.3)") {
  using namespace script_tag;
  CHECK(action(kImmediateAction, "81")->kind == Kind::kProactiveSession);
  CHECK(action(kImmediateAction, "82")->kind == Kind::kEarlyResponse);
  CHECK(action(kImmediateAction, "01") == ScriptAction{Kind::kRecord, 1, {}});
  CHECK(action(kImmediateAction, "7F") == ScriptAction{Kind::kRecord, 0x7F, {}});
  CHECK(action(kImmediateAction, "8103012180")->kind == Kind::kProactiveCommand);
  CHECK(action(kErrorAction, "")->kind == Kind::kNone);
  CHECK(action(kErrorAction, "02") == ScriptAction{Kind::kRecord, 2, {}});
  CHECK(to_hex(action(kErrorAction, "8103012180")->command) == "8103012180");
  CHECK(action(kImmediateAction, "").error().code == ErrorCode::kRange);
  CHECK(action(kImmediateAction, "00").error().code == ErrorCode::kRange);
  CHECK(action(kImmediateAction, "80").error().code == ErrorCode::kRange);
  CHECK(action(kImmediateAction, "83").error().code == ErrorCode::kRange);
  CHECK(action(kErrorAction, "81").error().code == ErrorCode::kRange);
  CHECK(action(kErrorAction, "82").error().code == ErrorCode::kRange);
  CHECK(action(kErrorAction, "00").error().code == ErrorCode::kRange);
  CHECK(action(kCApdu, "01").error().code == ErrorCode::kRange);
}

TEST_CASE("Script chaining (TS 102 226 clause 5.2.1.4)") {
  CHECK(parsed("AA03830101").chaining().value() == ScriptChaining::kFirst);
  CHECK(parsed("AA03830111").chaining().value() == ScriptChaining::kFirstKeptOverReset);
  CHECK(parsed("AA03830102").chaining().value() == ScriptChaining::kSubsequent);
  CHECK(parsed("AA0A 830103 220500B0000009").chaining().value() == ScriptChaining::kLast);
  CHECK(parsed("AA07220500B0000009").chaining().value() == std::nullopt);
  CHECK(parsed("AA00").chaining().value() == std::nullopt);
  for (const char* reserved : {"AA03830100", "AA03830104", "AA03830110", "AA03830112", "AA038301FF"}) {
    CHECK(parsed(reserved).chaining().error().code == ErrorCode::kRange);
  }
}

TEST_CASE("Objects of the other direction are not written") {
  ExpandedScript script;
  script.commands.push_back({script_tag::kRApdu, {}});
  CHECK_THROWS_AS(static_cast<void>(script.build()), SystemError);
  script.commands = {{script_tag::kCApdu, {}}, {script_tag::kScriptChaining, {1}}};
  CHECK_THROWS_AS(static_cast<void>(script.build()), SystemError);
  ExpandedResponse response;
  response.objects.push_back({script_tag::kCApdu, {}});
  CHECK_THROWS_AS(static_cast<void>(response.build()), SystemError);
  ExpandedResponseBuilder builder(false, 100);
  CHECK_THROWS_AS(builder.add(script_tag::kErrorAction, {}), SystemError);
}

TEST_CASE("An expanded response is read and written (TS 102 226 clause 5.2.2)") {
  const auto definite = ExpandedResponse::parse("AB14 800102 23029000 230B0809101010325406369000"_h);
  REQUIRE(definite);
  CHECK(definite->executed == 2);
  REQUIRE(definite->objects.size() == 2);
  CHECK(to_hex(definite->objects[1].value) == "0809101010325406369000");
  CHECK(ExpandedResponse::parse(definite->build()) == *definite);
  const auto indefinite = ExpandedResponse::parse("AF80 23029000 900102 0000"_h);
  REQUIRE(indefinite);
  CHECK(indefinite->indefinite);
  CHECK_FALSE(indefinite->executed);
  CHECK(indefinite->objects[1] == ScriptObject{script_tag::kBadFormat, {0x02}});
  CHECK(to_hex(indefinite->build()) == "AF80230290009001020000");
  const auto many = ExpandedResponse::parse("AB04 80020102"_h);
  CHECK(many->executed == 0x0102);
  CHECK(to_hex(many->build()) == "AB0480020102");
}

TEST_CASE("Expanded responses that break the coding are refused") {
  CHECK(refused("") == ErrorCode::kMalformed);
  CHECK(refused("AA00") == ErrorCode::kMalformed);
  CHECK(refused("AB") == ErrorCode::kTruncated);
  CHECK(refused("AB08 80010123029000") == ErrorCode::kTruncated);
  CHECK(refused("AB06 80010123029000") == ErrorCode::kTrailing);
  CHECK(refused("AB06 800101 230190") == ErrorCode::kMalformed);
  CHECK(refused("AB06 800101 230390") == ErrorCode::kTruncated);
  CHECK(refused("AB04 800101 23") == ErrorCode::kTruncated);
  CHECK(refused("AB02 8000") == ErrorCode::kMalformed);
  CHECK(refused("AB07 80050000000001") == ErrorCode::kMalformed);
  CHECK(refused("AB06 800101 800101") == ErrorCode::kUnsupported);
  CHECK(refused("AB05 800101 2200") == ErrorCode::kUnsupported);
  CHECK(refused("AF80 23029000") == ErrorCode::kTruncated);
  CHECK(refused("AF80 23029000 00") == ErrorCode::kTruncated);
  CHECK(refused("AF80 23029000 000000") == ErrorCode::kTrailing);
  CHECK(refused("AF04 23029000") == ErrorCode::kMalformed);
  CHECK(refused("AF80 800101 0000") == ErrorCode::kUnsupported);  // no count in this form
}

TEST_CASE("A response stays within its limit: what is cut says 62F1 and ends the script (TS 102 226 clause 5.2.2)") {
  for (bool indefinite : {false, true}) {
    CAPTURE(indefinite);
    for (std::size_t limit = ExpandedResponseBuilder::kMinimum; limit < 420; ++limit) {
      CAPTURE(limit);
      ExpandedResponseBuilder builder(indefinite, limit);
      std::uint32_t executed = 0;
      bool fits = true;
      while (fits) {
        fits = builder.add_r_apdu(Bytes(50 + 100 * (executed % 3), 0xA5), sw::kOk);
        ++executed;
      }
      builder.add_bad_format(BadFormat::kUnknownTag);
      const Bytes bytes = builder.finish(executed);
      CHECK(bytes.size() <= limit);
      CHECK(bytes.size() + 8 >= limit);  // the room is used
      const auto response = ExpandedResponse::parse(bytes);
      REQUIRE(response);
      CHECK(response->objects.back().tag == script_tag::kBadFormat);
      for (std::size_t i = 0; i + 1 < response->objects.size(); ++i) {
        const Bytes& r_apdu = response->objects[i].value;
        const bool whole = r_apdu.size() == 52 + 100 * (i % 3);
        CHECK(to_hex(BytesView(r_apdu).last(2)) == (whole ? "9000" : "62F1"));
        CHECK((whole || i + 2 == response->objects.size()));
      }
    }
  }
}

TEST_CASE("A response uses the room it has") {
  ExpandedResponseBuilder builder(false, 60);
  CHECK_FALSE(builder.add_r_apdu(Bytes(200, 0xA5), sw::kOk));
  // AB len, up to four bytes of count, three kept for a bad format, 23 len ... 62F1
  const Bytes bytes = builder.finish(1);
  CHECK(bytes.size() == 60 - 3 - 1);
  ExpandedResponseBuilder exact(false, 60);
  CHECK(exact.add_r_apdu(Bytes(60 - 2 - 4 - 3 - 4, 0xA5), sw::kOk));
  CHECK_FALSE(exact.add(script_tag::kScriptChaining, "01"_h));
  CHECK_FALSE(exact.add_r_apdu({}, sw::kOk));
  exact.add_bad_format(BadFormat::kWrongLength);
  CHECK_THROWS_AS(exact.add_bad_format(BadFormat::kWrongLength), SystemError);
  CHECK(exact.finish(0x0100).size() == 60);
  CHECK_THROWS_AS(ExpandedResponseBuilder(false, 11), SystemError);
  CHECK_THROWS_AS(static_cast<void>(exact.finish(0x10000)), SystemError);
  ExpandedResponseBuilder chained(true, 60);
  CHECK(chained.add(script_tag::kScriptChaining, "01"_h));
  CHECK(to_hex(chained.finish(0)) == "AF808301010000");
}

TEST_CASE("Expanded scripts and responses of others are read and written equal") {
  std::size_t scripts = 0;
  for (const test::VectorSet& set : test::load_vectors("ota_worked.txt")) {
    if (!set.text("format").starts_with("expanded")) continue;
    CAPTURE(set.text("id"));
    const auto script = ExpandedScript::parse(set.bytes("data"));
    REQUIRE(script);
    CHECK_FALSE(script->broken);
    CHECK(script->build() == set.bytes("data"));
    const auto response = ExpandedResponse::parse(set.bytes("response_data"));
    REQUIRE(response);
    CHECK(response->build() == set.bytes("response_data"));
    ExpandedResponseBuilder builder(script->indefinite, 256);
    for (const ScriptObject& object : response->objects) {
      const BytesView value(object.value);
      CHECK(builder.add_r_apdu(value.first(value.size() - 2), {0x9000}));
    }
    CHECK(builder.finish(static_cast<std::uint32_t>(script->commands.size())) == set.bytes("response_data"));
    ++scripts;
  }
  CHECK(scripts == 2);
}
