// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/tlv.hpp"

#include <doctest/doctest.h>

using namespace uicclab;
using namespace uicclab::lwm2m;

namespace {

Bytes tlv(TlvType type, std::uint16_t id, BytesView value) {
  Bytes out;
  write_tlv(out, type, id, value);
  return out;
}

/// The one element of `bytes`.
Tlv read(BytesView bytes) {
  TlvReader reader(bytes);
  const auto element = reader.next();
  REQUIRE(element);
  REQUIRE(reader.empty());
  return *element;
}

}  // namespace

TEST_CASE("TLV: every form of identifier and length comes back as written, in its shortest form (LwM2M 6.4.3)") {
  struct Row {
    std::size_t length;
    std::uint8_t type_bits;  // length type and inline length
    std::size_t field;
  };
  const Row rows[] = {{0, 0x00, 0},   {1, 0x01, 0},     {7, 0x07, 0},     {8, 0x08, 1},      {255, 0x08, 1},
                      {256, 0x10, 2}, {65535, 0x10, 2}, {65536, 0x18, 3}, {0x12345, 0x18, 3}};
  for (const auto type : {TlvType::kObjectInstance, TlvType::kResourceInstance, TlvType::kMultipleResource, TlvType::kResource}) {
    for (const std::uint16_t id : std::initializer_list<std::uint16_t>{0, 1, 255, 256, 65535}) {
      for (const Row& row : rows) {
        const Bytes value(row.length, 0x5A);
        const Bytes bytes = tlv(type, id, value);
        const std::size_t id_size = id > 255 ? 2 : 1;
        CHECK(bytes.size() == 1 + id_size + row.field + row.length);
        CHECK(bytes[0] == ((static_cast<unsigned>(type) << 6) | (id > 255 ? 0x20U : 0U) | row.type_bits));
        const Tlv back = read(bytes);
        CHECK(back.type == type);
        CHECK(back.id == id);
        CHECK(equal(back.value, value));
        CHECK(back.canonical);
      }
    }
  }
}

TEST_CASE("TLV: encodings longer than necessary are read, and reported (LwM2M 6.4.3)") {
  for (const Bytes& bytes : {to_bytes("E0000A"_h),                     // identifier of 16 bits for 10
                             to_bytes("C80A01FF"_h),                   // length of 8 bits for 1
                             to_bytes("D00A0001FF"_h),                 // length of 16 bits
                             to_bytes("D80A000001FF"_h),               // length of 24 bits
                             to_bytes("CF0A080102030405060708"_h)}) {  // low bits in addition to a length field
    const Tlv element = read(bytes);
    CHECK(element.id == 10);
    CHECK_FALSE(element.canonical);
  }
}

TEST_CASE("TLV: one that ends too early is refused at every cut, with its offset") {
  for (const Bytes& whole : {tlv(TlvType::kResource, 1, "AABBCC"_h), tlv(TlvType::kResource, 300, Bytes(20, 1)),
                             tlv(TlvType::kObjectInstance, 65535, Bytes(300, 2)), tlv(TlvType::kMultipleResource, 4, Bytes(66000, 3))}) {
    for (std::size_t cut = 1; cut < whole.size(); cut = cut < 12 ? cut + 1 : cut * 2) {
      TlvReader reader(BytesView(whole).first(cut), 7);
      const auto element = reader.next();
      REQUIRE_FALSE(element);
      CHECK(element.error().code == ErrorCode::kTruncated);
      CHECK(element.error().offset == 7);
    }
  }
  TlvReader empty({});
  CHECK(empty.empty());
  CHECK_FALSE(empty.next());
}

TEST_CASE("TLV: a value over 16 MB cannot be written") {
  Bytes out;
  CHECK_THROWS_AS(write_tlv(out, TlvType::kResource, 0, Bytes(kMaxTlvLength + 1)), SystemError);
}

TEST_CASE("Integer: the fewest of 1, 2, 4 and 8 bytes, and back (LwM2M appendix C)") {
  struct Row {
    std::int64_t value;
    std::size_t size;
  };
  for (const Row& row : {Row{0, 1}, Row{127, 1}, Row{-128, 1}, Row{128, 2}, Row{-129, 2}, Row{32767, 2}, Row{40000, 4}, Row{86400, 4},
                         Row{INT32_MIN, 4}, Row{INT64_C(2147483648), 8}, Row{INT64_MIN, 8}, Row{INT64_MAX, 8}}) {
    const Bytes bytes = encode_integer(row.value);
    CHECK(bytes.size() == row.size);
    CHECK(decode_integer(bytes) == row.value);
  }
  CHECK(tlv(TlvType::kResource, 10, encode_integer(40000)) == to_bytes("C40A00009C40"_h));
  for (std::size_t size : {0U, 3U, 5U, 6U, 7U, 9U}) CHECK_FALSE(decode_integer(Bytes(size)));
}

TEST_CASE("Unsigned Integer, Boolean, Objlnk (LwM2M appendix C)") {
  CHECK(encode_unsigned(0xC0A8) == to_bytes("C0A8"_h));
  CHECK(decode_unsigned("0000C0A8"_h) == 0xC0A8U);
  CHECK(decode_unsigned("FFFFFFFFFFFFFFFF"_h) == UINT64_MAX);
  for (std::size_t size : {0U, 3U, 5U, 6U, 7U, 9U}) CHECK_FALSE(decode_unsigned(Bytes(size)));
  CHECK(decode_boolean("00"_h) == false);
  CHECK(decode_boolean("01"_h) == true);
  for (const Bytes& bad : {Bytes{}, Bytes{2}, Bytes{0xFF}, Bytes{0, 1}}) CHECK_FALSE(decode_boolean(bad));
  CHECK(decode_link("00420000"_h) == ObjectLink{66, 0});
  CHECK(encode_link({66, 1}) == to_bytes("00420001"_h));
  for (std::size_t size : {0U, 3U, 5U}) CHECK_FALSE(decode_link(Bytes(size)));
}

TEST_CASE("String: UTF-8, nothing else (LwM2M appendix C; Unicode table 3-7)") {
  for (const char* good : {"", "coaps://a", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEF\xBF\xBF",
                           "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    CHECK(decode_string(as_bytes(good)) == std::string(good));
  }
  for (const char* bad :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xE2\x82", "\xED\xA0\x80",
        "\xED\xBF\xBF", "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xF0\x9F\x98", "\xFE", "\xFF"}) {
    CHECK_FALSE(decode_string(as_bytes(bad)));
  }
  CHECK_FALSE(decode_string("610062"_h));
  CHECK(decode_string("6162C3"_h).error().offset == 2);
}
