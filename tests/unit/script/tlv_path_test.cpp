// SPDX-License-Identifier: Apache-2.0
#include "script/tlv_path.hpp"

#include <doctest/doctest.h>

#include "core/hex.hpp"
#include "script/explain.hpp"

using namespace uicclab;
using script::TlvPath;

namespace {

/// The answer with the value at the path replaced; "none" if the path does not exist.
std::string changed(std::string_view path, std::string_view answer, const std::optional<std::string>& value, StatusWord status = sw::kOk) {
  const auto parsed = TlvPath::of(path);
  REQUIRE(parsed);
  const auto out =
      parsed->change({*from_hex(answer), status}, [&](BytesView) { return value ? std::optional(*from_hex(*value)) : std::nullopt; });
  return out ? to_hex(out->data) + " " + to_hex(out->status) : "none";
}

constexpr const char* kFcp = "620B 82027821 83023F00 8A0105";

}  // namespace

TEST_CASE("paths: the value at a path is replaced, and the lengths around it are adapted") {
  CHECK(changed("62/83", kFcp, "7F20") == "620B8202782183027F208A0105 9000");
  CHECK(changed("62/83", kFcp, "7F2030") == "620C8202782183037F20308A0105 9000");
  CHECK(changed("62/83[1]", kFcp, "1122") == "620C8202782183033F11228A0105 9000");
  CHECK(changed("62/83", kFcp, std::nullopt) == "6207820278218A0105 9000");
  CHECK(changed("62", kFcp, "00") == "620100 9000");
  CHECK(changed("70:2/4F", "7003 4F0101 7003 4F0102 9F0100", "AABB") == "70034F010170044F02AABB9F0100 9000");
  CHECK(changed("62/80", "6203800102", to_hex(Bytes(200, 0x11))).starts_with("6281CB8081C81111"));
}

TEST_CASE("paths: proactive commands keep their comprehension bits") {
  CHECK(changed("D0/82", "D009 8103010200 82028182", "8102") == "D009810301020082028102 9000");
  CHECK(changed("D0/02", "D009 8103010200 02028182", "8102") == "D009810301020002028102 9000");
}

TEST_CASE("paths: data, bytes of it, and status words") {
  CHECK(changed("data", "010203", "FF") == "FF 9000");
  CHECK(changed("data", "010203", std::nullopt) == " 9000");
  CHECK(changed("data[1..2]", "010203", std::nullopt) == "01 9000");
  CHECK(changed("sw", "0102", "6A82") == "0102 6A82");
  CHECK(changed("sw[1]", "", "05") == " 9005");
  CHECK(changed("sw", "", "05") == "none");
  CHECK(changed("sw[2]", "", "05") == "none");
}

TEST_CASE("paths: a path that does not exist changes nothing") {
  CHECK(changed("62/84", kFcp, "00") == "none");
  CHECK(changed("62/83/80", "620483023F00", "00") == "none");
  CHECK(changed("62:2/83", "620483023F00", "00") == "none");
  CHECK(changed("62/83[2]", "620483023F00", "00") == "none");
  CHECK(changed("data[3]", "010203", "00") == "none");
  CHECK(changed("62", "", "00") == "none");
}

TEST_CASE("Templates nested in an answer are taken apart to a depth, then shown as one value (ISO/IEC 7816-4 clause 5.2)") {
  Bytes nested;
  for (int i = 0; i < 10000; ++i) {  // 62 83 LL LL LL around what there is
    nested.insert(nested.begin(), {0x62, 0x83, static_cast<std::uint8_t>(nested.size() >> 16),
                                   static_cast<std::uint8_t>(nested.size() >> 8), static_cast<std::uint8_t>(nested.size())});
  }
  CHECK(script::decode(nested).size() == 17);
}
