// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/object_model.hpp"

#include <doctest/doctest.h>

using namespace uicclab;
using namespace uicclab::lwm2m;

TEST_CASE("Each table has the rows of the registry, each at its own number (LwM2M E.1 to E.3)") {
  struct Row {
    std::uint16_t object;
    std::uint8_t minor;
    std::size_t count;
  };
  for (const Row& row :
       {Row{0, 0, 13}, Row{0, 1, 18}, Row{0, 2, 31}, Row{1, 0, 10}, Row{1, 1, 24}, Row{1, 2, 28}, Row{2, 0, 4}, Row{2, 2, 4}}) {
    std::size_t known = 0;
    for (std::uint16_t id = 0; id < 100; ++id) known += find_resource(row.object, {1, row.minor}, id) != nullptr ? 1 : 0;
    CHECK(known == row.count);
  }
  for (const std::uint16_t object : {kSecurityObject, kServerObject, kAccessControlObject}) {
    const auto rows = resources_of(object);
    for (std::size_t i = 0; i < rows.size(); ++i) CHECK(rows[i].id == i);
  }
  CHECK(object_name(2) == "Access Control");
  CHECK(resources_of(3).empty());
  CHECK(object_name(3).empty());
  CHECK(find_resource(3, {1, 2}, 0) == nullptr);
  CHECK(find_resource(0, {2, 0}, 0) == nullptr);
}

TEST_CASE("Only the two secret resources are secret (LwM2M E.1)") {
  for (const std::uint16_t object : {kSecurityObject, kServerObject, kAccessControlObject}) {
    for (const ResourceModel& model : resources_of(object)) {
      CHECK(model.secret == (object == 0 && (model.id == security::kSecretKey || model.id == security::kSmsKeys)));
    }
  }
}

TEST_CASE("Values outside their type or range are reported (LwM2M E.1, E.2)") {
  struct Row {
    std::uint16_t object, resource;
    Bytes value;
    bool good;
  };
  const Row rows[] = {
      {0, 0, to_bytes(as_bytes("coap://a")), true},
      {0, 0, Bytes(256, 'a'), false},
      {0, 0, to_bytes("FF"_h), false},
      {0, 1, {1}, true},
      {0, 1, {2}, false},
      {0, 1, {}, false},
      {0, 2, {4}, true},
      {0, 2, {5}, false},
      {0, 2, {0xFF}, false},
      {0, 2, {0, 0, 3}, false},
      {0, 3, Bytes(3000), true},
      {0, 6, {0, 204}, true},
      {0, 6, {1, 0}, false},
      {0, 7, Bytes(6), true},
      {0, 7, Bytes(7), true},
      {0, 7, Bytes(5), false},
      {0, 7, Bytes(8), false},
      {0, 8, Bytes(15), false},
      {0, 8, Bytes(49), false},
      {0, 10, {0}, false},
      {0, 10, {1}, true},
      {0, 10, {0, 0, 255, 255}, false},
      {0, 16, {0xC0, 0xA8}, true},
      {0, 16, {0, 1, 0, 0}, false},
      {0, 17, {0, 21, 0}, false},
      {1, 4, {}, false},
      {1, 12, {1, 2, 3}, false},
      {1, 11, Bytes(8, 0xFF), false},
      {2, 0, {0}, false},
      {2, 2, {31}, true},
      {2, 2, {32}, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.object);
    CAPTURE(row.resource);
    CAPTURE(to_hex(row.value));
    const ResourceModel* model = find_resource(row.object, {1, kNewestMinor}, row.resource);
    REQUIRE(model != nullptr);
    CHECK(check_value(*model, row.value).has_value() == row.good);
  }
}
