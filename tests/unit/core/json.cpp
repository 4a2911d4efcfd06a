// SPDX-License-Identifier: Apache-2.0
#include "core/json.hpp"

#include <doctest/doctest.h>

using namespace uicclab;

namespace {

std::string nested(char open, std::size_t depth, char close) {
  return std::string(depth, open) + std::string(depth, close);
}

}  // namespace

TEST_CASE("The depth of a text has a limit before any parser sees it (RFC 8259 clause 9)") {
  CHECK_FALSE(json_too_deep(nested('[', kMaxJsonDepth, ']')));
  CHECK(json_too_deep(nested('[', kMaxJsonDepth + 1, ']')) == kMaxJsonDepth);
  CHECK(json_too_deep(nested('{', kMaxJsonDepth + 1, '}')) == kMaxJsonDepth);
  CHECK(json_too_deep(std::string(1'000'000, '[')) == kMaxJsonDepth);

  // Lists side by side are not deep, nor are brackets in strings.
  std::string wide = "[";
  for (int i = 0; i < 1000; ++i) wide += "[],";
  CHECK_FALSE(json_too_deep(wide + "0]"));
  CHECK_FALSE(json_too_deep('"' + std::string(1000, '[') + '"'));
  CHECK_FALSE(json_too_deep(R"(["\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["])"));
  CHECK(json_too_deep(R"("\\")" + std::string(kMaxJsonDepth + 1, '[')) == 4 + kMaxJsonDepth);
  CHECK_FALSE(json_too_deep(std::string(1000, ']') + "[1]"));
}

TEST_CASE("A text that ends in a string or behind a backslash is read to its end") {
  CHECK_FALSE(json_too_deep("\""));
  CHECK_FALSE(json_too_deep("\"\\"));
  CHECK_FALSE(json_too_deep(""));
}
