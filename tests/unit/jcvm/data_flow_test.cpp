// SPDX-License-Identifier: Apache-2.0
// Data-flow verification (JCVM 3.1 clause 7.5 and 6.14): what is correct passes, each way of being wrong is refused, with its place.
#include "jcvm/verifier/data_flow.hpp"

#include <doctest/doctest.h>

#include "tests/support/java_card.hpp"
#include "tests/support/java_descriptor.hpp"

using namespace uicclab;
using test::JavaAssembler;
using test::JavaDescriptor;
namespace cap = jcvm::cap;
namespace verifier = jcvm::verifier;

namespace {

constexpr unsigned kStatic = cap::kDescriptorPublic | cap::kDescriptorStatic;
constexpr unsigned kInit = cap::kDescriptorPublic | cap::kDescriptorInit;

/// I has a method; A implements it, with fields 0 (an A), 1 (short), 2 (int); B extends A; C is a class of its own. Static fields: a byte[]
/// at 0, a short at 2.
struct World {
  JavaAssembler code;
  cap::CapFile file;

  explicit World(const std::string& main, const std::string& type = "(S)V", JavaAssembler::MethodSpec spec = {.locals = 3, .stack = 6},
                 const std::function<void(JavaAssembler&, JavaDescriptor&)>& more = {}, unsigned flags = kStatic) {
    code.add_class({.name = "I", .super = ""});
    code.add_class(
        {.name = "A", .cells = 4, .first_reference = 0, .references = 1, .base = 1, .methods = {"A.number"}, .interfaces = {{"I", {1}}}});
    code.add_class({.name = "B", .super = "A", .cells = 1});
    code.add_class({.name = "C", .cells = 1});
    code.external("ArithmeticException", 1, 9);
    code.statics.image_size = 4;
    code.statics.reference_count = 1;
    code.statics.default_value_count = 2;
    JavaDescriptor types(code);
    spec.arguments = static_cast<std::uint8_t>(cells(type) + ((flags & cap::kDescriptorStatic) != 0 ? 0 : 1));
    code.method("A.main", spec, main);
    code.method("A.number", {.arguments = 1}, "sconst_1; sreturn");
    code.method("A.<init>", {.arguments = 1}, "aload_0; invokespecial #Object.m0; return");
    code.method("B.<init>", {.arguments = 1}, "aload_0; invokespecial @A.<init>; return");
    code.method("C.<init>", {.arguments = 1}, "aload_0; invokespecial #Object.m0; return");
    code.method("helper", {.arguments = 3, .stack = 2}, "sload_0; sload_2; sadd; sreturn");
    code.method("C.secret", {.arguments = 0}, "return");
    types.interface_method("I", 0, "()S");
    types.method("A.main", type, flags);
    types.method("A.number", "()S", cap::kDescriptorPublic, 1);
    types.method("A.<init>", "()V", kInit);
    types.method("B.<init>", "()V", kInit);
    types.method("C.<init>", "()V", kInit);
    types.method("helper", "(SLA;S)S");
    types.method("C.secret", "()V", cap::kDescriptorPrivate | cap::kDescriptorStatic);
    types.field("A", 0, "LA;");
    types.field("A", 1, "S");
    types.field("A", 2, "I");
    types.field("C", 0, "S", cap::kDescriptorPrivate);
    types.static_field(0, "[B");
    types.static_field(2, "S", cap::kDescriptorPublic | cap::kDescriptorFinal);
    if (more) more(code, types);
    file = code.build();
    file.descriptor = types.build(file);
  }

  static unsigned cells(const std::string& type) {
    unsigned out = 0;
    for (std::size_t i = 1; type[i] != ')'; ++i, ++out) {
      if (type[i] == 'I') ++out;
      if (type[i] == '[') ++i;
      if (type[i] == 'L') i = type.find(';', i);
    }
    return out;
  }

  std::string verdict() const {
    const auto imports = verifier::known_imports(file);
    const auto structure = verifier::check_structure(file, imports);
    if (!structure.sound()) return "structure: " + structure.errors[0].text;
    const auto flow =
        verifier::check_data_flow(file, imports, structure, [](std::uint32_t offset) { return "method " + std::to_string(offset); });
    return flow.correct() ? "" : flow.errors[0].text;
  }
};

std::string verdict(const std::string& main, const std::string& type = "(S)V", JavaAssembler::MethodSpec spec = {.locals = 3, .stack = 6}) {
  return World(main, type, spec).verdict();
}

bool has(const std::string& text, std::string_view words) {
  CAPTURE(text);
  const bool found = text.find(words) != std::string::npos;
  CHECK(found);
  return found;
}

}  // namespace

TEST_CASE("data flow: correct code passes (JCVM 7.5)") {
  CHECK(verdict("return") == "");
  CHECK(verdict("sload_0; sconst_1; sadd; sreturn", "(S)S") == "");
  CHECK(verdict("iload_0; iconst_1; iadd; ireturn", "(I)I") == "");
  CHECK(verdict("new #A; dup; invokespecial @A.<init>; areturn", "()LA;") == "");
  CHECK(verdict("new #B; dup; invokespecial @B.<init>; areturn", "()LA;") == "");
  CHECK(verdict("new #A; dup; invokespecial @A.<init>; areturn", "()LI;") == "");
  CHECK(verdict("new #A; dup; invokespecial @A.<init>; invokevirtual #A.v1; sreturn", "()S") == "");
  CHECK(verdict("aload_0; invokeinterface 1 #I 0; sreturn", "(LI;)S") == "");
  CHECK(verdict("aload_0; getfield_a #A.f0; getfield_i #A.f2; ireturn", "(LA;)I") == "");
  CHECK(verdict("aload_0; sconst_1; putfield_s #A.f1; return", "(LA;)V") == "");
  CHECK(verdict("getstatic_a #static0; sconst_0; baload; sreturn", "()S") == "");
  CHECK(verdict("sload_0; aconst_null; sconst_1; invokestatic @helper; sreturn", "(S)S") == "");
  CHECK(verdict("aload_0; checkcast 0 #B; areturn", "(LA;)LB;") == "");
  CHECK(verdict("aload_0; checkcast 11; sconst_0; sconst_1; bastore; return", "(Ljava/lang/Object;)V") == "");
  CHECK(verdict("sconst_2; anewarray #A; dup; sconst_0; aconst_null; aastore; areturn", "()[LA;") == "");
  CHECK(verdict("iconst_1; iconst_2; swap_x 2 2; isub; ireturn", "()I") == "");
  CHECK(verdict("sconst_0; iconst_1; dup_x 2 3; pop2; pop; pop2; return", "()V") == "");
}

TEST_CASE("data flow: ways that meet (JCVM 7.5; JVMS 4.10.2.2)") {
  // B and A meet as A, A and C as Object, a short and a reference as nothing.
  const std::string choice = "sload_0; ifeq other; aload_1; goto both; other: aload_2; both: ";
  CHECK(verdict(choice + "areturn", "(SLB;LA;)LA;") == "");
  CHECK(has(verdict(choice + "areturn", "(SLA;LC;)LA;"), "must have the class at"));
  CHECK(verdict(choice + "areturn", "(SLA;LC;)Ljava/lang/Object;") == "");
  CHECK(has(verdict("sload_0; ifeq other; sconst_1; sstore_1; goto both; other: aconst_null; astore_1; both: sload_1; sreturn", "(S)S"),
            "local variable 1 must be a short, is"));
  CHECK(has(verdict("sload_0; ifeq other; sconst_1; other: return"), "paths meet"));
  // A loop whose stack grows
  CHECK(has(verdict("again: sconst_1; goto again"), "paths meet"));
}

TEST_CASE("data flow: the stack (JCVM 7.5)") {
  CHECK(has(verdict("pop; return"), "the stack is empty"));
  CHECK(has(verdict("sconst_1; sadd; sreturn", "()S"), "the stack is empty"));
  CHECK(has(verdict("sconst_1; sconst_1; sconst_1; pop; pop; pop; return", "()V", {.stack = 2}), "one cell more than the 2"));
  CHECK(has(verdict("sconst_1; dup_x 1 1; pop; pop; return", "()V", {.stack = 1}), "stack has 1"));
  CHECK(has(verdict("aconst_null; sconst_1; sadd; sreturn", "()S"), "must have a short, has null"));
  CHECK(has(verdict("iconst_1; pop; return", "()V"), "one cell of an int"));
  CHECK(has(verdict("sconst_1; iconst_1; swap_x 1 1; return", "()V"), "apart"));
  CHECK(has(verdict("iconst_1; sconst_1; dup2; return", "()V"), "apart"));
  CHECK(has(verdict("sconst_1; sconst_2; iadd; ireturn", "()I"), "must have an int"));
}

TEST_CASE("data flow: local variables (JCVM 7.5)") {
  CHECK(has(verdict("sload_1; sreturn", "(S)S"), "local variable 1 must be a short, is nothing usable"));
  CHECK(has(verdict("aload_0; areturn", "(S)LA;"), "must be a reference, is short"));
  CHECK(has(verdict("iconst_1; istore_1; sconst_0; sstore_2; iload_1; ireturn", "(S)I"), "must be an int"));
  CHECK(has(verdict("iconst_1; istore_1; sload_2; sreturn", "(S)S"), "is half of an int"));
  CHECK(has(verdict("sinc 1 1; return"), "must be a short"));
}

TEST_CASE("data flow: confused types (type confusion; references made of numbers)") {
  CHECK(has(verdict("aload_0; sconst_0; saload; sreturn", "([B)S"), "array of its type, has byte[]"));
  CHECK(has(verdict("aload_0; sconst_0; aaload; areturn", "([B)LA;"), "array of its type"));
  CHECK(has(verdict("aload_0; sconst_0; baload; sreturn", "(LA;)S"), "array of its type"));
  CHECK(has(verdict("aload_0; arraylength; sreturn", "(LA;)S"), "must have an array"));
  CHECK(has(verdict("sload_0; areturn", "(S)LA;"), "has short"));
  CHECK(has(verdict("aload_0; getfield_s #A.f1; sreturn", "(LC;)S"), "must be of the class at"));
  CHECK(has(verdict("aload_0; getfield_s #A.f1; sreturn", "([B)S"), "must be of the class at"));
  CHECK(has(verdict("aload_0; invokevirtual #A.v1; sreturn", "(LC;)S"), "must have the class at"));
  CHECK(has(verdict("sconst_0; aload_0; sconst_1; invokestatic @helper; sreturn", "(LC;)S"), "(argument 2)"));
  CHECK(has(verdict("aload_0; putstatic_a #static0; return", "([S)V"), "must have byte[], has short[]"));
  CHECK(has(verdict("aload_0; aload_1; putfield_a #A.f0; return", "(LA;LC;)V"), "must have the class at"));
  CHECK(has(verdict("aload_0; athrow", "(LA;)V"), "java/lang/Throwable"));
  CHECK(has(verdict("sload_0; sreturn", "(S)V"), "the method returns void"));
  CHECK(has(verdict("return", "(S)S"), "the method returns short"));
  CHECK(has(verdict("aload_0; areturn", "(LC;)LA;"), "must have the class at"));
  CHECK(has(verdict("aload_0; sload_1; invokeinterface 2 #I 0; sreturn", "(LI;S)S"), "it says 2 cells"));
}

TEST_CASE("data flow: objects are constructed once, before they are used (JVMS 4.10.2.4)") {
  CHECK(has(verdict("new #A; areturn", "()LA;"), "constructor was not called"));
  CHECK(has(verdict("new #A; invokevirtual #A.v1; sreturn", "()S"), "constructor was not called"));
  CHECK(has(verdict("new #A; getfield_s #A.f1; sreturn", "()S"), "constructor was not called"));
  CHECK(has(verdict("new #A; invokespecial @B.<init>; return", "()V"), "a new object of"));
  CHECK(has(verdict("aload_0; invokespecial @A.<init>; return", "(LA;)V"), "a new object of"));
  // Two objects of one instruction: the constructor of the second says nothing about the first.
  CHECK(
      has(verdict("sconst_0; sstore_2; again: new #A; sload_2; ifeq next; invokespecial @A.<init>; aload_1; invokevirtual #A.v1; sreturn; "
                  "next: astore_1; sconst_1; sstore_2; goto again",
                  "(S)S"),
          "local variable 1 must be a reference"));
  const auto constructor = [](const std::string& code) { return World(code, "()V", {.locals = 1, .stack = 3}, {}, kInit).verdict(); };
  CHECK(constructor("aload_0; invokespecial #Object.m0; return") == "");
  CHECK(constructor("aload_0; sconst_1; putfield_s #A.f1; aload_0; invokespecial @A.<init>; return") == "");
  CHECK(has(constructor("return"), "must have called another one"));
  CHECK(has(constructor("aconst_null; astore_0; return"), "must have called another one"));
  CHECK(has(constructor("aload_0; invokevirtual #A.v1; pop; return"), "constructor was not called"));
  CHECK(has(constructor("aload_0; invokespecial @C.<init>; return"), "a new object of"));
  CHECK(has(constructor("from: aload_0; invokespecial #Object.m0; to: return; caught: pop; return; .catch from to caught any"),
            "must have called another one"));
}

TEST_CASE("data flow: exception handlers (JCVM 6.10)") {
  const std::string thrown = "from: sload_0; pop; to: return; caught: ";
  CHECK(verdict(thrown + "areturn; .catch from to caught ArithmeticException", "(S)V") != "");
  CHECK(verdict("from: sload_0; sreturn; to: caught: pop; sconst_1; sreturn; .catch from to caught ArithmeticException", "(S)S") == "");
  CHECK(has(verdict("from: sload_0; sreturn; to: caught: pop; sconst_1; sreturn; .catch from to caught A", "(S)S"), "java/lang/Throwable"));
  // What the variable was before or after the store: nothing usable.
  CHECK(has(verdict("from: aconst_null; astore_0; to: return; caught: pop; sload_0; pop; return; .catch from to caught any"),
            "local variable 0 must be a short"));
  CHECK(
      has(verdict("from: nop; to: return; caught: return; .catch from to caught any", "(S)V", {.stack = 0}), "needs a stack of one cell"));
}

TEST_CASE("data flow: subroutines (JCVM 7.5, jsr and ret)") {
  CHECK(verdict("jsr sub; jsr sub; return; sub: astore_1; ret 1") == "");
  // From either caller other variables come back.
  CHECK(verdict("aconst_null; astore_2; jsr sub; aload_2; pop; sconst_1; sstore_2; jsr sub; sload_2; pop; return; sub: astore_1; ret 1") ==
        "");
  CHECK(has(verdict("sconst_1; sstore_1; ret 1"), "must be the return address"));
  CHECK(has(verdict("jsr sub; return; sub: astore_1; aload_1; areturn", "(S)LA;"), "is a return address"));
  CHECK(has(verdict("jsr sub; return; sub: putstatic_a #static0; return"), "has a return address"));
  CHECK(has(verdict("again: jsr again; return", "()V", {.stack = 20}), "deep"));
}

TEST_CASE("data flow: visibility (JCVM 6.14, 7.5)") {
  CHECK(has(verdict("invokestatic @C.secret; return"), "private"));
  CHECK(has(verdict("aload_0; getfield_s #C.f0; sreturn", "(LC;)S"), "private"));
  CHECK(has(verdict("sconst_1; putstatic_s #static2; return"), "final"));
  CHECK(has(verdict("aload_0; invokespecial @A.number; sreturn", "(LA;)S"), "neither private nor a constructor"));
  CHECK(has(verdict("sconst_0; invokestatic @A.number; sreturn", "(S)S"), "not static"));
  // Applet's register is protected.
  CHECK(has(verdict("aload_0; invokevirtual #Applet.v1; return", "(Ljavacard/framework/Applet;)V"), "protected"));
}

TEST_CASE("data flow: the Descriptor cannot say what is not so (JCVM 6.14)") {
  const auto bent = [](const std::function<void(cap::CapFile&)>& bend) {
    World world("aload_0; getfield_a #A.f0; invokevirtual #A.v1; sreturn", "(LA;)S");
    bend(world.file);
    return world.verdict();
  };
  const auto constant = [](cap::CapFile& file, cap::ConstantKind kind) -> std::uint16_t& {
    const auto found = std::ranges::find(file.constants, kind, &cap::Constant::kind);
    return file.descriptor->constant_types.at(static_cast<std::size_t>(found - file.constants.begin()));
  };
  CHECK(bent([](cap::CapFile&) {}) == "");
  // A field of another type; a method with another result; a header with other arguments
  CHECK(has(bent([&](cap::CapFile& file) { constant(file, cap::ConstantKind::kInstanceField) = 0x8004; }), "the field is of type"));
  CHECK(has(
      bent([&](cap::CapFile& file) { constant(file, cap::ConstantKind::kVirtualMethod) = file.descriptor->classes[1].methods[2].type; }),
      "the method is of type () short"));
  CHECK(has(bent([](cap::CapFile& file) { file.descriptor->classes[1].methods[0].type = file.descriptor->classes[1].methods[1].type; }),
            "the method is of type () short"));
  CHECK(has(bent([](cap::CapFile& file) { file.methods.methods[2] = 2; }), "cells of arguments"));
  CHECK(has(bent([](cap::CapFile& file) { file.descriptor->classes[1].fields[0].type = 0x8004; }), "the field is of type short"));
  CHECK(has(bent([](cap::CapFile& file) { file.descriptor->classes[1].fields.clear(); }), "no class describes field"));
  CHECK(bent([](cap::CapFile& file) { file.descriptor->constant_types[1] = 3; }) != "");
}

TEST_CASE("data flow: a method takes the place of one of its type (JCVM 4.3.7.6, 6.9.2)") {
  // Object.equals with another type; a final one; an interface's method by one of another type
  World equals("return", "()V", {.locals = 1, .stack = 2}, [](JavaAssembler& code, JavaDescriptor& types) {
    code.add_class({.name = "D", .base = 0, .methods = {"D.equals"}});
    code.method("D.equals", {.arguments = 2}, "sconst_1; sreturn");
    types.method("D.equals", "(S)Z", cap::kDescriptorPublic, 0);
  });
  CHECK(has(equals.verdict(), "the superclass's is of type (java/lang/Object) boolean"));
  World final_one("return", "()V", {.locals = 1, .stack = 2}, [](JavaAssembler& code, JavaDescriptor& types) {
    code.add_class({.name = "D", .base = 1, .methods = {"D.one"}});
    code.add_class({.name = "E", .super = "D", .base = 1, .methods = {"E.one"}});
    code.method("D.one", {.arguments = 1}, "return");
    code.method("E.one", {.arguments = 1}, "return");
    types.method("D.one", "()V", cap::kDescriptorPublic | cap::kDescriptorFinal, 1);
    types.method("E.one", "()V", cap::kDescriptorPublic, 1);
  });
  CHECK(has(final_one.verdict(), "takes the place of a final one"));
  World interface("return", "()V", {.locals = 1, .stack = 2}, [](JavaAssembler& code, JavaDescriptor& types) {
    code.add_class({.name = "D", .base = 1, .methods = {"D.one"}, .interfaces = {{"I", {1}}}});
    code.method("D.one", {.arguments = 1, .stack = 1}, "aconst_null; areturn");
    types.method("D.one", "()LA;", cap::kDescriptorPublic, 1);
  });
  CHECK(has(interface.verdict(), "method 0 of the class at"));
  World abstract("new #D; pop; return", "()V", {.locals = 1, .stack = 2}, [](JavaAssembler& code, JavaDescriptor& types) {
    code.add_class({.name = "D"});
    types.class_flags("D", cap::kDescriptorAbstract);
  });
  CHECK(has(abstract.verdict(), "is abstract"));
}
