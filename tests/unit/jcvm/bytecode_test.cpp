// SPDX-License-Identifier: Apache-2.0
// Every byte code by a table: what it leaves, and what it throws (JCVM 3.1 clause 7.5).
#include <set>

#include <doctest/doctest.h>

#include "tests/support/java_card.hpp"

using namespace uicclab;
using test::JavaAssembler;
using test::JavaCard;

namespace {

struct Row {
  std::string_view code;
  std::string_view outcome;
};

/// I, an interface; A implements it: field 0 a reference, 1 a short, 2 an int, 4 a byte. B extends A, E is an exception. Static fields: a
/// reference at 0, a byte at 2, a short at 3, an int at 5.
JavaAssembler world(const std::string& main) {
  JavaAssembler cap;
  cap.add_class({.name = "I", .super = ""});
  cap.add_class({.name = "A",
                 .cells = 5,
                 .first_reference = 0,
                 .references = 1,
                 .methods = {"A.number", "A.add"},
                 .package_methods = {"A.hidden"},
                 .interfaces = {{"I", {2}}}});
  cap.add_class({.name = "B", .super = "A", .cells = 1, .methods = {"B.number"}});
  cap.add_class({.name = "E", .super = "Throwable"});
  cap.add_class({.name = "Abstract", .methods = {"Abstract.none"}});
  cap.statics.image_size = 9;
  cap.statics.reference_count = 1;
  cap.statics.default_value_count = 7;
  cap.method("main", {.arguments = 0, .locals = 8, .stack = 12}, main);
  cap.method("make", {}, "new #A; areturn");
  cap.method("A.number", {.arguments = 1}, "bspush 10; sreturn");
  cap.method("A.add", {.arguments = 2}, "sload_1; aload_0; invokevirtual #A.v1; sadd; sreturn");
  cap.method("A.hidden", {.arguments = 1}, "bspush 77; sreturn");
  cap.method("B.number", {.arguments = 1}, "aload_0; invokespecial #B.u1; bspush 10; smul; sreturn");
  cap.method("Abstract.none", {.arguments = 1, .stack = 0, .is_abstract = true}, "");
  cap.method("twice", {.arguments = 1}, "sload_0; dup; sadd; sreturn");
  cap.method("int", {.arguments = 2}, "iload_0; iconst_1; iadd; ireturn");
  cap.method("deep", {}, "invokestatic @deep; return");
  return cap;
}

std::string outcome(const std::string& code) {
  JavaAssembler cap = world(code);
  JavaCard card;
  const auto file = cap.build();
  const auto done = card.vm.load(1, file);
  if (!done) return done.error().text;
  return card.run(cap, "main");
}

void check(std::span<const Row> rows) {
  for (const Row& row : rows) {
    CAPTURE(row.code);
    CHECK(outcome(std::string(row.code)) == row.outcome);
  }
}

constexpr auto kStack = std::to_array<Row>({
    {"nop; return", "void"},
    {"aconst_null; areturn", "null"},
    {"sconst_m1; sreturn", "-1"},
    {"sconst_0; sreturn", "0"},
    {"sconst_1; sreturn", "1"},
    {"sconst_2; sreturn", "2"},
    {"sconst_3; sreturn", "3"},
    {"sconst_4; sreturn", "4"},
    {"sconst_5; sreturn", "5"},
    {"iconst_m1; ireturn", "int -1"},
    {"iconst_0; ireturn", "int 0"},
    {"iconst_1; ireturn", "int 1"},
    {"iconst_2; ireturn", "int 2"},
    {"iconst_3; ireturn", "int 3"},
    {"iconst_4; ireturn", "int 4"},
    {"iconst_5; ireturn", "int 5"},
    {"bspush -128; sreturn", "-128"},
    {"sspush -32768; sreturn", "-32768"},
    {"bipush -128; ireturn", "int -128"},
    {"sipush 32767; ireturn", "int 32767"},
    {"iipush -2147483648; ireturn", "int -2147483648"},
    {"sconst_1; sconst_2; pop; sreturn", "1"},
    {"sconst_1; iconst_2; pop2; sreturn", "1"},
    {"sconst_3; dup; smul; sreturn", "9"},
    {"sconst_1; sconst_2; dup2; sadd; sadd; sadd; sreturn", "6"},
    {"sconst_1; sconst_2; dup_x 1 2; bspush 10; smul; sadd; bspush 10; smul; sadd; sreturn", "212"},
    {"iconst_5; dup_x 2 0; iadd; ireturn", "int 10"},
    {"sconst_1; sconst_2; swap_x 1 1; ssub; sreturn", "1"},
    {"sconst_5; iconst_3; swap_x 2 1; s2i; isub; ireturn", "int -2"},
    // Kinds, overflow and underflow: no compiler makes these
    {"sadd; sreturn", "SecurityException"},
    {"pop; return", "SecurityException"},
    {"aconst_null; sreturn", "SecurityException"},
    {"sconst_1; areturn", "SecurityException"},
    {"iconst_1; sreturn", "SecurityException"},
    {"sconst_1; sconst_1; ireturn", "SecurityException"},
    {"here: sconst_1; goto here", "SecurityException"},
    {"sconst_1; dup_x 1 4; return", "SecurityException"},
    {"sconst_1; swap_x 1 1; return", "SecurityException"},
});

constexpr auto kLocals = std::to_array<Row>({
    {"bspush 7; sstore_0; sload_0; sreturn", "7"},
    {"bspush 7; sstore_1; sload_1; sreturn", "7"},
    {"bspush 7; sstore_2; sload_2; sreturn", "7"},
    {"bspush 7; sstore_3; sload_3; sreturn", "7"},
    {"bspush 7; sstore 7; sload 7; sreturn", "7"},
    {"iipush 70000; istore_0; iload_0; ireturn", "int 70000"},
    {"iipush 70000; istore_1; iload_1; ireturn", "int 70000"},
    {"iipush 70000; istore_2; iload_2; ireturn", "int 70000"},
    {"iipush 70000; istore_3; iload_3; ireturn", "int 70000"},
    {"iipush -70000; istore 6; iload 6; ireturn", "int -70000"},
    {"new #A; astore_0; aload_0; areturn", "object"},
    {"new #A; astore_1; aload_1; areturn", "object"},
    {"new #A; astore_2; aload_2; areturn", "object"},
    {"new #A; astore_3; aload_3; areturn", "object"},
    {"new #A; astore 7; aload 7; areturn", "object"},
    {"sspush 32767; sstore_0; sinc 0 1; sload_0; sreturn", "-32768"},
    {"sconst_0; sstore_0; sinc_w 0 -300; sload_0; sreturn", "-300"},
    {"iipush 2147483647; istore_0; iinc 0 1; iload_0; ireturn", "int -2147483648"},
    {"iconst_0; istore_0; iinc_w 0 -300; iload_0; ireturn", "int -300"},
    {"sload_0; sreturn", "SecurityException"},
    {"sinc 0 1; return", "SecurityException"},
    {"sconst_1; sstore_0; iinc 0 1; return", "SecurityException"},
    {"sconst_1; sstore_0; aload_0; areturn", "SecurityException"},
    {"iconst_1; istore_0; sload_1; sreturn", "SecurityException"},
    {"iconst_1; istore_0; sconst_1; sstore_1; iload_0; ireturn", "SecurityException"},
});

constexpr auto kArithmetic = std::to_array<Row>({
    {"sspush 32767; sconst_1; sadd; sreturn", "-32768"},
    {"sspush -32768; sconst_1; ssub; sreturn", "32767"},
    {"sspush 300; dup; smul; sreturn", "24464"},
    {"bspush -7; sconst_2; sdiv; sreturn", "-3"},
    {"sspush -32768; sconst_m1; sdiv; sreturn", "-32768"},
    {"bspush -7; sconst_2; srem; sreturn", "-1"},
    {"sspush -32768; sconst_m1; srem; sreturn", "0"},
    {"sspush -32768; sneg; sreturn", "-32768"},
    {"sconst_1; bspush 15; sshl; sreturn", "-32768"},
    {"sconst_1; bspush 33; sshl; sreturn", "2"},
    {"bspush -8; sconst_1; sshr; sreturn", "-4"},
    {"bspush -8; bspush 28; sushr; sreturn", "15"},
    {"bspush -8; sconst_1; sushr; sreturn", "-4"},
    {"bspush 12; bspush 10; sand; sreturn", "8"},
    {"bspush 12; bspush 10; sor; sreturn", "14"},
    {"bspush 12; bspush 10; sxor; sreturn", "6"},
    {"sconst_1; sconst_0; sdiv; sreturn", "ArithmeticException"},
    {"sconst_1; sconst_0; srem; sreturn", "ArithmeticException"},
    {"iipush 2147483647; iconst_1; iadd; ireturn", "int -2147483648"},
    {"iipush -2147483648; iconst_1; isub; ireturn", "int 2147483647"},
    {"iipush 100000; iipush 100000; imul; ireturn", "int 1410065408"},
    {"bipush -7; iconst_2; idiv; ireturn", "int -3"},
    {"iipush -2147483648; iconst_m1; idiv; ireturn", "int -2147483648"},
    {"bipush -7; iconst_2; irem; ireturn", "int -1"},
    {"iipush -2147483648; iconst_m1; irem; ireturn", "int 0"},
    {"iconst_1; iconst_0; idiv; ireturn", "ArithmeticException"},
    {"iconst_1; iconst_0; irem; ireturn", "ArithmeticException"},
    {"iipush -2147483648; ineg; ireturn", "int -2147483648"},
    {"iconst_1; bipush 33; ishl; ireturn", "int 2"},
    {"bipush -8; iconst_1; ishr; ireturn", "int -4"},
    {"bipush -8; bipush 28; iushr; ireturn", "int 15"},
    {"bipush 12; bipush 10; iand; ireturn", "int 8"},
    {"bipush 12; bipush 10; ior; ireturn", "int 14"},
    {"bipush 12; bipush 10; ixor; ireturn", "int 6"},
    {"sspush 255; s2b; sreturn", "-1"},
    {"sspush -2; s2i; ireturn", "int -2"},
    {"iipush 65663; i2b; sreturn", "127"},
    {"iipush 65535; i2s; sreturn", "-1"},
    {"iconst_1; iconst_2; icmp; sreturn", "-1"},
    {"iconst_2; iconst_2; icmp; sreturn", "0"},
    {"iipush 2147483647; iipush -2147483648; icmp; sreturn", "1"},
});

constexpr auto kArrays = std::to_array<Row>({
    {"sconst_3; newarray 10; astore_0; aload_0; sconst_1; sconst_3; bastore; aload_0; sconst_1; baload; sreturn", "1"},
    {"sconst_3; newarray 11; astore_0; aload_0; sconst_1; sspush 255; bastore; aload_0; sconst_1; baload; sreturn", "-1"},
    {"sconst_3; newarray 12; astore_0; aload_0; sconst_2; sspush -300; sastore; aload_0; sconst_2; saload; sreturn", "-300"},
    {"sconst_3; newarray 13; astore_0; aload_0; sconst_2; iipush -70000; iastore; aload_0; sconst_2; iaload; ireturn", "int -70000"},
    {"sconst_3; anewarray #A; astore_0; aload_0; sconst_2; new #B; aastore; aload_0; sconst_2; aaload; areturn", "object"},
    {"sconst_3; anewarray #A; sconst_2; aaload; areturn", "null"},
    {"sconst_3; anewarray #A; dup; sconst_0; aconst_null; aastore; arraylength; sreturn", "3"},
    {"sspush 300; newarray 11; arraylength; sreturn", "300"},
    {"sconst_3; anewarray #A; sconst_0; new #E; aastore; return", "ArrayStoreException"},
    {"sconst_3; anewarray #A; sconst_0; sconst_1; newarray 11; aastore; return", "ArrayStoreException"},
    {"sconst_3; anewarray #Object; dup; sconst_0; sconst_1; newarray 11; aastore; sconst_0; aaload; areturn", "object"},
    {"sconst_3; anewarray #I; dup; sconst_0; new #B; aastore; sconst_0; aaload; areturn", "object"},
    {"sconst_3; newarray 11; sconst_3; baload; sreturn", "ArrayIndexOutOfBoundsException"},
    {"sconst_3; newarray 11; sconst_m1; baload; sreturn", "ArrayIndexOutOfBoundsException"},
    {"sconst_3; newarray 12; sconst_3; sconst_1; sastore; return", "ArrayIndexOutOfBoundsException"},
    {"sconst_3; newarray 13; sconst_3; iaload; ireturn", "ArrayIndexOutOfBoundsException"},
    {"sconst_3; anewarray #A; sconst_3; aconst_null; aastore; return", "ArrayIndexOutOfBoundsException"},
    {"aconst_null; sconst_0; baload; sreturn", "NullPointerException"},
    {"aconst_null; sconst_0; saload; sreturn", "NullPointerException"},
    {"aconst_null; sconst_0; iaload; ireturn", "NullPointerException"},
    {"aconst_null; sconst_0; aaload; areturn", "NullPointerException"},
    {"aconst_null; sconst_0; sconst_0; bastore; return", "NullPointerException"},
    {"aconst_null; sconst_0; sconst_0; sastore; return", "NullPointerException"},
    {"aconst_null; sconst_0; iconst_0; iastore; return", "NullPointerException"},
    {"aconst_null; sconst_0; aconst_null; aastore; return", "NullPointerException"},
    {"aconst_null; arraylength; sreturn", "NullPointerException"},
    {"sconst_m1; newarray 11; areturn", "NegativeArraySizeException"},
    {"sconst_m1; anewarray #A; areturn", "NegativeArraySizeException"},
    // Arrays of another type, instances, and objects out of nowhere
    {"sconst_3; newarray 12; sconst_0; baload; sreturn", "SecurityException"},
    {"sconst_3; newarray 11; sconst_0; saload; sreturn", "SecurityException"},
    {"sconst_3; newarray 11; sconst_0; aaload; areturn", "SecurityException"},
    {"new #A; sconst_0; baload; sreturn", "SecurityException"},
    {"new #A; arraylength; sreturn", "SecurityException"},
});

constexpr auto kFields = std::to_array<Row>({
    {"new #A; dup; sspush -300; putfield_s #A.f1; getfield_s #A.f1; sreturn", "-300"},
    {"new #A; dup; sspush 255; putfield_b #A.f4; getfield_b #A.f4; sreturn", "-1"},
    {"new #A; dup; iipush -70000; putfield_i #A.f2; getfield_i #A.f2; ireturn", "int -70000"},
    {"new #A; dup; new #E; putfield_a #A.f0; getfield_a #A.f0; areturn", "object"},
    {"new #B; dup; sspush -300; putfield_s_w #A.f1; getfield_s_w #A.f1; sreturn", "-300"},
    {"new #B; dup; sspush 255; putfield_b_w #A.f4; getfield_b_w #A.f4; sreturn", "-1"},
    {"new #B; dup; iipush -70000; putfield_i_w #A.f2; getfield_i_w #A.f2; ireturn", "int -70000"},
    {"new #B; dup; new #E; putfield_a_w #A.f0; getfield_a_w #A.f0; areturn", "object"},
    {"new #B; dup; bspush 5; putfield_s #B.f0; getfield_s #B.f0; sreturn", "5"},
    {"new #A; getfield_a #A.f0; areturn", "null"},
    {"sspush -300; putstatic_s #static3; getstatic_s #static3; sreturn", "-300"},
    {"sspush 255; putstatic_b #static2; getstatic_b #static2; sreturn", "-1"},
    {"iipush -70000; putstatic_i #static5; getstatic_i #static5; ireturn", "int -70000"},
    {"new #E; putstatic_a #static0; getstatic_a #static0; areturn", "object"},
    {"getstatic_a #static0; areturn", "null"},
    {"aconst_null; getfield_s #A.f1; sreturn", "NullPointerException"},
    {"aconst_null; sconst_1; putfield_s #A.f1; return", "NullPointerException"},
    {"aconst_null; aconst_null; putfield_a_w #A.f0; return", "NullPointerException"},
    {"new #E; getfield_s #A.f1; sreturn", "SecurityException"},
    {"new #A; getfield_s #B.f0; sreturn", "SecurityException"},
    {"sconst_3; newarray 11; getfield_s #A.f1; sreturn", "SecurityException"},
});

constexpr auto kFlow = std::to_array<Row>({
    {"sconst_0; ifeq yes; sconst_0; sreturn; yes: sconst_1; sreturn", "1"},
    {"sconst_1; ifne yes; sconst_0; sreturn; yes: sconst_1; sreturn", "1"},
    {"sconst_m1; iflt yes; sconst_0; sreturn; yes: sconst_1; sreturn", "1"},
    {"sconst_0; ifge yes; sconst_0; sreturn; yes: sconst_1; sreturn", "1"},
    {"sconst_0; ifgt yes; sconst_0; sreturn; yes: sconst_1; sreturn", "0"},
    {"sconst_0; ifle yes; sconst_0; sreturn; yes: sconst_1; sreturn", "1"},
    {"aconst_null; ifnull yes; sconst_0; sreturn; yes: sconst_1; sreturn", "1"},
    {"aconst_null; ifnonnull yes; sconst_0; sreturn; yes: sconst_1; sreturn", "0"},
    {"aconst_null; new #A; if_acmpeq yes; sconst_0; sreturn; yes: sconst_1; sreturn", "0"},
    {"aconst_null; new #A; if_acmpne yes; sconst_0; sreturn; yes: sconst_1; sreturn", "1"},
    {"sconst_1; sconst_1; if_scmpeq yes; sconst_0; sreturn; yes: sconst_1; sreturn", "1"},
    {"sconst_1; sconst_1; if_scmpne yes; sconst_0; sreturn; yes: sconst_1; sreturn", "0"},
    {"sconst_1; sconst_2; if_scmplt yes; sconst_0; sreturn; yes: sconst_1; sreturn", "1"},
    {"sconst_1; sconst_2; if_scmpge yes; sconst_0; sreturn; yes: sconst_1; sreturn", "0"},
    {"sconst_1; sconst_2; if_scmpgt yes; sconst_0; sreturn; yes: sconst_1; sreturn", "0"},
    {"sconst_1; sconst_2; if_scmple yes; sconst_0; sreturn; yes: sconst_1; sreturn", "1"},
    {"sconst_0; ifeq_w yes; sconst_0; sreturn; yes: sconst_1; sreturn", "1"},
    {"sconst_1; ifne_w yes; sconst_0; sreturn; yes: sconst_1; sreturn", "1"},
    {"sconst_m1; iflt_w yes; sconst_0; sreturn; yes: sconst_1; sreturn", "1"},
    {"sconst_0; ifge_w yes; sconst_0; sreturn; yes: sconst_1; sreturn", "1"},
    {"sconst_0; ifgt_w yes; sconst_0; sreturn; yes: sconst_1; sreturn", "0"},
    {"sconst_0; ifle_w yes; sconst_0; sreturn; yes: sconst_1; sreturn", "1"},
    {"aconst_null; ifnull_w yes; sconst_0; sreturn; yes: sconst_1; sreturn", "1"},
    {"aconst_null; ifnonnull_w yes; sconst_0; sreturn; yes: sconst_1; sreturn", "0"},
    {"aconst_null; new #A; if_acmpeq_w yes; sconst_0; sreturn; yes: sconst_1; sreturn", "0"},
    {"aconst_null; new #A; if_acmpne_w yes; sconst_0; sreturn; yes: sconst_1; sreturn", "1"},
    {"sconst_1; sconst_1; if_scmpeq_w yes; sconst_0; sreturn; yes: sconst_1; sreturn", "1"},
    {"sconst_1; sconst_1; if_scmpne_w yes; sconst_0; sreturn; yes: sconst_1; sreturn", "0"},
    {"sconst_1; sconst_2; if_scmplt_w yes; sconst_0; sreturn; yes: sconst_1; sreturn", "1"},
    {"sconst_1; sconst_2; if_scmpge_w yes; sconst_0; sreturn; yes: sconst_1; sreturn", "0"},
    {"sconst_1; sconst_2; if_scmpgt_w yes; sconst_0; sreturn; yes: sconst_1; sreturn", "0"},
    {"sconst_1; sconst_2; if_scmple_w yes; sconst_0; sreturn; yes: sconst_1; sreturn", "1"},
    {"goto there; here: sconst_1; sreturn; there: goto_w here", "1"},
    {"sconst_0; sstore_0; jsr sub; jsr sub; sload_0; sreturn; sub: astore_1; sinc 0 1; ret 1", "2"},
    {"sconst_1; sstore_0; ret 0", "SecurityException"},
    {"jsr sub; sub: areturn", "SecurityException"},
    {"jsr sub; sub: invokestatic @twice; sreturn", "SecurityException"},
    {"sconst_2; stableswitch no 1 3 one two three; no: sconst_0; sreturn; one: sconst_1; sreturn; two: sconst_2; sreturn; three: sconst_3; "
     "sreturn",
     "2"},
    {"sconst_4; stableswitch no 1 3 one two three; no: sconst_0; sreturn; one: sconst_1; sreturn; two: sconst_2; sreturn; three: sconst_3; "
     "sreturn",
     "0"},
    {"iipush 70001; itableswitch no 70000 70001 one two; no: sconst_0; sreturn; one: sconst_1; sreturn; two: sconst_2; sreturn", "2"},
    {"sspush -300; slookupswitch no -300 one 7 two; no: sconst_0; sreturn; one: sconst_1; sreturn; two: sconst_2; sreturn", "1"},
    {"sconst_0; slookupswitch no -300 one 7 two; no: sconst_0; sreturn; one: sconst_1; sreturn; two: sconst_2; sreturn", "0"},
    {"iipush 70000; ilookupswitch no 7 one 70000 two; no: sconst_0; sreturn; one: sconst_1; sreturn; two: sconst_2; sreturn", "2"},
    {"here: goto here", "out of budget"},
});

constexpr auto kCalls = std::to_array<Row>({
    {"bspush 21; invokestatic @twice; sreturn", "42"},
    {"iipush 70000; invokestatic @int; ireturn", "int 70001"},
    {"new #A; invokevirtual #A.v1; sreturn", "10"},
    {"new #B; invokevirtual #A.v1; sreturn", "100"},
    {"new #B; sconst_5; invokevirtual #A.v2; sreturn", "105"},
    {"new #B; invokevirtual #A.p0; sreturn", "77"},
    {"new #B; sconst_5; invokeinterface 2 #I 0; sreturn", "105"},
    {"new #A; dup; invokespecial #Object.m0; invokevirtual #A.v1; sreturn", "10"},
    {"new #A; dup; invokevirtual #Object.v0; sreturn", "1"},
    {"new #A; new #A; invokevirtual #Object.v0; sreturn", "0"},
    {"sconst_1; newarray 11; aconst_null; invokevirtual #Object.v0; sreturn", "0"},
    {"aconst_null; invokevirtual #A.v1; sreturn", "NullPointerException"},
    {"aconst_null; invokespecial #B.u1; sreturn", "NullPointerException"},
    {"aconst_null; sconst_5; invokeinterface 2 #I 0; sreturn", "NullPointerException"},
    {"invokestatic @deep; return", "SystemException 5"},
    {"new #E; invokevirtual #A.v1; sreturn", "SecurityException"},
    {"sconst_1; newarray 11; invokevirtual #A.v1; sreturn", "SecurityException"},
    {"sconst_1; invokevirtual #A.v1; sreturn", "SecurityException"},
    {"new #E; sconst_5; invokeinterface 2 #I 0; sreturn", "SecurityException"},
    {"new #B; sconst_5; invokeinterface 2 #I 1; sreturn", "SecurityException"},
    {"new #B; invokeinterface 1 #I 0; sreturn", "SecurityException"},
    {"new #Abstract; invokevirtual #Abstract.v1; sreturn", "SecurityException"},
    {"new #A; sconst_1; invokevirtual #Object.v0; sreturn", "SecurityException"},
    {"invokestatic @twice; sreturn", "SecurityException"},
});

constexpr auto kTypes = std::to_array<Row>({
    {"new #B; checkcast 0 #A; areturn", "object"},
    {"new #B; checkcast 0 #I; areturn", "object"},
    {"aconst_null; checkcast 0 #E; areturn", "null"},
    {"new #A; checkcast 0 #B; areturn", "ClassCastException"},
    {"new #E; checkcast 0 #I; areturn", "ClassCastException"},
    {"sconst_1; newarray 11; checkcast 11; areturn", "object"},
    {"sconst_1; newarray 11; checkcast 0 #Object; areturn", "object"},
    {"sconst_1; newarray 11; checkcast 10; areturn", "ClassCastException"},
    {"sconst_1; newarray 11; checkcast 0 #A; areturn", "ClassCastException"},
    {"sconst_1; anewarray #B; checkcast 14 #A; areturn", "object"},
    {"sconst_1; anewarray #A; checkcast 14 #B; areturn", "ClassCastException"},
    {"new #B; instanceof 0 #A; sreturn", "1"},
    {"new #A; instanceof 0 #B; sreturn", "0"},
    {"aconst_null; instanceof 0 #A; sreturn", "0"},
    {"sconst_1; newarray 12; instanceof 12; sreturn", "1"},
    {"sconst_1; newarray 12; instanceof 13; sreturn", "0"},
    {"sconst_1; anewarray #B; instanceof 14 #I; sreturn", "1"},
    {"sconst_1; anewarray #I; instanceof 14 #Object; sreturn", "1"},
    {"sconst_1; anewarray #I; instanceof 14 #A; sreturn", "0"},
    {"new #E; athrow", "F0000000A1.3"},
    {"aconst_null; athrow", "NullPointerException"},
    {"new #A; athrow", "SecurityException"},
    {"from: new #E; athrow; to: sconst_0; sreturn; caught: pop; sconst_5; sreturn; .catch from to caught E", "5"},
    {"from: sconst_1; sconst_0; sdiv; sreturn; to: sconst_0; sreturn; caught: instanceof 0 #Throwable; sreturn; .catch from to caught any",
     "1"},
    {"from: sconst_1; sconst_0; sdiv; sreturn; to: sconst_0; sreturn; caught: pop; sconst_5; sreturn; .catch from to caught E",
     "ArithmeticException"},
    {"from: new #B; astore_0; to: aconst_null; athrow; caught: pop; sconst_5; sreturn; .catch from to caught any", "NullPointerException"},
});

}  // namespace

TEST_CASE("byte codes: constants and the stack (JCVM 7.5)") {
  check(kStack);
}

TEST_CASE("byte codes: local variables (JCVM 7.5)") {
  check(kLocals);
}

TEST_CASE("byte codes: arithmetic of short and int (JCVM 7.5)") {
  check(kArithmetic);
}

TEST_CASE("byte codes: arrays and their exceptions (JCVM 7.5)") {
  check(kArrays);
}

TEST_CASE("byte codes: fields of instances and static ones (JCVM 7.5)") {
  check(kFields);
}

TEST_CASE("byte codes: branches, subroutines, switches (JCVM 7.5)") {
  check(kFlow);
}

TEST_CASE("byte codes: methods (JCVM 7.5)") {
  check(kCalls);
}

TEST_CASE("byte codes: casts, exceptions and handlers (JCVM 7.5)") {
  check(kTypes);
}

TEST_CASE("byte codes: fields of this object (JCVM 7.5)") {
  JavaAssembler cap = world("new #A; invokestatic @this; sreturn");
  cap.method("this", {.arguments = 1},
             "sspush -300; putfield_s_this #A.f1; bspush 5; putfield_b_this #A.f4; iipush 70000; putfield_i_this #A.f2; aload_0; "
             "putfield_a_this #A.f0; getfield_s_this #A.f1; getfield_b_this #A.f4; sadd; getfield_i_this #A.f2; i2s; sadd; "
             "getfield_a_this #A.f0; aload_0; if_acmpne no; sreturn; no: sconst_0; sreturn");
  JavaCard card;
  REQUIRE(card.vm.load(1, cap.build()));
  CHECK(card.run(cap, "main") == std::to_string(-300 + 5 + (70000 - 65536)));
}

TEST_CASE("byte codes: the tables above name all 185") {
  std::set<std::string> named{"getfield_a_this", "getfield_b_this", "getfield_s_this", "getfield_i_this",
                              "putfield_a_this", "putfield_b_this", "putfield_s_this", "putfield_i_this"};
  const auto read = [&](std::span<const Row> rows) {
    for (const Row& row : rows) {
      std::string text(row.code);
      std::ranges::replace(text, ';', ' ');
      std::istringstream words(text);
      for (std::string word; words >> word;) named.insert(word);
    }
  };
  for (const std::span<const Row> rows :
       {std::span<const Row>(kStack), std::span<const Row>(kLocals), std::span<const Row>(kArithmetic), std::span<const Row>(kArrays),
        std::span<const Row>(kFields), std::span<const Row>(kFlow), std::span<const Row>(kCalls), std::span<const Row>(kTypes)}) {
    read(rows);
  }
  for (unsigned code = 0; code < jcvm::code::kOperationCount; ++code) {
    const std::string mnemonic(jcvm::code::operation(static_cast<std::uint8_t>(code))->mnemonic);
    CAPTURE(mnemonic);
    CHECK(named.contains(mnemonic));
  }
}
