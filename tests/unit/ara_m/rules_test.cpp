// SPDX-License-Identifier: Apache-2.0
// Access rules as bytes and as text: SEAC chapter 6. The answers of GET DATA are those of Android's own tests
// (UiccCarrierPrivilegeRulesTest.java) and of pySim's (tests/pySim-shell_test/ara_m).
#include <doctest/doctest.h>

#include "core/hex.hpp"
#include "gp/access_rules.hpp"

using namespace uicclab;
using gp::AccessRule;
using gp::RuleText;

namespace {

std::string refusal(const RuleText& text) {
  const auto rule = gp::rule_of(text);
  return rule ? "" : rule.error().text;
}

const RuleText kGood{"FFFFFFFFFFFF", "ABCD92CBB156B280FA4E1429A6ECEEB6E5C1BFE4", "com.example", "always", "never", "0000000000000001"};

RuleText with(std::optional<std::string> RuleText::*field, std::optional<std::string> value) {
  RuleText text = kGood;
  text.*field = std::move(value);
  return text;
}

}  // namespace

TEST_CASE("SEAC tables 6-5 to 6-9: rules of Android's tests come back as they were") {
  for (const char* hex :
       {"E243E135C114ABCD92CBB156B280FA4E1429A6ECEEB6E5C1BFE4CA1D636F6D2E676F6F676C652E616E64726F69642E617070732E6D79617070E30ADB"
        "080000000000000001",
        "E232E11E4F06FFFFFFFFFFFFC114B61BE34AD2C20D7AFED8493C313A137F89FA2765E310D00101D10101DB080000000000000001",
        "E222E1184F00C11475C073AFD219AEB221948E828F066E778ADFDF23E306D00101D10101", "E20BE104C000C100E303D00100"}) {
    CAPTURE(hex);
    const Bytes bytes = *from_hex(hex);
    const auto rules = gp::parse_rules(bytes);
    REQUIRE_MESSAGE(rules, rules.error().text);
    REQUIRE(rules->size() == 1);
    CHECK(gp::check_rule(rules->front()));
    CHECK(to_hex(gp::encode(*rules)) == hex);
    const auto again = gp::rule_of(gp::text_of(rules->front()));
    REQUIRE_MESSAGE(again, again.error().text);
    CHECK(*again == rules->front());
  }
}

TEST_CASE("a rule in words") {
  const auto rule = gp::rule_of({"any", "any", std::nullopt, "80CA0000/FFFF0000 00A40400/FFFFFFFF", std::nullopt, std::nullopt});
  REQUIRE(rule);
  CHECK(to_hex(gp::encode(*rule)) == "E21AE1044F00C100E312D01080CA0000FFFF000000A40400FFFFFFFF");
  CHECK(gp::text_of(*rule).apdu == "80CA0000/FFFF0000 00A40400/FFFFFFFF");
  CHECK(gp::text_of(*rule).aid == "any");
  CHECK(gp::rule_of(with(&RuleText::aid, "default"))->target.default_selected);
  CHECK(refusal(kGood) == "");
  CHECK(refusal(with(&RuleText::app, std::string(64, 'A'))) == "");
}

TEST_CASE("SEAC tables 6-3 to 6-9: content that no rule may have is refused, and the field is named") {
  CHECK(refusal(with(&RuleText::aid, "A0000000")).starts_with("aid: must be 5 to 16"));
  CHECK(refusal(with(&RuleText::aid, std::string(34, '1'))).starts_with("aid: "));
  CHECK(refusal(with(&RuleText::aid, "A000000")).starts_with("aid: "));
  CHECK(refusal(with(&RuleText::app, "ABCD")).starts_with("app: must be a SHA-1"));
  CHECK(refusal(with(&RuleText::app, "nobody")).starts_with("app: "));
  CHECK(refusal(with(&RuleText::package, "")).starts_with("package: "));
  CHECK(refusal(with(&RuleText::package, std::string(128, 'a'))).starts_with("package: "));
  CHECK(refusal(with(&RuleText::apdu, "sometimes")).starts_with("apdu: 'sometimes' must be"));
  CHECK(refusal(with(&RuleText::apdu, "80CA0000")).starts_with("apdu: "));
  CHECK(refusal(with(&RuleText::apdu, "80CA0000/FFFF")).starts_with("apdu: "));
  CHECK(refusal(with(&RuleText::apdu, " ")).starts_with("apdu: "));
  CHECK(refusal(with(&RuleText::nfc, "80CA0000/FFFF0000")).starts_with("nfc: "));
  CHECK(refusal(with(&RuleText::permissions, "01")).starts_with("permissions: must be 8"));
  CHECK(refusal({std::nullopt, std::nullopt, "com.example", "always", std::nullopt, std::nullopt}).starts_with("a rule names"));
  CHECK(refusal({"any", std::nullopt, std::nullopt, std::nullopt, std::nullopt, std::nullopt}).starts_with("a rule must have"));
}

TEST_CASE("malformed data objects are refused, unknown ones are reported") {
  for (const char* hex : {"E1", "E102C100", "E300", "E102C100E102C100E303D00100", "E104C100C100E303D00100", "E102C100E306D00100D00100",
                          "E103C001FFE303D00100", "E105C100E303D0", "E104C000C000E303D00100"}) {
    CAPTURE(hex);
    CHECK_FALSE(gp::parse_rule(*from_hex(hex)));
  }
  CHECK_FALSE(gp::parse_rules("E300"_h));
  CHECK_FALSE(gp::parse_rules("E20B"_h));
  for (const char* hex : {"E102C100E303D001005A00", "E105C1005A0101E303D00100", "E102C100E306D001005A0101"}) {
    CAPTURE(hex);
    const auto read = gp::parse_rule(*from_hex(hex));
    REQUIRE_MESSAGE(read, read.error().text);
    CHECK(read->has_unknown);
    CHECK(to_hex(gp::encode(read->rule)) == "E209E102C100E303D00100");
  }
}

TEST_CASE("odd lengths of a real card's rule can be read and are shown as they are") {
  const auto rules = gp::parse_rules(*from_hex("E217E1094F04A0000000C10111E30AD002AABBD100DB020001"));
  REQUIRE_MESSAGE(rules, rules.error().text);
  CHECK_FALSE(gp::check_rule(rules->front()));
  const auto text = gp::text_of(rules->front());
  CHECK(text.aid == "A0000000");
  CHECK(text.app == "11");
  CHECK(text.apdu == "AABB");
  CHECK(text.permissions == "0001");
}
