// SPDX-License-Identifier: Apache-2.0
#include "ef/access_rule.hpp"

#include <doctest/doctest.h>

#include "core/hex.hpp"

using namespace uicclab;

namespace {

std::string words(std::string_view hex, ef::AccessOf of = ef::AccessOf::kFile) {
  const auto value = ef::access_rules(of).decode(from_hex(hex).value());
  return value ? ef::to_json(*value) : "wrong: " + value.error().what;
}

/// The bytes of one rule in words.
std::string bytes(ef::List access, std::string_view condition) {
  ef::Value rule{ef::Members()};
  rule.set("access", std::move(access));
  rule.set("condition", ef::Value(condition));
  ef::Value value{ef::Members()};
  value.set("rules", ef::List{rule});
  const auto out = ef::access_rules().encode(value, std::nullopt);
  return out ? to_hex(*out) : "refused: " + out.error().what;
}

}  // namespace

TEST_CASE("access rules in words, and back (ETSI TS 102 221 clause 9.2)") {
  CHECK(words("800101A40683010195010880015AA40683010A950108") ==
        R"({"rules":[{"access":["read"],"condition":"PIN1"},{"access":["update","deactivate","activate","delete"],"condition":"ADM1"}]})");
  CHECK(words("80015E9700", ef::AccessOf::kDirectory) ==
        R"({"rules":[{"access":["create EF","create DF","deactivate","activate","delete"],"condition":"never"}]})");
  CHECK(words("8C0280F29000") == R"({"rules":[{"access":["command 8C 80F2"],"condition":"always"}]})");
  CHECK(words("80010190009700") == R"({"rules":[{"access":["read"],"condition":"always; never"}]})");
  CHECK(bytes({"read", "INS D4"}, "always") == "8001018401D49000");
  CHECK(bytes({"command 8C 80F2"}, "never") == "8C0280F29700");
  CHECK(bytes({"read"}, "always; never") == "80010190009700");
}

TEST_CASE("conditions: and, or, not, secure channels, keys without a name (ISO/IEC 7816-4 table 33)") {
  const auto both = [](std::string_view hex, std::string_view condition) {
    CAPTURE(condition);
    CHECK(words("800101" + std::string(hex)) == R"({"rules":[{"access":["read"],"condition":")" + std::string(condition) + "\"}]}");
    CHECK(bytes({"read"}, condition) == "800101" + std::string(hex));
  };
  both("A010A406830101950108A40683010A950108", "PIN1 or ADM1");
  both("AF10A406830101950108A406830181950108", "PIN1 and PIN2");
  both("A708A406830101950108", "not PIN1");
  both("AF0AB403950130B803950130", "integrity both ways and confidentiality both ways");
  both("A01AA406830101950108AF10A40683010A950108A40683010B950108", "PIN1 or (ADM1 and ADM2)");
  both("A40683011F950108", "key 1F");
  both("A4058303010203", "tag A4058303010203");
  both("9E0110", "tag 9E0110");
}

TEST_CASE("invalid rules are refused") {
  CHECK(words("9000") == "wrong: a condition without the access that it allows");
  CHECK(words("800101") == "wrong: an access mode without a condition");
  CHECK(words("800101A4").starts_with("wrong: "));
  CHECK(bytes({"read"}, "") == "refused: is missing");
  CHECK(bytes({"read"}, "PIN9").starts_with("refused: no condition"));
  CHECK(bytes({"read"}, "(PIN1 or ADM1") == "refused: a ) is missing");
  CHECK(bytes({"read"}, "PIN1 and ADM1 or ADM2").starts_with("refused: no condition"));
  CHECK(bytes({"read"}, "tag 90").starts_with("refused: no condition"));
  CHECK(bytes({"read"}, "((((((((((PIN1").starts_with("refused: conditions nested too deep"));
  CHECK(bytes({"INS 1"}, "always").starts_with("refused: 'INS 1' is not an access"));
}
