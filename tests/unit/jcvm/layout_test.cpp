// SPDX-License-Identifier: Apache-2.0
// Every component of a CAP file, read and written back (JCVM 3.1 chapter 6).
#include <doctest/doctest.h>

#include "jcvm/cap/cap_file.hpp"
#include "tests/support/cap_maker.hpp"

using namespace uicclab;
using namespace uicclab::jcvm::cap;
using test::CapMaker;

namespace {

Result<CapFile> parse(std::map<int, Bytes> parts, int minor) {
  parts[2] = CapMaker::directory(parts, minor);
  return CapFile::parse(CapMaker::join(parts));
}

std::string refusal(const std::map<int, Bytes>& parts, int minor) {
  const auto cap = parse(parts, minor);
  return cap ? "" : cap.error().text;
}

}  // namespace

TEST_CASE("CAP formats 2.1, 2.2, 2.3: what was read is written back byte for byte (JCVM chapter 6)") {
  for (const Bytes& file : {CapMaker().build(), CapMaker().build_full(2), CapMaker().build_full(3)}) {
    const auto cap = CapFile::parse(file);
    REQUIRE_MESSAGE(cap, cap.error().text);
    CHECK(cap->encode() == file);
    CHECK(cap->order.front() == 1);
    CHECK(cap->encode(Component::kHeader)[0] == 1);
  }
  const auto cap = CapFile::parse(CapMaker().build_full(2));
  REQUIRE(cap);
  CHECK(cap->encode(Component::kStaticResource).empty());
  const auto loaded = CapFile::parse(cap->encode(kLoadOrder));
  REQUIRE(loaded);
  CHECK_FALSE(loaded->has(Component::kDescriptor));
  CHECK_FALSE(loaded->has(Component::kDebug));
}

TEST_CASE("Class component: interfaces, classes, tables, signature pool; token mapping from 2.3 on (JCVM 6.9)") {
  for (const int minor : {2, 3}) {
    CAPTURE(minor);
    const auto cap = CapFile::parse(CapMaker().build_full(minor));
    REQUIRE_MESSAGE(cap, cap.error().text);
    CHECK(to_hex(cap->classes.signature_pool) == "0110");
    REQUIRE(cap->classes.classes.size() == 3);
    const ClassInfo* interface = cap->classes.at(4);
    REQUIRE(interface != nullptr);
    CHECK(interface->is_interface());
    CHECK(interface->is_shareable());
    REQUIRE(interface->superinterfaces.size() == 1);
    CHECK(interface->superinterfaces[0].external());
    CHECK(interface->superinterfaces[0].class_token() == 3);
    const ClassInfo* one = cap->classes.at(7);
    REQUIRE(one != nullptr);
    CHECK(one->super.external());
    CHECK(one->declared_instance_size == 2);
    CHECK(one->public_table_base == 1);
    CHECK(one->public_methods == std::vector<std::uint16_t>{0x11, 0x15});
    CHECK(one->package_methods == std::vector<std::uint16_t>{0xFFFF});
    REQUIRE(one->interfaces.size() == 1);
    CHECK(one->interfaces[0].interface.offset() == 4);
    CHECK(to_hex(one->interfaces[0].index) == "02");
    CHECK(to_hex(one->token_mapping) == (minor == 3 ? "000102" : ""));
    CHECK(one->cap22_inheritable == (minor == 3 ? 2 : 0));
    CHECK(cap->classes.at(8) == nullptr);
    CHECK(cap->classes.classes[2].super.offset() == 7);
  }
}

TEST_CASE("Class component: remote interfaces and classes of 2.2 (JCVM 6.9.2)") {
  auto parts = CapMaker().full_contents(2);
  parts[6] = *from_hex(
      "0000"
      "A0"
      "02"
      "6162"  // a remote interface "ab"
      "20"
      "8001"
      "00"
      "FF"
      "00"
      "00"
      "00"
      "00"
      "00"
      "01"
      "1234"
      "0000"
      "02"
      "01"
      "58"
      "01"
      "43"
      "01"
      "0002");
  parts[10] = *from_hex(
      "02"
      "0002"
      "00"
      "00"
      "0006"
      "01"
      "02"
      "0000"
      "0011"
      "0015");
  const auto cap = parse(parts, 2);
  REQUIRE_MESSAGE(cap, cap.error().text);
  REQUIRE(cap->classes.classes.size() == 2);
  CHECK(cap->classes.classes[0].interface_name == "ab");
  REQUIRE(cap->classes.classes[1].remote);
  CHECK(cap->classes.classes[1].remote->methods[0].hash == 0x1234);
  CHECK(cap->classes.classes[1].remote->class_name == "C");
  CHECK(cap->encode(Component::kClass).size() == parts[6].size() + 3);
}

TEST_CASE("Descriptor, Export and Debug components (JCVM 6.13 to 6.15)") {
  const auto cap = CapFile::parse(CapMaker().build_full(2));
  REQUIRE_MESSAGE(cap, cap.error().text);
  REQUIRE(cap->exports.size() == 2);
  CHECK(cap->exports[1].static_methods == std::vector<std::uint16_t>{0x11, 0x15});
  REQUIRE(cap->descriptor);
  REQUIRE(cap->descriptor->classes.size() == 2);
  CHECK(cap->descriptor->classes[1].methods[0].code_size == 3);
  CHECK(cap->descriptor->constant_types == std::vector<std::uint16_t>{6, 0xFFFF});
  const auto type = cap->descriptor->type_at(6);
  REQUIRE(type);
  CHECK(to_hex(*type) == "01");
  CHECK_FALSE(cap->descriptor->type_at(5));
  CHECK_FALSE(cap->descriptor->type_at(8));
  REQUIRE(cap->debug);
  CHECK(cap->debug->text(3) == "A.java");
  CHECK(cap->debug->text(4).empty());
  REQUIRE(cap->debug->classes.size() == 1);
  const Debug::Method& method = cap->debug->classes[0].methods.at(0);
  CHECK(method.variables.at(0).length == 3);
  CHECK(method.lines.at(1).line == 8);
}

TEST_CASE("static resources of 2.3: a size of four bytes (JCVM 6.16)") {
  const auto cap = CapFile::parse(CapMaker().build_full(3));
  REQUIRE_MESSAGE(cap, cap.error().text);
  REQUIRE(cap->static_resources.size() == 2);
  CHECK(cap->static_resources[1].id == 2);
  CHECK(to_hex(cap->static_resources[0].value) == "AABBCC");
  auto parts = CapMaker().full_contents(3);
  parts[13][7] = 4;
  CHECK(refusal(parts, 3).find("Static Resource component") != std::string::npos);
}

TEST_CASE("a format has only its own components: Debug from 2.2 on, static resources from 2.3 on (JCVM table 6-1)") {
  auto parts = CapMaker().contents();
  parts[12] = CapMaker().full_contents(2)[12];
  CHECK(refusal(parts, 1) == "Debug component: CAP format 2.1 has none");
  parts = CapMaker().full_contents(2);
  parts[13] = CapMaker().full_contents(3)[13];
  CHECK(refusal(parts, 2) == "Static Resource component: CAP format 2.2 has none");
}

TEST_CASE("the extended format is refused by name (JCVM 6.4)") {
  auto parts = CapMaker().full_contents(3);
  parts[1][6] |= 0x08;
  CHECK(refusal(parts, 3).find("extended CAP format") != std::string::npos);
}

TEST_CASE("each component, one byte short or one long, is refused with its name and place (JCVM chapter 6)") {
  for (const int minor : {2, 3}) {
    for (const auto& [tag, content] : CapMaker().full_contents(minor)) {
      if (tag == 7) continue;  // where methods end only their code says
      CAPTURE(tag);
      const std::string name = std::string(name_of(static_cast<Component>(tag))) + " component";
      auto parts = CapMaker().full_contents(minor);
      parts[tag].pop_back();
      CHECK(refusal(parts, minor).starts_with(name));
      parts = CapMaker().full_contents(minor);
      parts[tag].push_back(1);
      CHECK(refusal(parts, minor).starts_with(name));
    }
  }
}

TEST_CASE("an error says what must be, what was found, and where (JCVM 6.6)") {
  auto parts = CapMaker().contents();
  parts[3][1] = 4;
  const auto cap = parse(parts, 1);
  REQUIRE_FALSE(cap);
  CHECK(cap.error().text == "Applet component: an AID of 4 bytes, must be 5 to 16");
  parts[2] = CapMaker::directory(parts);
  const Bytes file = CapMaker::join(parts);
  CHECK(file.at(cap.error().offset) == 4);
}

TEST_CASE("methods: short and extended headers, abstract ones, offsets outside (JCVM 6.10)") {
  MethodComponent methods;
  methods.handlers.resize(1);
  methods.methods = *from_hex(
      "0310"
      "7A"
      "80021000"
      "7A"
      "4010"
      "20F1"
      "80010AFF"
      "81010000"
      "80");
  CHECK(methods.base() == 9);
  const auto first = methods.header_at(9);
  REQUIRE(first);
  CHECK(first->max_stack == 3);
  CHECK(first->nargs == 1);
  CHECK(first->code == 11);
  const auto second = methods.header_at(12);
  REQUIRE(second);
  CHECK(second->max_stack == 2);
  CHECK(second->nargs == 16);
  CHECK(second->code == 16);
  CHECK(methods.header_at(17)->is_abstract());
  CHECK(methods.header_at(19).error().code == ErrorCode::kMalformed);  // flag 2
  CHECK(methods.header_at(21).error().code == ErrorCode::kRange);      // 10 + 255 locals
  CHECK(methods.header_at(25).error().code == ErrorCode::kMalformed);  // padding
  CHECK(methods.header_at(29).error().code == ErrorCode::kTruncated);
  CHECK(methods.header_at(8).error().code == ErrorCode::kRange);
  CHECK(methods.header_at(30).error().code == ErrorCode::kRange);
}

TEST_CASE("reference locations: distances add up, FF goes on to the next (JCVM 6.12)") {
  CHECK(ReferenceLocation::offsets("05 FF 02 00"_h) == std::vector<std::uint32_t>{5, 262, 262});
  CHECK(ReferenceLocation::offsets({}).empty());
}
