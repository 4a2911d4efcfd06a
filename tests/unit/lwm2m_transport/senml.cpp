// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/transport/senml.hpp"

#include <doctest/doctest.h>

#include "core/base64.hpp"
#include "lwm2m/transport/payloads.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;

namespace {

std::string told(const std::vector<SenmlRecord>& records) {
  std::string out;
  for (const SenmlRecord& one : records) {
    for (const std::uint16_t number : one.path) out += "/" + std::to_string(number);
    out += "=" + to_hex(one.value) + " ";
  }
  return out;
}

}  // namespace

TEST_CASE("SenML JSON: base names, each kind of value (RFC 8428 4, 5; LwM2M 1.1 7.4.4)") {
  const auto records = parse_senml_json(
      R"([{"bn":"/0/1/","n":"0","vs":"coap://a"},{"n":"1","vb":false},{"n":"2","v":3},{"n":"10","v":123},{"n":"5","vd":"AQID"},{"n":"17","vlo":"21:0"},)"
      R"({"n":"16/0","v":49320},{"bn":"","n":"/3303/0/5700","v":2.5}])");
  REQUIRE_MESSAGE(records, records.error().text);
  CHECK(told(*records) ==
        "/0/1/0=636F61703A2F2F61 /0/1/1=00 /0/1/2=03 /0/1/10=7B /0/1/5=010203 /0/1/17=00150000 /0/1/16/0=C0A8 "
        "/3303/0/5700=4004000000000000 ");
}

TEST_CASE("SenML CBOR: labels, integers, booleans, strings, floats of three sizes (RFC 8428 6; RFC 8949)") {
  // As cbor2 writes [{-2: "/0/1/", 0: "0", 3: "coap://127.0.0.1:15683"}, {0: "1", 4: False}, {0: "2", 2: 3}, {0: "10", 2: 123}].
  const auto bytes =
      "84A321652F302F312F00613003"
      "76636F61703A2F2F3132372E302E302E313A3135363833"
      "A200613104F4A200613202"
      "03A20062313002187B"_h;
  const auto records = parse_senml_cbor(bytes);
  REQUIRE_MESSAGE(records, records.error().text);
  CHECK(told(*records) == "/0/1/0=636F61703A2F2F3132372E302E302E313A3135363833 /0/1/1=00 /0/1/2=03 /0/1/10=7B ");
  for (const auto& half :
       {to_bytes("81A2006C2F333330332F302F3537303002F94100"_h), to_bytes("81A2006C2F333330332F302F3537303002FA40200000"_h),
        to_bytes("81A2006C2F333330332F302F3537303002FB4004000000000000"_h)}) {
    const auto one = parse_senml_cbor(half);
    REQUIRE_MESSAGE(one, one.error().text);
    CHECK(told(*one) == "/3303/0/5700=4004000000000000 ");
  }
}

TEST_CASE("SenML: what is malformed is refused, and nothing is read past its end") {
  for (const char* text :
       {"", "{}", "[", "[1]", "[{}]", R"([{"n":"/3/0"}])", R"([{"n":"/3/0/0","v":1,"vs":"x"}])", R"([{"n":"/3/0/0","vs":1}])",
        R"([{"n":"/3/0/x","v":1}])", R"([{"n":"/3/0/0","vd":"*"}])", R"([{"n":"/3/0/0","bt_":1}])", R"([{"n":"/1/2/3/4/5","v":1}])",
        R"([{"n":1,"v":1}])", R"([{"n":"/9/0/0","vlo":"x"}])", R"([{"n":"/1/0/1","v":18446744073709551615}])"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_senml_json(text));
  }
  const auto good = "81A200662F312F302F310219012C"_h;
  CHECK(parse_senml_cbor(good));
  for (std::size_t size = 0; size < good.size(); ++size) CHECK_FALSE(parse_senml_cbor(BytesView(good).first(size)));
  for (const auto& bytes : {to_bytes("81A200662F312F302F310219012C00"_h), to_bytes("9FA0FF"_h), to_bytes("8100"_h), to_bytes("81A0"_h),
                            to_bytes("9B0000FFFFFFFFFFFF"_h), to_bytes("81A200662F312F302F31021BFFFFFFFFFFFFFFFF"_h),
                            to_bytes("81BB00000000FFFFFFFF"_h), to_bytes("81A2005BFFFFFFFFFFFFFFFF0200"_h)}) {
    CHECK_FALSE(parse_senml_cbor(bytes));
  }
}

TEST_CASE("SenML of what was read is written again: both forms agree") {
  const auto records =
      parse_senml_json(R"([{"n":"/1/0/1","v":-5},{"n":"/1/0/7","vs":"U\"\\"},{"n":"/1/0/6","vb":true},{"n":"/9/0/1","vd":"_-8"}])");
  REQUIRE(records);
  const auto json_again = parse_senml_json(senml_json(*records));
  const auto cbor_again = parse_senml_cbor(senml_cbor(*records));
  REQUIRE(json_again);
  REQUIRE(cbor_again);
  CHECK(told(*json_again) == told(*records));
  CHECK(told(*cbor_again) == told(*records));
}

TEST_CASE("Base64 in both alphabets (RFC 4648 10)") {
  for (const auto& [plain, coded] :
       {std::pair{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"foobar", "Zm9vYmFy"}}) {
    CHECK(base64(as_bytes(plain)) == coded);
    CHECK(*from_base64(coded) == to_bytes(as_bytes(plain)));
  }
  CHECK(base64_url("FBFF"_h) == "-_8");
  CHECK(*from_base64("-_8") == *from_base64("+/8="));
  CHECK_FALSE(from_base64("A"));
  CHECK_FALSE(from_base64("Zg!="));
}
