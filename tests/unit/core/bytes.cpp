// SPDX-License-Identifier: Apache-2.0
#include "core/bytes.hpp"

#include <doctest/doctest.h>

#include "core/hex.hpp"

using namespace uicclab;

static_assert("00A4 0004"_h == std::array<std::uint8_t, 4>{0x00, 0xA4, 0x00, 0x04});
static_assert("aBcD"_h == std::array<std::uint8_t, 2>{0xAB, 0xCD});
static_assert(""_h.empty() && "  "_h.empty());

TEST_CASE("hexadecimal: text from people becomes bytes, with any separator") {
  const Bytes expected{0x00, 0xA4, 0x00, 0x04, 0x02};
  for (const char* text : {"00A4000402", "00a4000402", "00 A4 00 04 02", "00:A4:00:04:02", "00_A4_00_04_02", " 00A4\t0004\r\n02\n"}) {
    CAPTURE(text);
    CHECK(from_hex(text).value() == expected);
  }
  CHECK(from_hex("").value().empty());
  CHECK(from_hex(" \n").value().empty());
}

TEST_CASE("hexadecimal: other characters are refused, with their place") {
  const auto refused = [](std::string_view text, ErrorCode code, std::size_t offset) {
    CAPTURE(text);
    const auto bytes = from_hex(text);
    REQUIRE_FALSE(bytes.has_value());
    CHECK(bytes.error().code == code);
    CHECK(bytes.error().offset == offset);
  };
  refused("0", ErrorCode::kTruncated, 1);
  refused("00A", ErrorCode::kTruncated, 3);
  refused("0 0", ErrorCode::kMalformed, 1);
  refused("00 A 4", ErrorCode::kMalformed, 4);
  refused("0g", ErrorCode::kMalformed, 1);
  refused("G0", ErrorCode::kMalformed, 0);
  refused("0x00", ErrorCode::kMalformed, 1);
  refused("00-A4", ErrorCode::kMalformed, 2);
  refused("00,A4", ErrorCode::kMalformed, 2);
  refused(std::string_view("00\0A4", 5), ErrorCode::kMalformed, 2);
  refused("\xC3\xA4", ErrorCode::kMalformed, 0);
}

TEST_CASE("hexadecimal: every byte to text and back") {
  Bytes all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<std::uint8_t>(i));
  const std::string text = to_hex(all);
  CHECK(text.size() == 512);
  CHECK(text.substr(0, 8) == "00010203");
  CHECK(text.substr(504) == "FCFDFEFF");
  CHECK(from_hex(text).value() == all);
  CHECK(to_hex(BytesView{}).empty());
}

TEST_CASE("byte strings: concatenation, comparison, text as bytes") {
  CHECK(concat({"01"_h, {}, "0203"_h}) == Bytes{1, 2, 3});
  CHECK(concat({}).empty());
  CHECK(equal("0102"_h, Bytes{1, 2}));
  CHECK_FALSE(equal("0102"_h, "0103"_h));
  CHECK_FALSE(equal("0102"_h, "010200"_h));
  CHECK(equal(as_bytes("SIM"), "53494D"_h));
  Bytes dst{1};
  append(dst, "0203"_h);
  append(dst, {});
  CHECK(dst == Bytes{1, 2, 3});
}
