// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/bootstrap_file.hpp"

#include <doctest/doctest.h>

#include "core/reader.hpp"
#include "tests/support/vector_file.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;

namespace {

Bytes file_of(std::uint16_t count, BytesView content) {
  return ByteWriter().u16(count).u16(static_cast<std::uint16_t>(content.size())).bytes(content).take();
}

}  // namespace

TEST_CASE("The bootstrap files of others are read and written back, byte for byte (LwM2M G.3.3)") {
  for (const auto& set : test::load_vectors("lwm2m_bootstrap.txt")) {
    CAPTURE(set.place());
    const Bytes bytes = set.bytes("file");
    const auto file = parse_bootstrap_file(bytes);
    REQUIRE(file);
    CHECK(file->objects.size() == set.number("objects"));
    const BootstrapObject* object = file->find(kSecurityObject);
    REQUIRE(object != nullptr);
    CHECK_FALSE(object->version);
    CHECK(equal(*object->instances.at(0).value(security::kUri), as_bytes(set.text("uri"))));
    CHECK(decode_integer(*object->instances.at(0).value(security::kMode)) == static_cast<std::int64_t>(set.number("mode")));
    for (const BootstrapObject& one : file->objects) {
      for (const ObjectInstance& instance : one.instances) {
        for (const Resource& resource : instance.resources) {
          const ResourceModel* model = find_resource(one.id, {1, 0}, resource.id);
          REQUIRE(model != nullptr);
          CHECK(check_value(*model, resource.instances.at(0).value));
        }
      }
    }
    CHECK(equal(*encode_bootstrap_file(*file), bytes));

    Bytes padded = bytes;
    padded.resize(bytes.size() + 300, 0xFF);
    CHECK(parse_bootstrap_file(padded) == *file);
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) CHECK_FALSE(parse_bootstrap_file(BytesView(bytes).first(cut)));
  }
}

TEST_CASE("A version is the byte 00, or major and minor (LwM2M G.3.3)") {
  const auto bytes = "0002 000C 0000 0101 0000 0001 0205 0000"_h;
  const auto file = parse_bootstrap_file(bytes);
  REQUIRE(file);
  CHECK(file->objects[0].version == ObjectVersion{1, 1});
  CHECK(file->objects[1].version == ObjectVersion{2, 5});
  CHECK(equal(*encode_bootstrap_file(*file), bytes));
  BootstrapFile bad = *file;
  bad.objects[0].version = ObjectVersion{0, 1};
  CHECK(encode_bootstrap_file(bad).error().code == ErrorCode::kRange);
}

TEST_CASE("A malformed file is refused (LwM2M G.3.3)") {
  struct Row {
    Bytes bytes;
    ErrorCode code;
  };
  const Row rows[] = {
      {{}, ErrorCode::kTruncated},
      {to_bytes("0000"_h), ErrorCode::kTruncated},
      {Bytes(64, 0xFF), ErrorCode::kNotFound},
      {to_bytes("C80016626F6F742E696F742E742D6D6F62696C652E636F6DC10101"_h),
       ErrorCode::kTruncated},                                   // TLVs without the header, as once read
      {file_of(1, "0000 00 0001 C1"_h), ErrorCode::kTruncated},  // not an instance but half a resource
      {file_of(1, "0000 00 0003 C10001"_h), ErrorCode::kMalformed},
      {file_of(1, "0000 00 0004 0000"_h), ErrorCode::kTruncated},
      {file_of(1, "0000 00 00"_h), ErrorCode::kTruncated},
      {file_of(1, "0000 01"_h), ErrorCode::kTruncated},
      {file_of(1, "0000"_h), ErrorCode::kTruncated},
      {file_of(2, "0000 00 0000"_h), ErrorCode::kMalformed},  // one announced too many
      {file_of(0, "0000 00 0000"_h), ErrorCode::kMalformed},
      {file_of(2, "0000 00 0000 0000 00 0000"_h), ErrorCode::kMalformed},  // twice the same
      {to_bytes("0001 0005 0000 00 0000 FFFE"_h), ErrorCode::kTrailing},
      {to_bytes("0001 0005 0000 00 0000 00"_h), ErrorCode::kTrailing},
      {ByteWriter().u16(1).u16(0x7FFD).fill(0x7FFD, 0).take(), ErrorCode::kRange},
  };
  for (const Row& row : rows) {
    CAPTURE(to_hex(BytesView(row.bytes).first(std::min<std::size_t>(row.bytes.size(), 40))));
    const auto file = parse_bootstrap_file(row.bytes);
    REQUIRE_FALSE(file);
    CHECK(file.error().code == row.code);
  }
  CHECK(parse_bootstrap_file(to_bytes("00000000"_h))->objects.empty());
  CHECK(parse_bootstrap_file("0001 0008 0000 00 0003 C10001"_h).error().offset == 9);
}

TEST_CASE("A file of more than 32 KB is not written (LwM2M G.3.3)") {
  BootstrapFile file;
  file.objects.push_back({0, std::nullopt, {{0, {}}}});
  ObjectInstance& instance = file.objects[0].instances[0];
  instance.set(3, Bytes(kMaxBootstrapFile - 4 - 5 - 4 - 4));
  const auto largest = encode_bootstrap_file(file);
  REQUIRE(largest);
  CHECK(largest->size() == kMaxBootstrapFile);
  CHECK(parse_bootstrap_file(*largest) == file);
  instance.set(3, Bytes(kMaxBootstrapFile - 4 - 5 - 4 - 4 + 1));
  CHECK(encode_bootstrap_file(file).error().code == ErrorCode::kRange);
  instance.set(3, Bytes(100000));
  CHECK(encode_bootstrap_file(file).error().code == ErrorCode::kRange);
}
