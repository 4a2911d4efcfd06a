// SPDX-License-Identifier: Apache-2.0
#include "applet/toolkit_demo/module.hpp"

#include <doctest/doctest.h>

#include "applet/toolkit_demo/demo.hpp"

using namespace uicclab;
using namespace uicclab::applet;
using toolkit_demo::DemoModule;

namespace {

Result<toolkit_demo::Options> options(std::string_view text) {
  const auto parameters = Parameters::parse(text);
  REQUIRE(parameters);
  const auto objects = DemoModule().personalise(*parameters);
  if (!objects) return tl::unexpected(objects.error());
  REQUIRE(objects->size() == 1);
  const auto out = toolkit_demo::Options::decode(objects->front().second);
  REQUIRE(out);
  return *out;
}

ErrorCode code_of(std::string_view text) {
  const auto out = options(text);
  REQUIRE_FALSE(out);
  return out.error().code;
}

}  // namespace

TEST_CASE("toolkit demo: parameters of an instance") {
  const auto plain = options("");
  REQUIRE(plain);
  CHECK(plain->title == "uicclab demo");
  CHECK(plain->number.text() == "+15550100");
  CHECK(plain->port == 4001);
  CHECK_FALSE(plain->tcp);
  const auto all = options("title=Bank;number=0170;port=65535;transport=tcp");
  REQUIRE(all);
  CHECK(all->title == "Bank");
  CHECK(all->port == 65535);
  CHECK(all->tcp);
}

TEST_CASE("toolkit demo: wrong parameters are refused by name") {
  CHECK(code_of("titel=Bank") == ErrorCode::kMalformed);
  CHECK(code_of("title=") == ErrorCode::kRange);
  CHECK(code_of("title=a title of 25 bytes or so") == ErrorCode::kRange);
  CHECK(code_of("title=1") == ErrorCode::kMalformed);
  CHECK(code_of("number=nobody") == ErrorCode::kMalformed);
  CHECK(code_of("number=+123456789012345678901") == ErrorCode::kRange);
  CHECK(code_of("port=0") == ErrorCode::kRange);
  CHECK(code_of("port=65536") == ErrorCode::kRange);
  CHECK(code_of("port=high") == ErrorCode::kMalformed);
  CHECK(code_of("transport=sctp") == ErrorCode::kMalformed);
  CHECK_FALSE(toolkit_demo::Options::decode(Bytes{3, 'a'}));
  CHECK_FALSE(toolkit_demo::Options::decode({}));
}
