// SPDX-License-Identifier: Apache-2.0
#include "fault/rule.hpp"

#include <doctest/doctest.h>

#include "core/hex.hpp"

using namespace uicclab;
using fault::Action;
using fault::Rule;

namespace {

std::string error_of(std::string_view text) {
  const auto rule = Rule::parse(text);
  return rule ? "no error" : rule.error().text;
}

}  // namespace

TEST_CASE("fault rules: an action and its conditions") {
  const auto delay = Rule::parse("delay 250 ins B0 file EF.IMSI nth 3 times 2 chance 40 seed 7");
  REQUIRE(delay);
  CHECK(delay->action.kind == Action::Kind::kDelay);
  CHECK(delay->action.delay.count() == 250);
  CHECK(delay->conditions.ins == 0xB0);
  CHECK(delay->conditions.file == "ADF.USIM/6F07");
  CHECK(delay->conditions.nth == 3);
  CHECK(delay->conditions.times == 2);
  CHECK(delay->conditions.chance == 40);
  CHECK(delay->conditions.seed == 7);
  CHECK(delay->text == "delay 250 ins B0 file EF.IMSI nth 3 times 2 chance 40 seed 7");
  CHECK(Rule::parse("drop")->action.kind == Action::Kind::kDropAnswer);
  CHECK(Rule::parse("drop answer")->action.kind == Action::Kind::kDropAnswer);
  CHECK(Rule::parse("drop request ins A4")->action.kind == Action::Kind::kDropCommand);
  CHECK(Rule::parse("cut")->action.kind == Action::Kind::kCutAnswer);
  CHECK(Rule::parse("cut request")->action.kind == Action::Kind::kCutCommand);
  const auto write = Rule::parse("cut write 2 command 00D6 ..");
  REQUIRE(write);
  CHECK(write->action.kind == Action::Kind::kCutWrite);
  CHECK(write->action.write == 2);
  CHECK_FALSE(write->conditions.command->mismatch(*from_hex("00D600000101")));
  CHECK(write->conditions.command->mismatch(*from_hex("00DC010400")));
}

TEST_CASE("fault rules: what an answer becomes") {
  const auto replaced = Rule::parse("mutate 62/83 7F20 ins A4");
  REQUIRE(replaced);
  CHECK(to_hex(replaced->action.value) == "7F20");
  CHECK(Rule::parse("mutate data \"abc\" 00")->action.value.size() == 4);
  CHECK(Rule::parse("mutate data[1] xor 80")->action.change == Action::Change::kXor);
  CHECK(Rule::parse("mutate 62/A5/80 random")->action.change == Action::Change::kRandom);
  CHECK(Rule::parse("mutate 62/82 remove times 1")->action.change == Action::Change::kRemove);
  CHECK(Rule::parse("mutate sw 6A82 nth 2")->action.path.is_status());
}

TEST_CASE("fault rules: what is wrong is named, and where") {
  CHECK(error_of("") == "rule:1:1: a rule begins with delay, drop, cut or mutate");
  CHECK(error_of("explode") == "rule:1:1: a rule begins with delay, drop, cut or mutate");
  CHECK(error_of("delay") == "rule:1:6: a number of milliseconds is expected, from 1 to 3600000");
  CHECK(error_of("delay 0").starts_with("rule:1:7: "));
  CHECK(error_of("delay 5x").starts_with("rule:1:7: "));
  CHECK(error_of("delay 99999999").starts_with("rule:1:7: "));
  CHECK(error_of("delay 5 ins") == "rule:1:12: an instruction byte is expected, for example A4");
  CHECK(error_of("delay 5 ins A").starts_with("rule:1:13: "));
  CHECK(error_of("delay 5 ins A4B0").starts_with("rule:1:13: "));
  CHECK(error_of("drop file EF.NOTHING").starts_with("rule:1:11: a file is expected"));
  CHECK(error_of("drop command") == "rule:1:13: a pattern of the command is expected, for example 00A4 ..");
  CHECK(error_of("drop command 0").starts_with("rule:1:14: "));
  CHECK(error_of("drop chance 101").starts_with("rule:1:13: "));
  CHECK(error_of("drop nth 0").starts_with("rule:1:10: "));
  CHECK(error_of("drop maybe").starts_with("rule:1:6: a condition is expected"));
  CHECK(error_of("cut write").starts_with("rule:1:10: the number of a write"));
  CHECK(error_of("cut write 0").starts_with("rule:1:11: "));
  CHECK(error_of("mutate").starts_with("rule:1:7: a part of the answer is expected"));
  CHECK(error_of("mutate 62/8").starts_with("rule:1:8: "));
  CHECK(error_of("mutate 62/83").starts_with("rule:1:13: a value is expected"));
  CHECK(error_of("mutate 62/83 ins A4").starts_with("rule:1:14: a value is expected"));
  CHECK(error_of("mutate 62/83 7F2").starts_with("rule:1:14: "));
  CHECK(error_of("mutate sw 90") != "no error");
  CHECK(error_of("mutate sw remove") != "no error");
  CHECK(error_of("mutate data[2] xor ins A4") != "no error");
  CHECK(error_of("mutate data \"abc") != "no error");
}
