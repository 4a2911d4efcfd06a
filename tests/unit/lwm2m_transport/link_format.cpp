// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/transport/link_format.hpp"

#include <doctest/doctest.h>

using namespace uicclab;
using namespace uicclab::lwm2m;

TEST_CASE("Link format: paths, attributes, quotes (RFC 6690 2; LwM2M 1.0 5.3.1, 5.4.2)") {
  const auto links = parse_links("</>;rt=\"oma.lwm2m\";ct=110,</1/0>, </3/0>;pmin=10;title=\"a, \\\"b\\\"\"");
  REQUIRE(links);
  REQUIRE(links->size() == 3);
  CHECK(*(*links)[0].find("rt") == "oma.lwm2m");
  CHECK(*(*links)[0].find("ct") == "110");
  CHECK((*links)[1] == Link{"/1/0", {}});
  CHECK(*(*links)[2].find("title") == "a, \"b\"");
  CHECK((*links)[2].find("pmax") == nullptr);
  CHECK(parse_links("")->empty());
  const auto of_bootstrap = parse_links("lwm2m=\"1.0\",</0/0>");
  REQUIRE(of_bootstrap);
  CHECK((*of_bootstrap)[0].path.empty());
  CHECK(*(*of_bootstrap)[0].find("lwm2m") == "1.0");
}

TEST_CASE("Link format: what is malformed is refused with its place") {
  for (const char* text : {"</3/0", "</3/0>;", "</3/0>;=1", "</3/0>;a=\"b", "</3/0> x", "</3/0>,,", ","}) {
    CAPTURE(text);
    const auto links = parse_links(text);
    REQUIRE_FALSE(links);
    CHECK(links.error().code == ErrorCode::kMalformed);
  }
  std::string many;
  for (int i = 0; i < 5000; ++i) many += "</3/0>,";
  CHECK(parse_links(many + "</1>").error().code == ErrorCode::kRange);
}
