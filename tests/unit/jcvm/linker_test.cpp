// SPDX-License-Identifier: Apache-2.0
// Load files against the packages of a card (JCVM 3.1 chapters 4 and 6).
#include <doctest/doctest.h>

#include "tests/support/java_card.hpp"

using namespace uicclab;
using test::JavaAssembler;
using test::JavaCard;
namespace machine = jcvm::machine;

namespace {

/// Exports class 0 with a static field, a static method and a virtual one.
JavaAssembler library() {
  JavaAssembler cap;
  cap.package = "F0000000B0";
  cap.add_class({.name = "L", .cells = 1, .methods = {"L.number"}, .package_methods = {"L.hidden"}});
  cap.statics.image_size = 4;
  cap.statics.reference_count = 1;
  cap.statics.default_value_count = 2;
  cap.exports = {{"L", {"L.make", "L.set"}}};
  cap.exported_fields["L"] = {2, 0};
  cap.method("L.number", {.arguments = 1}, "aload_0; invokevirtual #L.p0; getfield_s_this #L.f0; sadd; sreturn");
  cap.method("L.hidden", {.arguments = 1}, "sconst_1; sreturn");
  cap.method("L.make", {}, "new #L; areturn");
  cap.method("L.set", {.arguments = 1}, "sload_0; putstatic_s #static2; return");
  return cap;
}

JavaAssembler client(const std::string& main) {
  JavaAssembler cap;
  cap.import_package("F0000000B0", 1, 0);
  cap.external("L", 2, 0);
  cap.add_class({.name = "C", .super = "L", .cells = 1, .methods = {"C.number"}, .package_methods = {"C.own"}});
  cap.method("main", {.locals = 2}, main);
  cap.method("C.number", {.arguments = 1}, "aload_0; invokespecial #C.u1; bspush 10; sadd; sreturn");
  cap.method("C.own", {.arguments = 1}, "bspush 99; sreturn");
  return cap;
}

}  // namespace

TEST_CASE("linker: classes, methods and static fields of another package; its package-visible methods stay its own (JCVM 4.3.7)") {
  JavaCard card;
  JavaAssembler lib = library();
  REQUIRE(card.vm.load(7, lib.build()));
  const auto run = [&](const std::string& main) {
    JavaAssembler cap = client(main);
    const auto file = cap.build();
    const auto done = card.vm.load(8, file);
    if (!done) return done.error().text;
    const std::string out = card.run(cap, "main", {}, 8, {8, 1});
    card.vm.stop(card.thread);
    card.vm.collect({});
    REQUIRE(card.vm.unload(8));
    return out;
  };
  CHECK(run("invokestatic #L.m0; invokevirtual #L.v1; sreturn") == "1");
  CHECK(run("new #C; dup; sconst_5; putfield_s #L.f0; invokevirtual #L.v1; sreturn") == "16");
  CHECK(run("new #C; invokevirtual #C.p0; sreturn") == "99");
  CHECK(run("sspush 300; invokestatic #L.m1; getstatic_s #L.x0; sreturn") == "300");
  CHECK(run("getstatic_a #L.x1; areturn") == "null");
  CHECK(run("new #C; checkcast 0 #L; areturn") == "object");
}

TEST_CASE("linker: what the other package does not have is refused by name (JCVM 6.8)") {
  JavaCard card;
  JavaAssembler lib = library();
  REQUIRE(card.vm.load(7, lib.build()));
  const auto refusal = [&](const std::string& main, const std::string& name = "L", unsigned token = 0) {
    JavaAssembler cap = client(main);
    cap.external(name, 2, token);
    const auto done = card.vm.load(8, cap.build());
    return done ? "" : done.error().text;
  };
  CHECK(refusal("invokestatic #L.m2; return").find("static method 2 of class 0 of F0000000B0 does not exist") != std::string::npos);
  CHECK(refusal("getstatic_s #L.x2; sreturn").find("static field 2 of class 0 of F0000000B0 does not exist") != std::string::npos);
  CHECK(refusal("getstatic_s #L.x1; sreturn").find("static field at 0 is no number") != std::string::npos);
  CHECK(refusal("getstatic_a #L.x0; areturn").find("static field at 2 is no reference") != std::string::npos);
  CHECK(refusal("aconst_null; invokevirtual #L.v2; return").find("has no virtual method 2") != std::string::npos);
  CHECK(refusal("aconst_null; invokevirtual #L.p0; return") != "");
  CHECK(refusal("aconst_null; getfield_s #L.f1; sreturn").find("has no field 1") != std::string::npos);
  CHECK(refusal("aconst_null; getfield_a #L.f0; areturn").find("the field is not of type a") != std::string::npos);
  CHECK(refusal("new #M; areturn", "M", 1).find("class 1 of F0000000B0 does not exist") != std::string::npos);
}

TEST_CASE("linker: an import that is not there is refused by name and version (JCVM 4.5.2)") {
  const auto refusal = [](const std::string& aid, std::uint8_t major, std::uint8_t minor, machine::Library::Accept accept) {
    JavaCard card(std::make_shared<const machine::Library>(machine::NativeTable(), accept));
    JavaAssembler cap;
    cap.imports.erase(cap.imports.begin());
    cap.external("Object", 0, 0);
    cap.import_package(aid, major, minor);
    cap.add_class({.name = "A"});
    cap.method("main", {}, "return");
    const auto done = card.vm.load(1, cap.build());
    return done ? "" : done.error().text;
  };
  using Accept = machine::Library::Accept;
  CHECK(refusal("A0000000620102", 1, 99, Accept::kEvery) == "the package imports javacard/security 1.99, the card has 1.8");
  CHECK(refusal("A0000000620102", 2, 0, Accept::kEvery) == "the package imports javacard/security 2.0, the card has 1.8");
  CHECK(refusal("F0123456789A", 1, 0, Accept::kEvery) == "the package imports F0123456789A 1.0, the card has no such package");
  CHECK(refusal("A0000000620202", 1, 0, Accept::kImplemented) ==
        "the package imports javacardx/biometry 1.0, the card has no such package");
}

TEST_CASE("linker: a load file is linked once for all cards; packages that are imported stay (GP 11.2)") {
  JavaAssembler lib = library();
  const auto lib_file = lib.build();
  JavaAssembler cap = client("return");
  const auto file = cap.build();
  JavaCard one;
  JavaCard other;
  for (JavaCard* card : {&one, &other}) {
    REQUIRE(card->vm.load(7, lib_file));
    REQUIRE(card->vm.load(9, file));
  }
  CHECK(one.vm.package(9) == other.vm.package(9));
  const auto kept = one.vm.unload(7);
  REQUIRE_FALSE(kept);
  CHECK(kept.error().text == "package F0000000A1 imports F0000000B0");
  CHECK_FALSE(one.vm.load(9, file));
  CHECK_FALSE(one.vm.load(10, file));
  REQUIRE(one.vm.unload(9));
  REQUIRE(one.vm.unload(7));
  CHECK(one.store.numbers().empty());
}

TEST_CASE("linker: nothing rests on a Descriptor, which hosts may leave out or get wrong (GP 11.6.2.3)") {
  JavaCard card;
  auto file = library().build();
  file.descriptor.emplace();  // describes no class and no method
  CHECK(card.vm.load(7, file));
}

TEST_CASE("linker: static fields and arrays have their first values, and persist (JCVM 6.11)") {
  JavaAssembler cap;
  cap.add_class({.name = "A"});
  cap.statics.reference_count = 2;
  cap.statics.array_init = {{3, {1, 2, 0xFF}}, {4, {0x01, 0x02, 0xFF, 0xFE}}};
  cap.statics.default_value_count = 1;
  cap.statics.non_default_values = {0x12, 0x34};
  cap.statics.image_size = 7;
  cap.method("byte", {}, "getstatic_a #static0; sconst_2; baload; sreturn");
  cap.method("short", {}, "getstatic_a #static2; sconst_1; saload; sreturn");
  cap.method("number", {}, "getstatic_s #static5; sreturn");
  cap.method("set", {}, "sspush 4660; putstatic_s #static5; getstatic_a #static0; sconst_2; sconst_5; bastore; return");
  const auto file = cap.build();
  JavaCard card;
  REQUIRE(card.vm.load(1, file));
  CHECK(card.run(cap, "byte") == "-1");
  CHECK(card.run(cap, "short") == "-2");
  CHECK(card.run(cap, "number") == std::to_string(0x1234));
  CHECK(card.run(cap, "set") == "void");
  // Another session on the same store
  machine::Machine again(card.library, card.store, card.host);
  REQUIRE(again.attach(1, file));
  machine::Thread thread(again);
  REQUIRE(again.call_static(thread, 1, cap.offset_of("byte"), {1, 1}, {}));
  std::uint64_t budget = 100;
  CHECK(again.run(thread, budget) == machine::RunState::kFinished);
  CHECK(thread.result() == machine::Value::of(5));
  machine::MemoryStore empty;
  machine::Machine without(card.library, empty, card.host);
  CHECK_FALSE(without.attach(1, file));
}

TEST_CASE("library: the classes that natives name have these tokens") {
  JavaCard card;
  CHECK(card.library->api_class(machine::kObject).name == "java/lang/Object");
  CHECK(card.library->api_class(machine::kISOException).name == "javacard/framework/ISOException");
  CHECK(card.library->api_class(machine::kUserException).name == "javacard/framework/UserException");
  CHECK(card.library->api_class(machine::kSystemException).name == "javacard/framework/SystemException");
  CHECK(card.library->api_class(machine::kTransactionException).name == "javacard/framework/TransactionException");
  CHECK(card.library->api_class(machine::kPINException).name == "javacard/framework/PINException");
  CHECK(card.library->api_class(machine::kAPDUException).name == "javacard/framework/APDUException");
  CHECK(card.library->api_class(machine::kAPDU).name == "javacard/framework/APDU");
  CHECK(card.library->api_class(machine::kOwnerPIN).name == "javacard/framework/OwnerPIN");
  CHECK(card.library->api_class(machine::kArrayStoreException).name == "java/lang/ArrayStoreException");
}

TEST_CASE("library: every package table has its number on the card") {
  JavaCard card;
  for (const std::string& name : jcvm::packages::names()) {
    CAPTURE(name);
    CHECK(card.library->api(jcvm::packages::package_named(name)->aid) != nullptr);
  }
}
