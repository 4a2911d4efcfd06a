// SPDX-License-Identifier: Apache-2.0
// Export files (JCVM 3.1 chapter 5): written and read again a package is as it was; whatever is cut or bent is refused.
#include "jcvm/packages/export_file.hpp"

#include <doctest/doctest.h>

#include "core/hex.hpp"

using namespace uicclab;
using namespace uicclab::jcvm::packages;

namespace {

const std::function<const Class*(std::string_view)> kApi = [](std::string_view name) { return class_named(name); };

Package library() {
  const auto made = Package::parse(
      "package com/example/lib 1.2 F000000001\n\n"
      "interface 0 Payer shareable\n  virtual 0 pay (S)S abstract\n\n"
      "class 1 Account abstract extends java/lang/Object implements Payer\n  const LIMIT S -5\n  static-field 0 total S\n"
      "  field 0 owner [B protected\n  init 0 ()V protected\n  static 1 open (B)Lcom/example/lib/Account;\n"
      "  virtual 0 equals (Ljava/lang/Object;)Z\n  virtual 1 pay (S)S final\n");
  REQUIRE_MESSAGE(made, made.error().text);
  return *made;
}

void same(const Package& one, const Package& other) {
  CHECK(one.name == other.name);
  CHECK(one.version == other.version);
  CHECK(one.aid == other.aid);
  REQUIRE(one.classes.size() == other.classes.size());
  for (std::size_t i = 0; i < one.classes.size(); ++i) {
    const Class& a = one.classes[i];
    const Class& b = other.classes[i];
    CAPTURE(a.name);
    CHECK(a.token == b.token);
    CHECK(a.name == b.name);
    CHECK(a.is_interface == b.is_interface);
    CHECK(a.is_abstract == b.is_abstract);
    CHECK(a.is_final == b.is_final);
    CHECK(a.is_shareable == b.is_shareable);
    CHECK(a.super == b.super);
    CHECK(a.interfaces == b.interfaces);
    CHECK(a.members.size() == b.members.size());
    for (const Member& member : a.members) {
      const auto found = std::ranges::find_if(b.members, [&](const Member& candidate) {
        return candidate.kind == member.kind && candidate.name == member.name && candidate.descriptor == member.descriptor;
      });
      CAPTURE(member.name);
      REQUIRE(found != b.members.end());
      CHECK(found->token == member.token);
      CHECK(found->value == member.value);
      CHECK(found->is_protected == member.is_protected);
      CHECK(found->is_abstract == (member.is_abstract || (a.is_interface && member.kind == MemberKind::kVirtual)));
    }
  }
}

}  // namespace

TEST_CASE("export files: what is written is read again (JCVM 5.6 to 5.10)") {
  const Package made = library();
  const Bytes file = write_export_file(made, kApi);
  CHECK(is_export_file(file));
  CHECK_FALSE(is_export_file(as_bytes("package com/example 1.0 F000000001\n")));
  const auto again = read_export_file(file);
  REQUIRE_MESSAGE(again, again.error().text);
  same(made, *again);
}

TEST_CASE("export files: every API package (JCVM chapter 5)") {
  for (const std::string& name : names()) {
    CAPTURE(name);
    const Package& table = *package_named(name);
    const auto again = read_export_file(write_export_file(table, kApi));
    REQUIRE_MESSAGE(again, again.error().text);
    same(table, *again);
  }
}

TEST_CASE("export files: cut ones, other formats, constants of another kind are refused") {
  const Bytes file = write_export_file(library(), kApi);
  for (std::size_t size = 0; size < file.size(); ++size) CHECK_FALSE(read_export_file(BytesView(file).first(size)));
  const auto bent = [&](std::size_t at, std::uint8_t value) {
    Bytes other = file;
    other[at] = value;
    return read_export_file(other);
  };
  CHECK(bent(0, 1).error().code == ErrorCode::kMalformed);
  CHECK(bent(4, 4).error().code == ErrorCode::kUnsupported);
  CHECK(bent(5, 3).error().code == ErrorCode::kUnsupported);
  CHECK_FALSE(bent(8, 99));
  Bytes foreign = file;  // a class of another package
  const std::string name = "com/example/lib/Payer";
  const auto at = std::ranges::search(foreign, as_bytes(name)).begin();
  REQUIRE(at != foreign.end());
  *at = 'd';
  CHECK(read_export_file(foreign).error().text == "export file: class dom/example/lib/Payer must be of package com/example/lib");
  Bytes longer = file;
  longer.push_back(0);
  CHECK(read_export_file(longer).error().text == "export file: 1 bytes after the last class");
  for (std::size_t place = 0; place < file.size(); ++place) {
    for (const std::uint8_t value : {std::uint8_t{0}, std::uint8_t{0x7F}, std::uint8_t{0xFF}}) (void)bent(place, value);
  }
}

TEST_CASE("export files: one long constant that is the name of many members is refused") {
  Package many = library();
  Member& first = many.classes.back().members.back();
  first.name.assign(60'000, 'x');
  const Member copy = first;
  for (std::size_t i = 0; i < 300; ++i) many.classes.back().members.push_back(copy);
  const auto read = read_export_file(write_export_file(many, kApi));
  REQUIRE_FALSE(read);
  CHECK(read.error().text == "export file: its names and descriptors have more than 16 MiB");
}
