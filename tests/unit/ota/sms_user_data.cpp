// SPDX-License-Identifier: Apache-2.0
#include "ota/sms_user_data.hpp"

#include <doctest/doctest.h>

#include "tests/support/vector_file.hpp"

using namespace uicclab;
using namespace uicclab::ota;

namespace {

UserData command(std::size_t size) {
  UserData data;
  data.header.push_back({iei::kCommandPacket, {}});
  for (std::size_t i = 0; i < size; ++i) data.payload.push_back(static_cast<std::uint8_t>(i * 7));
  return data;
}

Concatenation place_in(std::string_view header) {
  const auto data = parse_user_data(from_hex(header).value(), true);
  REQUIRE(data);
  const auto place = concatenation_of(*data);
  REQUIRE(place);
  return *place;
}

bool stands_alone(std::string_view header) {
  const auto data = parse_user_data(from_hex(header).value(), true);
  REQUIRE(data);
  return !concatenation_of(*data);
}

}  // namespace

TEST_CASE("A user data header keeps every element, in order, and writes back the same (TS 23.040 clause 9.2.3.24)") {
  const Bytes bytes = to_bytes("0E 000305 0201 7000 EE03ABCDEF 0100 AABB"_h);
  REQUIRE(bytes[0] == 14);
  const auto data = parse_user_data(bytes, true);
  REQUIRE(data);
  REQUIRE(data->header.size() == 4);
  CHECK(data->header[2] == InformationElement{0xEE, to_bytes("ABCDEF"_h)});
  CHECK(data->header[3] == InformationElement{0x01, {}});
  CHECK(to_hex(data->payload) == "AABB");
  CHECK(data->encode() == bytes);
  CHECK(data->header_size() == 15);
}

TEST_CASE("User data without a header is payload; an empty header counts as none") {
  const auto plain = parse_user_data("020304"_h, false);
  REQUIRE(plain);
  CHECK(plain->header.empty());
  CHECK(to_hex(plain->payload) == "020304");
  CHECK(plain->encode() == to_bytes("020304"_h));
  const auto empty = parse_user_data("00AA"_h, true);
  REQUIRE(empty);
  CHECK(to_hex(empty->payload) == "AA");
}

TEST_CASE("A header that does not end inside the user data is refused (TS 23.040 clause 9.2.3.24)") {
  CHECK(parse_user_data({}, true).error().code == ErrorCode::kTruncated);
  CHECK(parse_user_data("0270"_h, true).error().code == ErrorCode::kTruncated);
  CHECK(parse_user_data("0170"_h, true).error().code == ErrorCode::kTruncated);
  const auto inner = parse_user_data("05 7000 000305 AABB"_h, true);
  CHECK(inner.error().code == ErrorCode::kTruncated);
  CHECK(inner.error().offset == 3);
}

TEST_CASE("Headers that their length octets cannot say are not written") {
  UserData data;
  data.header.push_back({0x22, Bytes(254)});
  CHECK(data.encode().error().code == ErrorCode::kRange);
  data.header[0].value.resize(253);
  CHECK(data.encode());
}

TEST_CASE("Of two elements of a kind the last counts (TS 23.040 clause 9.2.3.24)") {
  CHECK(place_in("0A 0003050301 0003060202").reference == 6);
  CHECK(place_in("0B 0003050301 080401020302") == Concatenation{true, 0x0102, 3, 2});
  const auto data = parse_user_data("06 7001AA 7001BB"_h, true);
  REQUIRE(data);
  CHECK(to_hex(data->find(0x70)->value) == "BB");
  CHECK(data->find(0x71) == nullptr);
}

TEST_CASE("Concatenation elements that cannot be are ignored (TS 23.040 clause 9.2.3.24.1)") {
  CHECK(place_in("050003FF0302") == Concatenation{false, 0xFF, 3, 2});
  CHECK(stands_alone("05 0003050001"));    // no part
  CHECK(stands_alone("05 0003050200"));    // part 0
  CHECK(stands_alone("05 0003050203"));    // part 3 of 2
  CHECK(stands_alone("04 00020502"));      // another length
  CHECK(stands_alone("06 000405020101"));  // another length
  CHECK(stands_alone("05 0803050201"));
  CHECK(stands_alone("02 7000"));
}

TEST_CASE("Splitting: 140 octets are one part, one more takes two parts with the security header in the first (TS 31.115 clause 4.3)") {
  const auto alone = split(command(137), 0xA5);
  REQUIRE(alone);
  REQUIRE(alone->size() == 1);
  CHECK(alone->front() == command(137));
  const auto two = split(command(138), 0xA5);
  REQUIRE(two);
  REQUIRE(two->size() == 2);
  CHECK(to_hex(BytesView(two->at(0).encode().value()).first(8)) == "070003A502017000");
  CHECK(to_hex(BytesView(two->at(1).encode().value()).first(6)) == "050003A50202");
  CHECK(two->at(0).payload.size() == 132);
  CHECK(two->at(1).payload.size() == 6);
  const auto wide = split(command(138), 0xA5B6, true);
  REQUIRE(wide);
  CHECK(to_hex(BytesView(wide->at(0).encode().value()).first(9)) == "080804A5B602017000");
}

TEST_CASE("Splitting repeats port addresses and replaces an old place (TS 23.040 clause 9.2.3.24.4)") {
  UserData data = command(300);
  data.header.insert(data.header.begin(), {iei::kConcatenated8, to_bytes("010302"_h)});
  data.header.push_back({iei::kPorts16, to_bytes("0B840B84"_h)});
  const auto parts = split(data, 7);
  REQUIRE(parts);
  REQUIRE(parts->size() == 3);
  Bytes payload;
  for (std::size_t i = 0; i < parts->size(); ++i) {
    const UserData& part = parts->at(i);
    CHECK(concatenation_of(part) == Concatenation{false, 7, 3, static_cast<std::uint8_t>(i + 1)});
    CHECK(part.find(iei::kPorts16) != nullptr);
    CHECK((part.find(iei::kCommandPacket) != nullptr) == (i == 0));
    CHECK(part.encode().value().size() <= kMaxUserData);
    append(payload, part.payload);
  }
  CHECK(payload == data.payload);
}

TEST_CASE("Splitting refuses what 255 parts cannot carry") {
  // 132 octets in the first part, 134 in the 254 others
  const std::size_t most = 132 + 254 * 134;
  CHECK(split(command(most), 1).value().size() == 255);
  CHECK(split(command(most + 1), 1).error().code == ErrorCode::kRange);
  CHECK(split(command(200), 0x100).error().code == ErrorCode::kRange);
  UserData full = command(10);
  full.header.push_back({0x22, Bytes(140)});
  CHECK(split(full, 1).error().code == ErrorCode::kRange);
}

TEST_CASE("A worked command packet of two parts is split as another builder splits it") {
  std::size_t seen = 0;
  for (const test::VectorSet& set : test::load_vectors("ota_worked.txt")) {
    if (!set.has("part1_user_data")) continue;
    CAPTURE(set.text("id"));
    ++seen;
    const auto parts = split(parse_user_data(set.bytes("user_data"), true).value(), 0xA5);
    REQUIRE(parts);
    REQUIRE(parts->size() == 2);
    CHECK(parts->at(0).encode() == set.bytes("part1_user_data"));
    CHECK(parts->at(1).encode() == set.bytes("part2_user_data"));
  }
  CHECK(seen == 1);
}
