// SPDX-License-Identifier: Apache-2.0
// The firewall: every byte code that touches an object, by who owns it (JCRE 3.1 clauses 6.2.1 to 6.2.8).
#include <doctest/doctest.h>

#include "tests/support/java_card.hpp"

using namespace uicclab;
using test::JavaAssembler;
using test::JavaCard;
namespace machine = jcvm::machine;
using machine::Cell;
using machine::Context;
using machine::Ref;

namespace {

constexpr Context kOwner{1, 1};
constexpr Context kSamePackage{1, 2};
constexpr Context kForeign{2, 1};

/// A implements S, which is shareable, and I, which is not. Static fields: a reference at 0, a short at 2. Every method takes the object.
struct Row {
  std::string_view code;
  bool array = false;            ///< takes an array of references, else an instance of A
  std::string_view own;          ///< outcome in the owner's package
  std::string_view foreign;      ///< of another package
  std::string_view entry_point;  ///< of another package, if it is a temporary entry point (an array: global)
  std::string_view of_runtime;   ///< of the runtime's context
};

constexpr std::string_view kNo = "SecurityException";

constexpr auto kRows = std::to_array<Row>({
    {"aload_0; getfield_s #A.f1; sreturn", false, "0", kNo, kNo, "0"},
    {"aload_0; getfield_a_w #A.f0; areturn", false, "null", kNo, kNo, "null"},
    {"aload_0; sconst_1; putfield_s #A.f1; return", false, "void", kNo, kNo, "void"},
    {"aload_0; aconst_null; putfield_a #A.f0; return", false, "void", kNo, kNo, "void"},
    {"getfield_b_this #A.f1; sreturn", false, "0", kNo, kNo, "0"},
    {"sconst_1; putfield_b_this #A.f1; return", false, "void", kNo, kNo, "void"},
    {"aload_0; invokevirtual #A.v1; sreturn", false, "7", kNo, "7", "7"},
    {"aload_0; invokeinterface 1 #I 0; sreturn", false, "7", kNo, "7", "7"},
    {"aload_0; invokeinterface 1 #S 0; sreturn", false, "7", "7", "7", "7"},
    {"aload_0; invokespecial @A.number; sreturn", false, "7", kNo, kNo, "7"},
    {"aload_0; athrow", false, kNo, kNo, kNo, kNo},
    {"aload_0; checkcast 0 #A; areturn", false, "object", kNo, "object", "object"},
    {"aload_0; checkcast 0 #I; areturn", false, "object", kNo, "object", "object"},
    {"aload_0; checkcast 0 #S; areturn", false, "object", "object", "object", "object"},
    {"aload_0; instanceof 0 #A; sreturn", false, "1", kNo, "1", "1"},
    {"aload_0; instanceof 0 #S; sreturn", false, "1", "1", "1", "1"},
    {"aload_0; putstatic_a #static0; getstatic_a #static0; areturn", false, "object", "object", kNo, "object"},
    {"aload_0; ifnull no; aload_0; aload_0; if_acmpne no; sconst_1; sreturn; no: sconst_0; sreturn", false, "1", "1", "1", "1"},
    {"sconst_1; anewarray #A; sconst_0; aload_0; aastore; return", false, "void", "void", kNo, "void"},
    {"aload_0; sconst_0; aaload; areturn", true, "null", kNo, "null", "null"},
    {"aload_0; sconst_0; aconst_null; aastore; return", true, "void", kNo, "void", "void"},
    {"aload_0; arraylength; sreturn", true, "3", kNo, "3", "3"},
    {"aload_0; checkcast 14 #A; areturn", true, "object", kNo, "object", "object"},
    {"aload_0; instanceof 14 #A; sreturn", true, "1", kNo, "1", "1"},
    {"aload_0; putstatic_a #static0; return", true, "void", "void", kNo, "void"},
});

JavaAssembler world(const std::string& main) {
  JavaAssembler cap;
  cap.add_class({.name = "S", .super = "", .superinterfaces = {"Shareable"}, .shareable = true});
  cap.add_class({.name = "I", .super = ""});
  cap.add_class({.name = "A",
                 .cells = 2,
                 .first_reference = 0,
                 .references = 1,
                 .methods = {"A.number", "A.make"},
                 .interfaces = {{"S", {1, 2}}, {"I", {1}}, {"Shareable", {}}},
                 .shareable = true});
  cap.statics.image_size = 4;
  cap.statics.reference_count = 1;
  cap.statics.default_value_count = 2;
  cap.method("main", {.arguments = 1, .locals = 2, .stack = 6}, main);
  cap.method("make", {}, "new #A; areturn");
  cap.method("array", {}, "sconst_3; anewarray #A; areturn");
  cap.method("A.number", {.arguments = 1}, "bspush 7; sreturn");
  cap.method("A.make", {.arguments = 1}, "new #A; areturn");
  return cap;
}

std::string outcome(const Row& row, Context context, bool privileged) {
  JavaAssembler cap = world(std::string(row.code));
  JavaCard card;
  const auto done = card.vm.load(1, cap.build());
  if (!done) return done.error().text;
  REQUIRE(card.run(cap, row.array ? "array" : "make", {}, 1, kOwner) == "object");
  const Ref ref = card.thread.result().ref();
  if (privileged) card.vm.heap().grant(ref, row.array ? machine::kGlobalArray : machine::kTemporaryEntryPoint);
  return card.run(cap, "main", {Cell::reference(ref)}, 1, context);
}

}  // namespace

TEST_CASE("firewall: each byte code on an object of one's own package, of another one, of the runtime (JCRE 6.2.8)") {
  for (const Row& row : kRows) {
    CAPTURE(row.code);
    CHECK(outcome(row, kOwner, false) == row.own);
    CHECK(outcome(row, kSamePackage, false) == row.own);
    CHECK(outcome(row, kForeign, false) == row.foreign);
    CHECK(outcome(row, kForeign, true) == row.entry_point);
    CHECK(outcome(row, machine::kRuntime, false) == row.of_runtime);
  }
}

TEST_CASE("firewall: an integrity-sensitive array of another package is as closed as any (JCRE 6.2.8)") {
  for (const char* code : {"aload_0; checkcast 14 #A; areturn", "aload_0; instanceof 14 #A; sreturn", "aload_0; arraylength; sreturn"}) {
    CAPTURE(code);
    JavaAssembler cap = world(code);
    JavaCard card;
    REQUIRE(card.vm.load(1, cap.build()));
    REQUIRE(card.run(cap, "array", {}, 1, kOwner) == "object");
    const Ref ref = card.thread.result().ref();
    card.vm.heap().grant(ref, machine::kIntegritySensitive);
    CHECK(card.run(cap, "main", {Cell::reference(ref)}, 1, kOwner) != kNo);
    CHECK(card.run(cap, "main", {Cell::reference(ref)}, 1, {2, 1}) == kNo);
  }
}

TEST_CASE("firewall: temporary entry points and global arrays are never stored (JCRE 6.2.1, 6.2.2)") {
  for (const char* code : {"new #A; aload_0; putfield_a #A.f0; return", "new #A; aload_0; putfield_a_w #A.f0; return",
                           "aload_0; putstatic_a #static0; return", "sconst_1; anewarray #Object; sconst_0; aload_0; aastore; return"}) {
    CAPTURE(code);
    for (const bool array : {false, true}) {
      CHECK(outcome({code, array, "", "", "", ""}, kOwner, true) == kNo);
      CHECK(outcome({code, array, "", "", "", ""}, kOwner, false) == "void");
      CHECK(outcome({code, array, "", "", "", ""}, machine::kRuntime, true) == "void");
    }
  }
}

TEST_CASE("firewall: a method runs in the context of the object's owner, whose then is what it makes (JCRE 6.2.3)") {
  JavaAssembler cap = world("aload_0; invokeinterface 1 #S 1; areturn");
  JavaCard card;
  REQUIRE(card.vm.load(1, cap.build()));
  REQUIRE(card.run(cap, "make", {}, 1, {1, 5}) == "object");
  const Ref server = card.thread.result().ref();
  REQUIRE(card.run(cap, "main", {Cell::reference(server)}, 1, kForeign) == "object");
  CHECK(card.vm.heap().find(card.thread.result().ref())->owner == Context{1, 5});
}

TEST_CASE("firewall: CLEAR_ON_DESELECT arrays belong to the selected context (JCRE 6.1.6)") {
  JavaAssembler cap = world("aload_0; sconst_0; baload; sreturn");
  JavaCard card;
  REQUIRE(card.vm.load(1, cap.build()));
  const Ref array = card.vm.make_array(jcvm::code::kTypeByte, 3, kOwner, machine::Lifetime::kClearOnDeselect);
  CHECK(card.run(cap, "main", {Cell::reference(array)}, 1, kOwner) == kNo);
  card.thread.selected = kSamePackage;
  CHECK(card.run(cap, "main", {Cell::reference(array)}, 1, kOwner) == "0");
  card.thread.selected = kForeign;
  CHECK(card.run(cap, "main", {Cell::reference(array)}, 1, kOwner) == kNo);
  CHECK(card.run(cap, "main", {Cell::reference(array)}, 1, machine::kRuntime) == "0");
}

TEST_CASE("firewall: an exception of the runtime's is caught and thrown on, one of another package's is not (JCRE 6.2.8.7)") {
  JavaAssembler cap = world(
      "from: sconst_1; sconst_0; sdiv; sreturn; to: return; caught: athrow; "
      ".catch from to caught any");
  JavaCard card;
  REQUIRE(card.vm.load(1, cap.build()));
  CHECK(card.run(cap, "main", {Cell::reference(0)}, 1, kOwner) == "ArithmeticException");
  JavaAssembler other;
  other.add_class({.name = "E", .super = "Throwable"});
  other.method("make", {}, "new #E; areturn");
  other.method("throw", {.arguments = 1}, "aload_0; athrow");
  JavaCard second;
  REQUIRE(second.vm.load(1, other.build()));
  REQUIRE(second.run(other, "make", {}, 1, kOwner) == "object");
  const Ref exception = second.thread.result().ref();
  CHECK(second.run(other, "throw", {Cell::reference(exception)}, 1, kOwner) == "F0000000A1.0");
  CHECK(second.run(other, "throw", {Cell::reference(exception)}, 1, kForeign) == kNo);
  CHECK(second.run(other, "throw", {Cell::reference(exception)}, 1, machine::kRuntime) == "F0000000A1.0");
}

TEST_CASE("firewall: forged references are refused: no object, static fields, a session that is over") {
  JavaAssembler cap = world("aload_0; arraylength; sreturn");
  JavaCard card;
  REQUIRE(card.vm.load(1, cap.build()));
  for (const Ref ref : {Ref{999}, machine::kFirstStatics + 1, machine::kFirstSession + 77, Ref{0xFFFFFFFF}}) {
    CHECK(card.run(cap, "main", {Cell::reference(ref)}, 1, kOwner) == kNo);
    CHECK(card.run(cap, "main", {Cell::reference(ref)}, 1, machine::kRuntime) == kNo);
  }
}
