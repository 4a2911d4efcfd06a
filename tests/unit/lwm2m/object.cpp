// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/object.hpp"

#include <doctest/doctest.h>

using namespace uicclab;
using namespace uicclab::lwm2m;

TEST_CASE("Device object of the core specification's example, as Leshan's tests have it (LwM2M 6.4.3.1)") {
  // eclipse-leshan TlvDecoderTest: resources 0, 1, 2, 3, multiple 6, 7, 8, single 9, 10, multiple 11, single 13, 14, 16.
  const auto bytes =
      "C800144F70656E204D6F62696C6520416C6C69616E6365"
      "C801164C69676874776569676874204D324D20436C69656E74"
      "C80209333435303030313233"
      "C303312E30"
      "8606410001410105"
      "88070842000ED842011388"
      "870841007D42010384"
      "C10964"
      "C10A0F"
      "830B410000"
      "C40D5182428F"
      "C60E2B30323A3030"
      "C11055"_h;
  // The example is the resources of one instance without the instance itself.
  Bytes wrapped;
  write_tlv(wrapped, TlvType::kObjectInstance, 0, bytes);
  const auto instances = parse_instances(wrapped);
  REQUIRE(instances);
  REQUIRE(instances->size() == 1);
  const ObjectInstance& device = (*instances)[0];
  CHECK(bytes.size() == 121);
  CHECK(device.resources.size() == 13);
  CHECK(equal(*device.value(0), as_bytes("Open Mobile Alliance")));
  REQUIRE(device.find(6) != nullptr);
  CHECK(device.find(6)->multiple);
  CHECK(device.find(6)->instances.size() == 2);
  CHECK(decode_integer(device.find(6)->instances[1].value) == 5);
  CHECK(decode_integer(device.find(7)->instances[1].value) == 5000);
  CHECK(decode_integer(*device.value(13)) == 1367491215);
  CHECK_FALSE(device.value(6));  // multiple: there is no one value
  CHECK(equal(encode_instances(*instances), wrapped));
}

TEST_CASE("Access control objects, example B of the core specification (LwM2M 6.4.3.2)") {
  const auto bytes = "08000EC10001C101008302417F07C1037F080212C10003C101008702417F0761013601C1037F"_h;
  const auto instances = parse_instances(bytes);
  REQUIRE(instances);
  REQUIRE(instances->size() == 2);
  CHECK((*instances)[1].id == 2);
  const Resource* acl = (*instances)[1].find(2);
  REQUIRE(acl != nullptr);
  REQUIRE(acl->instances.size() == 2);
  CHECK(acl->instances[0].id == 127);
  CHECK(acl->instances[1].id == 310);  // needs an identifier of 16 bits
  CHECK(equal(encode_instances(*instances), bytes));
}

TEST_CASE("A tree is built in the order of identifiers and read back") {
  ObjectInstance instance{3, {}};
  instance.set(7, std::string_view("U"));
  instance.set(1, 300);
  instance.set_boolean(6, false);
  instance.add(2, 5, encode_integer(1));
  instance.add(2, 5, encode_integer(2));
  instance.set(1, 400);
  CHECK(equal(encode_instances({instance}), "08030F C2010190 8302410502 C10600 C10755"_h));
  const auto back = parse_instances(encode_instances({instance}));
  REQUIRE(back);
  CHECK(back->front() == instance);
  CHECK(decode_integer(*instance.value(1)) == 400);
  CHECK(instance.find(2)->instances.size() == 1);
  CHECK(instance.remove(2));
  CHECK_FALSE(instance.remove(2));
}

TEST_CASE("A tree with anything in the wrong place is refused (LwM2M 6.4.3)") {
  struct Row {
    Bytes bytes;
    ErrorCode code;
    std::size_t offset;
  };
  const Row rows[] = {
      {to_bytes("0011223344556677889900"_h), ErrorCode::kTruncated, 5},     // from Leshan's tests
      {to_bytes("C10001"_h), ErrorCode::kMalformed, 0},                     // a resource outside an instance
      {to_bytes("410001"_h), ErrorCode::kMalformed, 0},                     // a resource instance there
      {to_bytes("830041 0001"_h), ErrorCode::kMalformed, 0},                // a multiple resource there
      {to_bytes("0300 410001"_h), ErrorCode::kMalformed, 2},                // a resource instance in an instance
      {to_bytes("0200 0001"_h), ErrorCode::kMalformed, 2},                  // an instance in an instance
      {to_bytes("0500 8300 C10001"_h), ErrorCode::kMalformed, 4},           // a resource in a multiple resource
      {to_bytes("0600 C10001 C10002"_h), ErrorCode::kMalformed, 5},         // twice the resource
      {to_bytes("080008 8600 410001 410002"_h), ErrorCode::kMalformed, 8},  // twice the resource instance
      {to_bytes("0000 0000"_h), ErrorCode::kMalformed, 2},                  // twice the instance
      {to_bytes("0300 C20001"_h), ErrorCode::kTruncated, 2},                // a resource longer than its instance
      {to_bytes("0400 8200 4100"_h), ErrorCode::kTruncated, 4},
      {to_bytes("0300 C100"_h), ErrorCode::kTruncated, 0},
  };
  for (const Row& row : rows) {
    CAPTURE(to_hex(row.bytes));
    const auto instances = parse_instances(row.bytes);
    REQUIRE_FALSE(instances);
    CHECK(instances.error().code == row.code);
    CHECK(instances.error().offset == row.offset);
  }
  CHECK(parse_instances({})->empty());
  CHECK(parse_instances("0000"_h)->front().resources.empty());
  CHECK(parse_instances("0200 8000"_h)->front().resources.front().instances.empty());
}
