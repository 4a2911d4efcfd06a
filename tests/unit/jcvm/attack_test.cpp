// SPDX-License-Identifier: Apache-2.0
// Bent load files: what has been tried against Java cards is refused at LOAD, or throws when it is executed. Nothing else happens.
// Type confusion, forged references, tokens and offsets out of range, control flow out of the method, lying class tables, exhaustion and
// arguments of API methods are here; malformed components in cap_file_test and structure_test, archives in archive_test, the firewall in
// firewall_test, aborted transactions and power cuts in transaction_test. What the data-flow verifier says to them: data_flow_test.
#include <functional>

#include <doctest/doctest.h>

#include "applet/java/framework/framework.hpp"
#include "tests/support/java_card.hpp"

using namespace uicclab;
using test::JavaAssembler;
using test::JavaCard;
namespace machine = jcvm::machine;
namespace cap = jcvm::cap;

namespace {

/// Constants: 0 Object, then by the order in which main names them.
JavaAssembler world(const std::string& main, JavaAssembler::MethodSpec spec = {.arguments = 0, .locals = 2, .stack = 8}) {
  JavaAssembler out;
  out.add_class({.name = "I", .super = ""});
  out.add_class({.name = "A", .cells = 2, .first_reference = 0, .references = 1, .methods = {"A.number"}, .interfaces = {{"I", {1}}}});
  out.add_class({.name = "B", .super = "A", .cells = 1});
  out.statics.image_size = 4;
  out.statics.reference_count = 1;
  out.statics.default_value_count = 2;
  out.method("main", spec, main);
  out.method("A.number", {.arguments = 1}, "sconst_1; sreturn");
  out.method("helper", {.arguments = 2, .stack = 2}, "sload_0; sload_1; sadd; sreturn");
  return out;
}

/// What LOAD says to a file that was bent after it was made; "" if it takes it.
std::string refusal(const std::string& main, const std::function<void(cap::CapFile&)>& bend,
                    JavaAssembler::MethodSpec spec = {.locals = 2, .stack = 8}) {
  JavaAssembler made = world(main, spec);
  cap::CapFile file = made.build();
  bend(file);
  JavaCard card;
  const auto done = card.vm.load(1, file);
  if (!done) CHECK(card.store.numbers().empty());
  return done ? "" : done.error().text;
}

/// Where the first constant of a kind is.
cap::Constant& constant(cap::CapFile& file, cap::ConstantKind kind) {
  return *std::ranges::find(file.constants, kind, &cap::Constant::kind);
}

void nothing(cap::CapFile&) {}

/// A byte of main's code; its header has four.
std::uint8_t& code(cap::CapFile& file, std::size_t offset) {
  return file.methods.methods.at(4 + offset);
}

}  // namespace

TEST_CASE("attacks: tokens and offsets beyond what there is (fields, static fields, methods, classes)") {
  using cap::ConstantKind;
  CHECK(refusal("new #A; getfield_s #A.f1; sreturn", nothing) == "");
  CHECK(refusal("new #A; getfield_s #A.f1; sreturn",
                [](cap::CapFile& file) { constant(file, ConstantKind::kInstanceField).info[2] = 2; }) != "");
  CHECK(refusal("new #A; getfield_s #A.f1; sreturn",
                [](cap::CapFile& file) { constant(file, ConstantKind::kInstanceField).info[2] = 0; }) != "");
  CHECK(refusal("new #A; getfield_s #A.f1; sreturn",
                [](cap::CapFile& file) { constant(file, ConstantKind::kInstanceField).info[2] = 0xFF; }) != "");
  CHECK(refusal("getstatic_s #static2; sreturn", nothing) == "");
  for (const std::uint8_t offset : std::to_array<std::uint8_t>({0, 1, 3, 4, 200})) {
    CAPTURE(offset);
    CHECK(refusal("getstatic_s #static2; sreturn",
                  [&](cap::CapFile& file) { constant(file, ConstantKind::kStaticField).info[2] = offset; }) != "");
  }
  CHECK(refusal("getstatic_s #static2; sreturn", [](cap::CapFile& file) { constant(file, ConstantKind::kStaticField).info[1] = 0xFF; }) !=
        "");
  for (const std::uint8_t token : std::to_array<std::uint8_t>({2, 127, 128, 129, 255})) {
    CAPTURE(token);
    CHECK(refusal("new #A; invokevirtual #A.v1; sreturn",
                  [&](cap::CapFile& file) { constant(file, ConstantKind::kVirtualMethod).info[2] = token; }) != "");
  }
  // Into the middle of a method, behind the last one, into an abstract place
  for (const std::uint8_t by : std::to_array<std::uint8_t>({2, 4, 5, 200})) {
    CAPTURE(by);
    CHECK(refusal("sconst_1; sconst_2; invokestatic @helper; sreturn", [&](cap::CapFile& file) {
            constant(file, ConstantKind::kStaticMethod).info[2] =
                static_cast<std::uint8_t>(constant(file, ConstantKind::kStaticMethod).info[2] + by);
          }) != "");
  }
  // A byte further another method can be read, which nothing contradicts: its locals are empty.
  JavaAssembler made = world("sconst_1; sconst_2; invokestatic @helper; sreturn");
  cap::CapFile file = made.build();
  ++constant(file, ConstantKind::kStaticMethod).info[2];
  JavaCard card;
  REQUIRE(card.vm.load(1, file));
  CHECK(card.run(made, "main") == "SecurityException");
  for (const std::uint16_t ref : std::to_array<std::uint16_t>({0x0002, 0x1000, 0x7FFF, 0x81FF, 0x8500, 0xFFFF})) {
    CAPTURE(ref);
    CHECK(refusal("new #A; areturn", [&](cap::CapFile& file) {
            file.constants[1].info = {static_cast<std::uint8_t>(ref >> 8), static_cast<std::uint8_t>(ref), 0};
          }) != "");
  }
  // The kind of the constant
  for (const auto kind :
       {ConstantKind::kInstanceField, ConstantKind::kVirtualMethod, ConstantKind::kStaticMethod, ConstantKind::kSuperMethod}) {
    CHECK(refusal("new #A; areturn", [&](cap::CapFile& file) { file.constants[1].kind = kind; }) != "");
  }
}

TEST_CASE("attacks: control flow out of the method, into operands, after its end; local variables that it does not have") {
  CHECK(refusal("sconst_0; ifeq here; nop; here: return", nothing) == "");
  for (const int distance : {-128, -1, 1, 3, 5, 100, 127}) {
    CAPTURE(distance);
    const auto bend = [&](cap::CapFile& file) { code(file, 2) = static_cast<std::uint8_t>(distance); };
    const bool inside = distance == -1 || distance == 3;  // sconst_0; return
    CHECK((refusal("sconst_0; ifeq here; nop; here: return", bend) == "") == inside);
  }
  CHECK(refusal("nop; return", [](cap::CapFile& file) { code(file, 1) = 0; }) != "");
  CHECK(refusal("nop; return", [](cap::CapFile& file) { code(file, 0) = 0xB9; }) != "");
  CHECK(refusal("nop; return", [](cap::CapFile& file) { code(file, 0) = 0xFF; }) != "");
  CHECK(refusal("sload 1; sreturn", nothing) == "");
  for (const std::uint8_t local : std::to_array<std::uint8_t>({2, 127, 255})) {
    CHECK(refusal("sload 1; sreturn", [&](cap::CapFile& file) { code(file, 1) = local; }) != "");
    CHECK(refusal("sconst_0; sstore 1; return", [&](cap::CapFile& file) { code(file, 2) = local; }) != "");
    CHECK(refusal("jsr sub; sub: astore 1; ret 1", [&](cap::CapFile& file) { code(file, 6) = local; }) != "");
  }
  CHECK(refusal("iload 0; ireturn", [](cap::CapFile& file) { code(file, 1) = 1; }) != "");
  CHECK(refusal("sconst_1; dup_x 1 1; pop; sreturn", [](cap::CapFile& file) { code(file, 2) = 0xF0; }) != "");
  CHECK(refusal("sconst_1; dup_x 1 1; pop; sreturn", [](cap::CapFile& file) { code(file, 2) = 0x01; }) != "");
  // Handlers
  const std::string caught = "from: nop; to: return; caught: pop; return; .catch from to caught any";
  CHECK(refusal(caught, nothing) == "");
  CHECK(refusal(caught, [](cap::CapFile& file) { file.methods.handlers[0].handler = 0; }) != "");
  CHECK(refusal(caught, [](cap::CapFile& file) { file.methods.handlers[0].handler = 0x7FFF; }) != "");
  CHECK(refusal(caught, [](cap::CapFile& file) { file.methods.handlers[0].length = 0x7FFF; }) != "");
  CHECK(refusal(caught, [](cap::CapFile& file) { file.methods.handlers[0].catch_type = 0x7FFF; }) != "");
  CHECK(refusal(caught, [](cap::CapFile& file) {
          file.methods.handlers[0].catch_type = static_cast<std::uint16_t>(file.constants.size() - 1);
        }) != "");
}

TEST_CASE("attacks: class tables that lie (circles, interfaces as superclasses, tables, sizes)") {
  const std::string main = "new #B; areturn";
  const auto bent = [&](const std::function<void(cap::CapFile&)>& bend) { return refusal(main, bend); };
  CHECK(bent(nothing) == "");
  CHECK(bent([](cap::CapFile& file) { file.classes.classes[1].super = {file.classes.classes[2].offset}; }) != "");
  CHECK(bent([](cap::CapFile& file) { file.classes.classes[2].super = {file.classes.classes[2].offset}; }) != "");
  CHECK(bent([](cap::CapFile& file) { file.classes.classes[2].super = {file.classes.classes[0].offset}; }) != "");
  CHECK(bent([](cap::CapFile& file) { file.classes.classes[2].super = {0x8002}; }) != "");  // Shareable
  CHECK(bent([](cap::CapFile& file) { file.classes.classes[2].super = {0x80FE}; }) != "");
  CHECK(bent([](cap::CapFile& file) { file.classes.classes[2].super = {0x0003}; }) != "");
  CHECK(bent([](cap::CapFile& file) { file.classes.classes[2].super = {0xFFFF}; }) != "");
  CHECK(bent([](cap::CapFile& file) { file.classes.classes[2].public_table_base = 200; }) != "");
  CHECK(bent([](cap::CapFile& file) { file.classes.classes[1].public_methods[0] = 1; }) != "");
  CHECK(bent([](cap::CapFile& file) { file.classes.classes[1].public_methods[0] = 0xFFFF; }) != "");
  CHECK(bent([](cap::CapFile& file) {
          file.classes.classes[1].first_reference_token = 1;
          file.classes.classes[1].reference_count = 2;
        }) != "");
  CHECK(bent([](cap::CapFile& file) { file.classes.classes[1].interfaces[0].index = {200}; }) != "");
  CHECK(bent([](cap::CapFile& file) { file.classes.classes[1].interfaces[0].interface = {file.classes.classes[2].offset}; }) != "");
  // More fields than there are: a class of 255 cells under one of 255 is large, but one
  CHECK(bent([](cap::CapFile& file) {
          file.classes.classes[1].declared_instance_size = file.classes.classes[2].declared_instance_size = 255;
        }) == "");
}

TEST_CASE("attacks: a class without a superclass, which every object would be one of, with fields that others do not have") {
  const auto make = [] {
    JavaAssembler made;
    made.add_class({.name = "Root", .cells = 200, .base = 0});
    made.add_class({.name = "Small"});
    made.method("main", {.stack = 4}, "new #Small; getfield_s #Root.f150; sreturn");
    return made;
  };
  JavaAssembler made = make();
  cap::CapFile file = made.build();
  JavaCard card;
  REQUIRE(card.vm.load(1, file));
  CHECK(card.run(made, "main") == "SecurityException");
  file.classes.classes[0].super = {0xFFFF};
  JavaCard other;
  const auto done = other.vm.load(1, file);
  REQUIRE_FALSE(done);
  CHECK(done.error().text.find("must have a superclass") != std::string::npos);
}

TEST_CASE("attacks: a tower of classes that each keep what they inherit") {
  const auto load = [](std::size_t height) {
    JavaAssembler made;
    for (std::size_t i = 0; i < height; ++i)
      made.add_class({.name = "C" + std::to_string(i), .super = i == 0 ? "Object" : "C" + std::to_string(i - 1)});
    made.method("main", {.stack = 2}, "sconst_1; sreturn");
    JavaCard card;
    const auto done = card.vm.load(1, made.build());
    return done ? card.run(made, "main") : done.error().text;
  };
  CHECK(load(254) == "1");
  CHECK(load(255).find("more than 255 superclasses or interfaces") != std::string::npos);
}

TEST_CASE("attacks: an AID whose constructor was not called has no bytes to compare") {
  machine::NativeTable natives;
  applet::java::add_applet_and_aid(natives);
  JavaAssembler made;
  made.add_class({.name = "A"});
  made.external("AID", 0, 6);
  made.method("main", {.stack = 4}, "new #AID; new #AID; invokevirtual #AID.v1; sreturn");
  JavaCard card(std::make_shared<const machine::Library>(natives, machine::Library::Accept::kEvery));
  REQUIRE(card.vm.load(1, made.build()));
  CHECK(card.run(made, "main") == "0");
}

TEST_CASE("attacks: references made of numbers, halves of ints, return addresses; objects of another class under a method") {
  const auto run = [](const std::string& main) {
    JavaAssembler made = world(main);
    JavaCard card;
    const auto done = card.vm.load(1, made.build());
    return done ? card.run(made, "main") : done.error().text;
  };
  for (const char* code : {
           "sconst_1; getfield_a #A.f0; areturn",
           "iipush 65537; pop; getfield_a #A.f0; areturn",
           "sspush 1; sstore_0; aload_0; areturn",
           "new #A; sconst_1; sadd; sreturn",
           "new #A; s2b; sreturn",
           "jsr sub; sub: astore_0; sload_0; sreturn",
           "jsr sub; sub: getfield_s #A.f1; sreturn",
           "sconst_1; anewarray #A; dup; sconst_0; sspush 77; sastore; sconst_0; aaload; areturn",
           "sconst_4; newarray 11; sconst_0; iaload; ireturn",
           "sconst_4; newarray 11; getfield_a #A.f0; areturn",
           "new #A; sconst_0; saload; sreturn",
           "new #A; checkcast 11; areturn",
           "new #A; sconst_5; putfield_s #B.f0; return",
           "new #A; sconst_1; invokestatic @helper; sreturn",
           "sconst_1; new #A; invokestatic @A.number; sadd; invokespecial @A.number; sreturn",
           "iconst_1; iconst_2; pop; iadd; ireturn",
           "sconst_1; sconst_2; i2s; sreturn",
       }) {
    CAPTURE(code);
    const std::string outcome = run(code);
    CHECK((outcome == "SecurityException" || outcome == "ClassCastException"));
  }
}

TEST_CASE("attacks: memory and stack used up; afterwards the card works") {
  JavaAssembler made = world("return");
  made.method("start", {.locals = 1}, "aconst_null; invokestatic @eat1; return");
  made.method("eat1", {.arguments = 1, .stack = 6},
              "here: sspush 100; anewarray #Object; dup; sconst_0; aload_0; aastore; astore_0; goto here");
  made.method("again", {.stack = 2},
              "from: invokestatic @again; return; to: return; caught: pop; invokestatic @again; return; .catch from to caught any");
  machine::MachineSettings settings;
  settings.memory.persistent = 20000;
  settings.frames = 12;
  JavaCard card(test::shared_library(), settings);
  const auto file = made.build();
  REQUIRE(card.vm.load(1, file));
  CHECK(card.run(made, "start") == "SystemException 5");
  CHECK(card.run(made, "start") == "SystemException 5");
  card.vm.stop(card.thread);
  CHECK(card.vm.collect({}) > 50);
  CHECK(card.store.numbers().size() == 1);
  // Handlers that recurse in their turn double the work with each frame: the budget ends it.
  const std::string ended = card.run(made, "again");
  CHECK((ended == "SystemException 5" || ended == "out of budget"));
  CHECK(card.run(made, "main") == "void");
}

TEST_CASE("attacks: arrays, offsets and lengths that do not fit, in API methods: none is read or written beyond its end") {
  machine::NativeTable natives;
  applet::java::add_util(natives);
  const auto library = std::make_shared<const machine::Library>(natives, machine::Library::Accept::kEvery);
  JavaAssembler made;
  made.add_class({.name = "A"});
  made.external("Util", 0, 16);
  // arrayCompare, arrayCopy, arrayCopyNonAtomic: (array, offset, array, offset, length)
  for (const char* token : {"m0", "m1", "m2"}) {
    made.method(std::string("copy_") + token, {.arguments = 5, .stack = 5},
                std::string("aload_0; sload_1; aload_2; sload_3; sload 4; invokestatic #Util.") + token + "; sreturn");
  }
  JavaCard card(library);
  REQUIRE(card.vm.load(1, made.build()));
  using machine::Cell;
  constexpr machine::Context kSelf{1, 1};
  constexpr machine::Context kOther{2, 1};
  const auto array = [&](jcvm::code::ArrayType type, machine::Context owner) {
    return card.vm.make_array(type, 5, owner, machine::Lifetime::kPersistent);
  };
  const machine::Ref own = array(jcvm::code::kTypeByte, kSelf);
  const machine::Ref second = array(jcvm::code::kTypeByte, kSelf);
  const machine::Ref shorts = array(jcvm::code::kTypeShort, kSelf);
  const machine::Ref foreign = array(jcvm::code::kTypeByte, kOther);
  card.vm.heap().write_now(*card.vm.heap().find(own), 0, Bytes{1, 2, 3, 4, 5});
  constexpr auto kNumbers = std::to_array<std::int16_t>({-32768, -1, 0, 1, 4, 5, 6, 32767});
  std::size_t done = 0;
  for (const char* token : {"m0", "m1", "m2"}) {
    for (const machine::Ref source : {own, shorts, foreign, machine::kNull, machine::Ref{4711}}) {
      for (const machine::Ref target : {own, second, shorts, foreign, machine::kNull, machine::Ref{4711}}) {
        for (const std::int16_t from : kNumbers) {
          for (const std::int16_t to : kNumbers) {
            for (const std::int16_t length : kNumbers) {
              const std::string outcome =
                  card.run(made, std::string("copy_") + token,
                           {Cell::reference(source), Cell::of(from), Cell::reference(target), Cell::of(to), Cell::of(length)});
              const bool fits = source == own && (target == own || target == second) && from >= 0 && to >= 0 && length >= 0 &&
                                from + length <= 5 && to + length <= 5;
              const bool threw =
                  outcome == "ArrayIndexOutOfBoundsException" || outcome == "NullPointerException" || outcome == "SecurityException";
              if (fits == threw)
                FAIL(token << " " << source << " " << from << " " << target << " " << to << " " << length << ": " << outcome);
              ++done;
            }
          }
        }
      }
    }
  }
  CHECK(done == 3U * 5 * 6 * 8 * 8 * 8);
  // Integrity protection gives no other applet access to an array (JCRE clause 6.2.8.2).
  card.vm.heap().grant(foreign, machine::kIntegritySensitive);
  for (const char* token : {"m0", "m1", "m2"}) {
    for (const auto& [source, target] : {std::pair{foreign, own}, std::pair{own, foreign}}) {
      CHECK(card.run(made, std::string("copy_") + token,
                     {Cell::reference(source), Cell::of(0), Cell::reference(target), Cell::of(0), Cell::of(5)}) == "SecurityException");
    }
  }
  CHECK(card.vm.heap().find(foreign)->body == Bytes(5));
  CHECK(card.vm.heap().find(shorts)->body == Bytes(10));
}
