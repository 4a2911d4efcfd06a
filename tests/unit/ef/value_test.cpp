// SPDX-License-Identifier: Apache-2.0
#include "ef/value.hpp"

#include <doctest/doctest.h>

using namespace uicclab;
using ef::List;
using ef::Value;

TEST_CASE("values: set by path, found by name, refused where there is nothing below") {
  Value value;
  CHECK(value.set_at("a.b", "1"));
  CHECK(value.set_at("list", List{Value("x")}));
  CHECK(value.set_at("list.1", Value(std::uint64_t{7})));
  CHECK(ef::to_json(value) == R"({"a":{"b":"1"},"list":["x",7]})");
  CHECK_FALSE(value.set_at("list.3", "y"));
  CHECK_FALSE(value.set_at("list.x", "y"));
  CHECK_FALSE(value.set_at("a.b.c", "y"));
  CHECK_FALSE(value.set_at("", "y"));
  CHECK(value.find("b") == nullptr);
}

TEST_CASE("values: text for people, and differences place by place") {
  Value value;
  value.set("imsi", "001010000000001");
  value.set("on", true);
  value.set("names", List{Value("a"), Value("b")});
  value.set("none", List());
  value.set("empty", Value());
  value.set("list", List{Value(ef::Members{{"x", Value(std::uint64_t{1})}})});
  CHECK(ef::to_text(value) == "imsi   001010000000001\non     yes\nnames  a, b\nnone   (none)\nempty  (empty)\nlist\n  0\n    x  1\n");
  Value other = value;
  CHECK(ef::differences(value, other).empty());
  other.set("imsi", "001010000000002");
  CHECK(other.set_at("list.0.x", Value(std::uint64_t{2})));
  CHECK(other.set_at("names.2", "c"));
  std::string lines;
  for (const ef::Difference& one : ef::differences(value, other)) lines += ef::to_text(one) + "\n";
  CHECK(lines == "imsi: 001010000000001 -> 001010000000002\nnames.2: (empty) -> c\nlist.0.x: 1 -> 2\n");
}
