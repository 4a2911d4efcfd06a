// SPDX-License-Identifier: Apache-2.0
#include "core/comprehension_tlv.hpp"

#include <doctest/doctest.h>

#include "core/hex.hpp"

using namespace uicclab;

namespace {

void refused(std::string_view hex, ErrorCode code, std::size_t offset) {
  CAPTURE(hex);
  const Bytes bytes = from_hex(hex).value();
  ctlv::Reader reader(bytes);
  for (int i = 0; i < 2; ++i) {  // a fault does not move the reader
    const auto tlv = reader.next();
    REQUIRE_FALSE(tlv.has_value());
    CHECK(tlv.error().code == code);
    CHECK(tlv.error().offset == offset);
  }
}

}  // namespace

TEST_CASE("COMPREHENSION-TLV: the comprehension-required bit is not part of the tag (TS 101 220 clause 7.1.1.1)") {
  const auto bytes = "81 03 012100 02 02 8182 8D 00"_h;
  ctlv::Reader reader(bytes);
  auto tlv = reader.next().value();
  CHECK(tlv.tag == 0x01);
  CHECK(tlv.comprehension_required);
  CHECK(equal(tlv.value, "012100"_h));
  tlv = reader.next().value();
  CHECK(tlv.tag == 0x02);
  CHECK_FALSE(tlv.comprehension_required);
  CHECK(tlv.offset == 5);
  tlv = reader.next().value();
  CHECK(tlv.tag == 0x0D);
  CHECK(tlv.value.empty());
  CHECK(reader.empty());
  CHECK(equal(ctlv::find(bytes, 0x02).value(), "8182"_h));
  CHECK_FALSE(ctlv::find(bytes, 0x03).has_value());
}

TEST_CASE("COMPREHENSION-TLV: three-byte tags have 15 bits (TS 101 220 clause 7.1.1.1)") {
  const auto bytes = "7F 8123 01 AA 7F 0123 01 BB"_h;
  ctlv::Reader reader(bytes);
  auto tlv = reader.next().value();
  CHECK(tlv.tag == 0x0123);
  CHECK(tlv.comprehension_required);
  tlv = reader.next().value();
  CHECK(tlv.tag == 0x0123);
  CHECK_FALSE(tlv.comprehension_required);
  CHECK(equal(tlv.value, "BB"_h));
}

TEST_CASE("COMPREHENSION-TLV: lengths of one to four bytes (TS 101 220 clause 7.1.2)") {
  for (const auto& [length, header] : {std::pair{0U, "8500"}, std::pair{127U, "857F"}, std::pair{128U, "858180"}, std::pair{255U, "8581FF"},
                                       std::pair{256U, "85820100"}, std::pair{65536U, "8583010000"}}) {
    CAPTURE(length);
    Bytes bytes;
    ctlv::write(bytes, 0x05, Bytes(length, 0x5A));
    CHECK(to_hex(bytes).starts_with(header));
    ctlv::Reader reader(bytes);
    CHECK(reader.next().value().value.size() == length);
    CHECK(reader.empty());
  }
}

TEST_CASE("COMPREHENSION-TLV: every tag that can be written is read back, in the shorter form that fits") {
  for (std::uint16_t tag = 1; tag <= 0x7FFE; tag = static_cast<std::uint16_t>(tag < 0x200 ? tag + 1 : tag + 0x1FF)) {
    for (const bool required : {false, true}) {
      Bytes bytes;
      ctlv::write(bytes, tag, "AA"_h, required);
      CHECK(bytes.size() == (tag < 0x7F ? 3U : 5U));
      ctlv::Reader reader(bytes);
      const auto tlv = reader.next().value();
      CHECK(tlv.tag == tag);
      CHECK(tlv.comprehension_required == required);
    }
  }
}

TEST_CASE("COMPREHENSION-TLV: reserved tags are refused (TS 101 220 clause 7.1.1.1)") {
  refused("0001AA", ErrorCode::kMalformed, 0);
  refused("8001AA", ErrorCode::kMalformed, 0);
  refused("FF01AA", ErrorCode::kMalformed, 0);
  refused("7F000001AA", ErrorCode::kMalformed, 0);
  refused("7F800001AA", ErrorCode::kMalformed, 0);
}

TEST_CASE("COMPREHENSION-TLV: a tag that has no coding is not written") {
  Bytes bytes;
  CHECK_THROWS_AS(ctlv::write(bytes, 0, "AA"_h), SystemError);
  CHECK_THROWS_AS(ctlv::write(bytes, 0x8000, "AA"_h), SystemError);
  CHECK(bytes.empty());
}

TEST_CASE("COMPREHENSION-TLV: other length forms than 81, 82 and 83 are refused") {
  refused("8580AA", ErrorCode::kMalformed, 1);
  refused("858400000001AA", ErrorCode::kMalformed, 1);
  refused("85FFAA", ErrorCode::kMalformed, 1);
  refused("7F012380AA", ErrorCode::kMalformed, 3);
}

TEST_CASE("COMPREHENSION-TLV: each truncation is reported with its place") {
  refused("", ErrorCode::kTruncated, 0);
  refused("85", ErrorCode::kTruncated, 1);
  refused("7F", ErrorCode::kTruncated, 1);
  refused("7F01", ErrorCode::kTruncated, 1);
  refused("7F0123", ErrorCode::kTruncated, 3);
  refused("8581", ErrorCode::kTruncated, 2);
  refused("858201", ErrorCode::kTruncated, 2);
  refused("8583FFFF", ErrorCode::kTruncated, 2);
  refused("8501", ErrorCode::kTruncated, 2);
  refused("8502AA", ErrorCode::kTruncated, 2);
  refused("8581FFAA", ErrorCode::kTruncated, 3);
}

TEST_CASE("COMPREHENSION-TLV: find returns nothing after an error") {
  CHECK_FALSE(ctlv::find("0001AA 8501BB"_h, 0x05).has_value());
  CHECK(equal(ctlv::find("8501BB 00"_h, 0x05).value(), "BB"_h));
}
