// SPDX-License-Identifier: Apache-2.0
// The tables of the API packages: all of them are read, names and tokens find each other (JCVM 3.1 clauses 4.3.7, 4.5).
#include <set>

#include <doctest/doctest.h>

#include "core/hex.hpp"
#include "jcvm/packages/package.hpp"

using namespace uicclab;
using namespace uicclab::jcvm::packages;

TEST_CASE("every table is read; AIDs, class names and tokens are unique; superclasses and interfaces exist (JCVM 4.3.7)") {
  CHECK(names().size() >= 44);
  std::set<Aid> aids;
  for (const std::string& name : names()) {
    CAPTURE(name);
    const Package* package = package_named(name);
    REQUIRE(package != nullptr);
    CHECK(package_with(package->aid) == package);
    CHECK(aids.insert(package->aid).second);
    for (const Class& one : package->classes) {
      CAPTURE(one.name);
      CHECK(package->class_with(one.token) == &one);
      CHECK(class_named(one.name) == &one);
      CHECK(one.since <= package->version);
      if (!one.is_interface && one.name != "java/lang/Object") {
        REQUIRE(class_named(one.super) != nullptr);
        CHECK_FALSE(class_named(one.super)->is_interface);
      }
      for (const std::string& interface : one.interfaces) {
        REQUIRE(class_named(interface) != nullptr);
        CHECK(class_named(interface)->is_interface);
      }
    }
  }
}

TEST_CASE("tokens of one kind are unique in their class and count from 0 without a gap (JCVM 4.3.7.3 to 4.3.7.7)") {
  for (const std::string& name : names()) {
    for (const Class& one : package_named(name)->classes) {
      CAPTURE(one.name);
      std::set<unsigned> statics, virtuals, static_fields;
      for (const Member& member : one.members) {
        CAPTURE(member.name);
        CHECK(member.since >= one.since);
        if (member.kind == MemberKind::kStatic || member.kind == MemberKind::kInit) CHECK(statics.insert(member.token).second);
        if (member.kind == MemberKind::kVirtual) CHECK(virtuals.insert(member.token).second);
        if (member.kind == MemberKind::kStaticField) CHECK(static_fields.insert(member.token).second);
        if (!member.descriptor.starts_with("(")) continue;
        CHECK(one.method(member.name, member.descriptor) != nullptr);
      }
      CHECK((statics.empty() || *statics.rbegin() + 1 == statics.size()));
      CHECK((virtuals.empty() || *virtuals.rbegin() + 1 == virtuals.size()));
      CHECK((static_fields.empty() || *static_fields.rbegin() + 1 == static_fields.size()));
    }
  }
}

TEST_CASE("a class has the inheritable virtual methods of its superclass under the same tokens (JCVM 4.3.7.6)") {
  for (const std::string& name : names()) {
    for (const Class& one : package_named(name)->classes) {
      CAPTURE(one.name);
      const Class* super = one.super.empty() ? nullptr : class_named(one.super);
      if (super == nullptr) continue;
      for (const Member& member : super->members) {
        if (member.kind != MemberKind::kVirtual || (super->inheritable && member.token >= *super->inheritable)) continue;
        const Member* same = one.virtual_method(member.token);
        REQUIRE(same != nullptr);
        CHECK(same->name == member.name);
        CHECK(same->descriptor == member.descriptor);
      }
    }
  }
}

TEST_CASE("what everybody knows: javacard.framework by name and by token, with the version that added it") {
  const Package* framework = package_with(*Aid::from("A0000000620101"_h));
  REQUIRE(framework != nullptr);
  CHECK(framework->name == "javacard/framework");
  CHECK(framework == package_named("javacard.framework"));
  CHECK(framework->version == Version{1, 9});
  CHECK(framework->implemented == Version{1, 6});
  const Class* applet = framework->class_named("Applet");
  REQUIRE(applet != nullptr);
  CHECK(applet->token == 3);
  CHECK(applet->virtual_method(7)->name == "process");
  CHECK(applet->static_method(0)->name == "<init>");
  CHECK(applet->method("register", "([BSB)V")->token == 2);
  CHECK(applet->static_method(2)->since == Version{1, 5});
  CHECK(framework->class_named("javacard/framework/OwnerPINx")->since == Version{1, 6});
  CHECK(framework->class_named("ISO7816")->field("SW_UNKNOWN")->value == 0x6F00);
  CHECK(framework->class_with(2)->is_shareable);
  CHECK(framework->class_with(24) == nullptr);
  CHECK(class_named("javacard/security/MessageDigest")->inheritable == 6);
  CHECK(applet->virtual_method(8) == nullptr);
  CHECK(package_named("no.such.package") == nullptr);
  CHECK(class_named("javacard/framework/Nothing") == nullptr);
}

TEST_CASE("an import is satisfied by the same major and at least this minor version (JCVM 4.5.2)") {
  CHECK(satisfies({1, 6}, {1, 6}));
  CHECK(satisfies({1, 6}, {1, 0}));
  CHECK_FALSE(satisfies({1, 6}, {1, 7}));
  CHECK_FALSE(satisfies({2, 6}, {1, 0}));
  CHECK_FALSE(satisfies({1, 0}, {2, 0}));
}

TEST_CASE("a table that is wrong is refused with its line") {
  const auto refusal = [](std::string_view text) {
    const auto read = Package::parse(text);
    return read ? "" : read.error().text;
  };
  const std::string head = "# comment\npackage a/b 1.2 A000000062\n";
  CHECK(
      refusal(head + "implemented 1.1\nclass 0 A extends java/lang/Object\n  virtual 0 equals (Ljava/lang/Object;)Z since 1.1\n").empty());
  CHECK(Package::parse(head + "class 0 A extends B\n")->classes[0].super == "a/b/B");
  CHECK(Package::parse(head + "implemented 1.1\n")->implemented == Version{1, 1});
  CHECK(refusal("").starts_with("line 1:"));
  CHECK(refusal("class 0 A\n").starts_with("line 1:"));
  CHECK(refusal("package a/b 1.2 A0\n").starts_with("line 1:"));
  CHECK(refusal(head + head).starts_with("line 4:"));
  for (const char* line : {"class", "class 300 A", "class 0", "class 0 A fast", "class 0 A inheritable x", "interface 0 A since 2.0",
                           "interface 0 A since 1.3", "virtual 0 f ()V", "thing 0 A", "implemented x", "class 1 A\n  virtual x f ()V",
                           "class 1 A\n  virtual 0 f V", "class 1 A\n  const X S", "class 1 A\n  field 0 x ()V",
                           "class 1 A\n  static 0 f ()V quickly", "class 1 A\nclass 1 B", "class 1 A\nclass 0 B"}) {
    CAPTURE(line);
    CHECK(refusal(head + line + "\n").starts_with("line "));
  }
}
