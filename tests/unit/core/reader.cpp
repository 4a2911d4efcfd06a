// SPDX-License-Identifier: Apache-2.0
#include "core/reader.hpp"

#include <doctest/doctest.h>

#include "core/result.hpp"

using namespace uicclab;

TEST_CASE("reader: numbers of every width are big-endian") {
  const auto bytes = "01 0203 040506 0708090A 0B0C0D0E0F101112"_h;
  ByteReader in(bytes);
  CHECK(in.u8() == 0x01);
  CHECK(in.u16() == 0x0203);
  CHECK(in.u24() == 0x040506U);
  CHECK(in.u32() == 0x0708090AU);
  CHECK(in.offset() == 10);
  CHECK(in.number(8) == 0x0B0C0D0E0F101112ULL);
  CHECK(in.empty());
  CHECK(in.remaining() == 0);
}

TEST_CASE("reader: a call that fails says so and moves nothing") {
  const auto bytes = "0102030405060708090A"_h;
  for (std::size_t left = 0; left <= bytes.size(); ++left) {
    CAPTURE(left);
    ByteReader in(BytesView(bytes).last(left));
    if (left < 1) CHECK_FALSE(in.u8().has_value());
    if (left < 1) CHECK_FALSE(in.peek().has_value());
    if (left < 2) CHECK_FALSE(in.u16().has_value());
    if (left < 3) CHECK_FALSE(in.u24().has_value());
    if (left < 4) CHECK_FALSE(in.u32().has_value());
    CHECK_FALSE(in.number(9).has_value());
    CHECK_FALSE(in.bytes(left + 1).has_value());
    CHECK_FALSE(in.bytes(SIZE_MAX).has_value());
    CHECK_FALSE(in.skip(left + 1));
    CHECK(in.offset() == 0);
    CHECK(in.remaining() == left);
    CHECK(in.rest().size() == left);
  }
}

TEST_CASE("reader: a value after its length is read completely or not at all") {
  const auto bytes = "02AABB 00 03CC"_h;
  ByteReader in(bytes);
  CHECK(equal(in.lv().value(), "AABB"_h));
  CHECK(in.lv().value().empty());
  CHECK_FALSE(in.lv().has_value());
  CHECK(in.offset() == 4);
  CHECK(in.skip(2));
  CHECK_FALSE(in.lv().has_value());
  CHECK(in.bytes(0).value().empty());
}

TEST_CASE("writer: what it writes, the reader reads") {
  ByteWriter out;
  out.u8(0x01).u16(0x0203).u24(0x040506).u32(0x0708090A).number(0x0B0C, 3).bytes("AABB"_h).fill(2, 0xFF).lv("CCDD"_h).lv({});
  CHECK(to_hex(out.view()) == "0102030405060708090A000B0CAABBFFFF02CCDD00");
  CHECK(out.size() == 21);
  ByteReader in(out.view());
  CHECK(in.skip(10));
  CHECK(in.number(3) == 0x0B0CU);
  CHECK(out.take().size() == 21);
}

TEST_CASE("writer: a number is cut to the width named, and widened with zeros over eight bytes") {
  CHECK(ByteWriter().u24(0xAA010203).take() == Bytes{1, 2, 3});
  CHECK(ByteWriter().number(0x0102, 1).take() == Bytes{2});
  CHECK(ByteWriter().number(0x01, 10).take() == Bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
}

TEST_CASE("writer: a value too long for its one-byte length is refused, not cut") {
  CHECK(ByteWriter().lv(Bytes(255, 1)).size() == 256);
  CHECK_THROWS_AS(ByteWriter().lv(Bytes(256, 1)), SystemError);
}
