// SPDX-License-Identifier: Apache-2.0
#include "ota/sms_address.hpp"

#include <doctest/doctest.h>

using namespace uicclab;
using namespace uicclab::ota;

namespace {

Result<Address> read(BytesView bytes) {
  ByteReader reader(bytes);
  return read_address(reader);
}

std::string written(const Address& address) {
  ByteWriter writer;
  write_address(writer, address);
  return to_hex(writer.view());
}

}  // namespace

TEST_CASE("TP addresses: count of digits, type, digits with their halves swapped (TS 23.040 clause 9.1.2.5)") {
  struct Example {
    const char* number;
    const char* bytes;
  };
  for (const Example& e : {Example{"+491710000000", "0C91947101000000"}, Example{"+1234", "04912143"}, Example{"12345", "05812143F5"},
                           Example{"*#abc", "0581BADCFE"}, Example{"+12345678901234567890", "149121436587092143658709"}}) {
    CAPTURE(e.number);
    const auto address = Address::from_number(e.number);
    REQUIRE(address);
    CHECK(written(*address) == std::string(e.bytes));
    CHECK(address->text() == std::string(e.number));
    ByteWriter writer;
    write_address(writer, *address);
    CHECK(read(writer.view()) == *address);
  }
}

TEST_CASE("An address that is a name reads as its letters (TS 23.040 clause 9.1.2.5, type of number 5)") {
  // "Design@Home" in the GSM 7 bit alphabet, where @ is 00: 77 bits, 20 semi-octets.
  const auto address = read("14D0C4F23C7D7603 90EF7619"_h);
  REQUIRE(address);
  CHECK(address->is_name());
  CHECK(address->text() == "Design@Home");
}

TEST_CASE("Names are packed septets after their count of used semi-octets (TS 23.040 clause 9.1.2.5; TS 23.038 clause 6.1.2.1)") {
  struct Example {
    const char* name;
    const char* bytes;
  };
  for (const Example& e : {Example{"1234", "07D031D98C06"}, Example{"A", "02D041"}, Example{"Design@Home", "14D0C4F23C7D760390EF7619"},
                           Example{"12345678", "0ED031D98C56B3DD70"}, Example{"1234567", "0DD031D98C56B3DD00"}}) {
    CAPTURE(e.name);
    const auto address = Address::from_name(e.name);
    REQUIRE(address);
    CHECK(written(*address) == std::string(e.bytes));
    CHECK(address->is_name());
    CHECK(address->text() == std::string(e.name));
    ByteWriter writer;
    write_address(writer, *address);
    CHECK(read(writer.view()) == *address);
  }
  CHECK(Address::from_name("a€b")->text() == "a€b");
  CHECK(Address::from_name("").error().code == ErrorCode::kMalformed);
  CHECK(Address::from_name("twelve chars").error().code == ErrorCode::kRange);
  CHECK(Address::from_name("[six][six]").error().code == ErrorCode::kRange);    // 14 septets
  CHECK(Address::from_name("\xD0\x91").error().code == ErrorCode::kMalformed);  // Cyrillic
}

TEST_CASE("What a person writes is a number or a name (TS 23.040 clause 9.1.2.5)") {
  for (const char* number : {"+4917", "0170", "*100#", "12a"}) CHECK_FALSE(Address::from_text(number)->is_name());
  for (const char* name : {"Bank", "abc", "1 2", "24hours"}) CHECK(Address::from_text(name)->text() == std::string(name));
  CHECK(Address::from_text("abc")->is_name());
  CHECK_FALSE(Address::from_text("+Bank"));
  CHECK_FALSE(Address::from_text(""));
}

TEST_CASE("TP addresses that break the coding are refused where they break") {
  CHECK(read("0C"_h).error().code == ErrorCode::kTruncated);
  CHECK(read("0C91947110"_h).error().code == ErrorCode::kTruncated);
  CHECK(read("0591214 3"_h).error().code == ErrorCode::kTruncated);
  CHECK(read("1591214365870921436587092143"_h).error().code == ErrorCode::kRange);
  CHECK(read({}).error().code == ErrorCode::kTruncated);
}

TEST_CASE("Invalid numbers are refused") {
  CHECK(Address::from_number("").error().code == ErrorCode::kMalformed);
  CHECK(Address::from_number("+").error().code == ErrorCode::kMalformed);
  CHECK(Address::from_number("12 34").error().offset == 2);
  CHECK(Address::from_number("+12x4").error().offset == 3);
  CHECK(Address::from_number("123456789012345678901").error().code == ErrorCode::kRange);
}

TEST_CASE("An address whose count and value disagree is not written") {
  Address address = Address::from_number("1234").value();
  address.semi_octets = 5;
  CHECK_THROWS_AS(written(address), SystemError);
  address = Address::from_number("12345").value();
  address.value.push_back(0x21);
  CHECK_THROWS_AS(written(address), SystemError);
}

TEST_CASE("The value of an Address data object has no count (TS 102 223 clause 8.1)") {
  const auto even = parse_address_value("9194710700F0"_h);
  REQUIRE(even);
  CHECK(even->text() == "+491770000");
  CHECK(even->semi_octets == 9);
  CHECK(to_hex(build_address_value(*even)) == "9194710700F0");
  const auto only_type = parse_address_value("81"_h);
  REQUIRE(only_type);
  CHECK(only_type->text().empty());
  CHECK(parse_address_value({}).error().code == ErrorCode::kTruncated);
  CHECK(parse_address_value("912143658709214365870921"_h).error().code == ErrorCode::kRange);
}
