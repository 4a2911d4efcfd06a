// SPDX-License-Identifier: Apache-2.0
#include "core/ber_tlv.hpp"

#include <doctest/doctest.h>

#include "core/comprehension_tlv.hpp"
#include "tests/support/vector_file.hpp"

using namespace uicclab;

namespace {

void refused(std::string_view hex, ErrorCode code, std::size_t offset) {
  CAPTURE(hex);
  const Bytes bytes = from_hex(hex).value();
  ber::Reader reader(bytes);
  const auto tlv = reader.next();
  REQUIRE_FALSE(tlv.has_value());
  CHECK(tlv.error().code == code);
  CHECK(tlv.error().offset == offset);
  CHECK(reader.offset() == 0);
}

}  // namespace

TEST_CASE("BER-TLV: tags of one to three bytes (ISO/IEC 7816-4 clause 5.2.2.1)") {
  for (const auto& [hex, tag, constructed] :
       {std::tuple{"800101", 0x80U, false}, std::tuple{"620101", 0x62U, true}, std::tuple{"9F7F0101", 0x9F7FU, false},
        std::tuple{"7F210101", 0x7F21U, true}, std::tuple{"DF81010101", 0xDF8101U, false}, std::tuple{"BF83250101", 0xBF8325U, true}}) {
    CAPTURE(hex);
    const Bytes bytes = from_hex(hex).value();
    const auto tlv = ber::first(bytes).value();
    CHECK(tlv.tag == tag);
    CHECK(tlv.constructed() == constructed);
    CHECK(equal(tlv.value, "01"_h));
    CHECK(equal(tlv.whole, bytes));
    CHECK(tlv.offset == 0);
    CHECK(ber::encode(tag, "01"_h) == bytes);
  }
}

TEST_CASE("BER-TLV: lengths of one to five bytes, written in the shortest form (ISO/IEC 7816-4 clause 5.2.2.2)") {
  for (const auto& [length, header] :
       {std::pair{0U, "8000"}, std::pair{1U, "8001"}, std::pair{127U, "807F"}, std::pair{128U, "808180"}, std::pair{255U, "8081FF"},
        std::pair{256U, "80820100"}, std::pair{65535U, "8082FFFF"}, std::pair{65536U, "8083010000"}}) {
    CAPTURE(length);
    const Bytes value(length, 0x5A);
    const Bytes bytes = ber::encode(0x80, value);
    const std::size_t size = ber::header_size(0x80, length);
    CHECK(to_hex(BytesView(bytes).first(size)) == header);
    CHECK(bytes.size() == size + length);
    CHECK(equal(ber::only(bytes, 0x80).value().value, value));
  }
  CHECK(ber::header_size(0x80, 0xFFFFFF) == 5);
  CHECK(ber::header_size(0x7F21, 0x1000000) == 7);
}

TEST_CASE("BER-TLV: a length longer than it need be is read, as cards send it") {
  for (const char* hex : {"8001AA", "808101AA", "80820001AA", "8083000001AA", "808400000001AA"}) {
    CAPTURE(hex);
    const Bytes bytes = from_hex(hex).value();
    CHECK(equal(ber::only(bytes, 0x80).value().value, "AA"_h));
  }
}

TEST_CASE("BER-TLV: each truncation is reported with its place") {
  refused("", ErrorCode::kTruncated, 0);
  refused("80", ErrorCode::kTruncated, 1);
  refused("9F", ErrorCode::kTruncated, 1);
  refused("9F81", ErrorCode::kTruncated, 2);
  refused("9F7F", ErrorCode::kTruncated, 2);
  refused("8001", ErrorCode::kTruncated, 2);
  refused("8003AABB", ErrorCode::kTruncated, 2);
  refused("8081", ErrorCode::kTruncated, 2);
  refused("808201", ErrorCode::kTruncated, 2);
  refused("80820100AA", ErrorCode::kTruncated, 4);
  refused("8084FFFFFFFFAA", ErrorCode::kTruncated, 6);
}

TEST_CASE("BER-TLV: forms outside TS 101 220 clause 7.1 are malformed") {
  refused("6280AA0000", ErrorCode::kMalformed, 1);        // indefinite length
  refused("80850000000001AA", ErrorCode::kMalformed, 1);  // length of five digits
  refused("80FF", ErrorCode::kMalformed, 1);
  refused("9F81818101AA", ErrorCode::kMalformed, 0);  // tag of four bytes
}

TEST_CASE("BER-TLV: the walk over a sequence stops at the first fault and does not move past it") {
  const auto bytes = "80 01 AA 81 00 82 05 BB"_h;
  ber::Reader reader(bytes);
  CHECK(reader.next().value().tag == 0x80);
  CHECK(reader.next().value().offset == 3);
  CHECK(reader.offset() == 5);
  CHECK(equal(reader.rest(), "8205BB"_h));
  for (int i = 0; i < 2; ++i) {
    const auto fault = reader.next();
    CHECK(fault.error().code == ErrorCode::kTruncated);
    CHECK(fault.error().offset == 7);
    CHECK(reader.offset() == 5);
  }
  CHECK(ber::find(bytes, 0x81).value().empty());
  CHECK_FALSE(ber::find(bytes, 0x82).has_value());
  CHECK_FALSE(ber::find(bytes, 0x83).has_value());
}

TEST_CASE("BER-TLV: a data object by its path, as in an FCP template (TS 102 221 clause 11.1.1.3)") {
  const auto fcp = "62 0D 82 02 7821 A5 03 80 01 71 83 02 3F00"_h;
  CHECK(equal(ber::find_path(fcp, {0x62, 0xA5, 0x80}).value(), "71"_h));
  CHECK(equal(ber::find_path(fcp, {0x62, 0x83}).value(), "3F00"_h));
  CHECK_FALSE(ber::find_path(fcp, {0x62, 0xA5, 0x81}).has_value());
  CHECK_FALSE(ber::find_path(fcp, {0x6F, 0xA5}).has_value());
  CHECK(equal(ber::find_path(fcp, {}).value(), fcp));
}

TEST_CASE("BER-TLV: what is there already becomes a value, its length in one, two and three bytes (TS 101 220 clause 7.1.2)") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{127}, std::size_t{128}, std::size_t{256}}) {
    Bytes out = to_bytes("9000"_h);
    out.resize(2 + size, 0xAA);
    ber::enclose(out, 2, 0x62);
    CHECK(out == concat({"9000"_h, ber::encode(0x62, Bytes(size, 0xAA))}));
  }
}

TEST_CASE("BER-TLV: one data object that fills the input, and nothing else") {
  CHECK(ber::only("8001AA"_h, 0x80).has_value());
  CHECK(ber::only("8001AA"_h, 0x81).error().code == ErrorCode::kMalformed);
  const auto trailing = ber::only("8001AA00"_h, 0x80);
  CHECK(trailing.error().code == ErrorCode::kTrailing);
  CHECK(trailing.error().offset == 3);
  CHECK(ber::only("8002AA"_h, 0x80).error().code == ErrorCode::kTruncated);
  CHECK(ber::only({}, 0x80).error().code == ErrorCode::kTruncated);
}

TEST_CASE("data objects of other projects' tests are read and written alike, BER-TLV and COMPREHENSION-TLV") {
  for (const auto& v : test::load_vectors("tlv.txt")) {
    CAPTURE(v.place());
    const Bytes raw = v.bytes("raw");
    const Bytes value = v.bytes("value");
    const auto tag = v.bytes("tag").at(0);
    if (v.text("format") == "ber") {
      const auto tlv = ber::only(raw, tag).value();
      CHECK(equal(tlv.value, value));
      CHECK(ber::encode(tag, value) == raw);
    } else {
      REQUIRE(v.text("format") == "ctlv");
      ctlv::Reader reader(raw);
      const auto tlv = reader.next().value();
      CHECK(reader.empty());
      CHECK(tlv.tag == tag);
      CHECK(tlv.comprehension_required == (v.number("comprehension_required") == 1));
      CHECK(equal(tlv.value, value));
      Bytes out;
      ctlv::write(out, tag, value, tlv.comprehension_required);
      CHECK(out == raw);
    }
  }
}
