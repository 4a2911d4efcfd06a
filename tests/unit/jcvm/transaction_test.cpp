// SPDX-License-Identifier: Apache-2.0
// What survives: writes outside a transaction at once, those within all or none (JCRE 3.1 chapters 5 and 7).
#include <doctest/doctest.h>

#include "tests/support/java_card.hpp"

using namespace uicclab;
using test::JavaAssembler;
using test::JavaCard;
namespace machine = jcvm::machine;
using machine::Cell;
using machine::NativeCall;
using machine::Outcome;
using machine::Ref;

namespace {

Outcome begin(NativeCall& call) {
  if (call.heap().in_transaction()) return call.throws(machine::kTransactionException, machine::kTransactionInProgress);
  call.heap().begin();
  return call.returns();
}

Outcome commit(NativeCall& call) {
  if (!call.heap().in_transaction()) return call.throws(machine::kTransactionException, machine::kTransactionNotInProgress);
  call.heap().commit();
  return call.returns();
}

Outcome abort(NativeCall& call) {
  call.machine().abort_transaction();
  return call.returns();
}

Outcome transient_objects(NativeCall& call) {
  const auto lifetime = static_cast<machine::Lifetime>(call.byte_at(1));
  const auto made = call.make_object_array(machine::kObject, call.short_at(0), call.caller(), lifetime);
  return made ? call.returns_reference(*made) : call.failed();
}

Outcome transient_bytes(NativeCall& call) {
  const auto made =
      call.make_array(jcvm::code::kTypeByte, call.short_at(0), call.caller(), static_cast<machine::Lifetime>(call.byte_at(1)));
  return made ? call.returns_reference(*made) : call.failed();
}

Outcome copy(NativeCall& call) {
  const auto source = call.read_array(0, call.short_at(1), call.short_at(4));
  if (!source || !call.write_array(2, call.short_at(3), *source)) return call.failed();
  return call.returns(static_cast<std::int16_t>(call.short_at(3) + call.short_at(4)));
}

Outcome copy_now(NativeCall& call) {
  const auto source = call.read_array(0, call.short_at(1), call.short_at(4));
  if (!source || !call.write_array_now(2, call.short_at(3), *source)) return call.failed();
  return call.returns(static_cast<std::int16_t>(call.short_at(3) + call.short_at(4)));
}

std::shared_ptr<const machine::Library> library() {
  static const auto made = [] {
    constexpr auto kSystem = std::to_array<machine::NativeMethod>({
        {"JCSystem", "beginTransaction", "()V", begin},
        {"JCSystem", "commitTransaction", "()V", commit},
        {"JCSystem", "abortTransaction", "()V", abort},
        {"JCSystem", "makeTransientByteArray", "(SB)[B", transient_bytes},
        {"JCSystem", "makeTransientObjectArray", "(SB)[Ljava/lang/Object;", transient_objects},
        {"Util", "arrayCopy", "([BS[BSS)S", copy},
        {"Util", "arrayCopyNonAtomic", "([BS[BSS)S", copy_now},
    });
    machine::NativeTable table;
    table.add("javacard/framework", kSystem);
    return std::make_shared<const machine::Library>(table, machine::Library::Accept::kEvery);
  }();
  return made;
}

/// Static fields: references at 0 and 2, shorts at 4 and 6. A has a reference and a short.
JavaAssembler world() {
  JavaAssembler cap;
  cap.external("JCSystem", 0, 8);
  cap.external("Util", 0, 16);
  cap.add_class({.name = "A", .cells = 2, .first_reference = 0, .references = 1});
  cap.statics.image_size = 8;
  cap.statics.reference_count = 2;
  cap.statics.default_value_count = 4;
  return cap;
}
/// A, the array and both shorts, as one line.
std::string state(machine::Machine& vm) {
  const machine::Object* statics = vm.heap().find(machine::kFirstStatics + 1);
  std::string out = to_hex(BytesView(statics->body).subspan(8));
  if (const machine::Object* array = vm.heap().find(statics->u32(0))) out += " " + to_hex(array->body);
  if (const machine::Object* instance = vm.heap().find(statics->u32(4))) out += " " + to_hex(instance->body);
  return out;
}

}  // namespace

TEST_CASE("transaction: abort brings back fields, static fields and elements; commit keeps them (JCRE 7.6)") {
  for (const bool aborted : {true, false}) {
    JavaAssembler cap = world();
    cap.method("main", {.locals = 1, .stack = 8},
               "sconst_4; newarray 11; putstatic_a #static0; new #A; putstatic_a #static2; invokestatic #JCSystem.m1; "
               "sconst_5; putstatic_s #static4; getstatic_a #static0; sconst_1; bspush 17; bastore; getstatic_a #static2; sconst_3; "
               "putfield_s #A.f1; "
               "sconst_2; putstatic_s #static4; " +
                   std::string(aborted ? "invokestatic #JCSystem.m0" : "invokestatic #JCSystem.m2") + "; return");
    JavaCard card(library());
    const auto file = cap.build();
    REQUIRE(card.vm.load(1, file));
    CHECK(card.run(cap, "main") == "void");
    CHECK(state(card.vm) == (aborted ? "00000000 00000000 0000000000000000" : "00020000 00110000 0000000000000003"));
    // What the store has is the same.
    machine::MemoryStore cut(card.store.sealed());
    machine::Machine again(card.library, cut, card.host);
    REQUIRE(again.attach(1, file));
    CHECK(state(again) == state(card.vm));
  }
}

TEST_CASE("transaction: references to objects that it created become null on abort, everywhere (JCRE 7.6.3)") {
  JavaAssembler cap = world();
  // Kept from before: a transient array. Made within: an object in a local variable, on the stack, in the array, in a static field.
  cap.method("main", {.locals = 2, .stack = 8},
             "sconst_2; sconst_1; invokestatic #JCSystem.m14; astore_0; invokestatic #JCSystem.m1; new #A; astore_1; aload_0; sconst_0; "
             "aload_1; aastore; "
             "aload_1; putstatic_a #static2; aload_1; invokestatic #JCSystem.m0; ifnonnull no; aload_1; ifnonnull no; aload_0; sconst_0; "
             "aaload; ifnonnull no; "
             "getstatic_a #static2; ifnonnull no; sconst_1; sreturn; no: sconst_0; sreturn");
  JavaCard card(library());
  REQUIRE(card.vm.load(1, cap.build()));
  const std::size_t before = card.store.numbers().size();
  CHECK(card.run(cap, "main") == "1");
  CHECK(card.store.numbers().size() == before + 1);  // the transient array's header
}

TEST_CASE("transaction: a parked thread's references become null too (JCRE 7.6.3)") {
  JavaAssembler cap = world();
  cap.method("make", {}, "invokestatic #JCSystem.m1; new #A; areturn");
  cap.method("hold", {.arguments = 1, .locals = 1}, "here: sinc 1 1; goto here");
  JavaCard card(library());
  REQUIRE(card.vm.load(1, cap.build()));
  REQUIRE(card.run(cap, "make") == "object");
  const Ref made = card.thread.result().ref();
  machine::Thread parked(card.vm);
  REQUIRE(card.vm.call_static(parked, 1, cap.offset_of("hold"), {1, 1}, {{Cell::reference(made)}}));
  card.vm.abort_transaction();
  CHECK(card.vm.heap().find(made) == nullptr);
  CHECK(card.thread.result() == machine::Value::reference(0));
  CHECK_FALSE(card.vm.heap().in_transaction());
}

TEST_CASE("transaction: the commit buffer has a size (JCRE 7.7)") {
  machine::MachineSettings settings;
  settings.memory.commit_capacity = 6;
  JavaAssembler cap = world();
  cap.method("main", {.locals = 1, .stack = 8},
             "sconst_4; newarray 11; putstatic_a #static0; invokestatic #JCSystem.m1; sconst_1; putstatic_s #static4; sconst_2; "
             "putstatic_s #static4; "
             "sconst_1; putstatic_s #static6; getstatic_a #static0; sconst_0; sconst_1; bastore; getstatic_a #static0; sconst_1; sconst_1; "
             "bastore; "
             "getstatic_a #static0; sconst_2; sconst_1; bastore; return");
  JavaCard card(library(), settings);
  REQUIRE(card.vm.load(1, cap.build()));
  CHECK(card.run(cap, "main") == "TransactionException 3");
  CHECK(card.vm.heap().unused_commit_capacity() == 0);
  CHECK(state(card.vm) == "00020001 01010000");
  card.vm.abort_transaction();
  CHECK(state(card.vm) == "00000000 00000000");
  CHECK(card.vm.heap().unused_commit_capacity() == 6);
}

TEST_CASE("transaction: Util.arrayCopyNonAtomic is outside of it, Util.arrayCopy within (JCRE 7.6.1)") {
  const auto run = [](const std::string& token) {
    JavaAssembler cap = world();
    cap.method(
        "main", {.locals = 1, .stack = 8},
        "sconst_4; newarray 11; putstatic_a #static0; sconst_2; newarray 11; astore_0; aload_0; sconst_0; bspush 85; bastore; invokestatic "
        "#JCSystem.m1; aload_0; sconst_0; getstatic_a #static0; sconst_1; sconst_2; invokestatic #Util." +
            token + "; pop; invokestatic #JCSystem.m0; return");
    JavaCard card(library());
    REQUIRE(card.vm.load(1, cap.build()));
    REQUIRE(card.run(cap, "main") == "void");
    return state(card.vm);
  };
  CHECK(run("m1") == "00000000 00000000");
  CHECK(run("m2") == "00000000 00550000");
}

namespace {

struct PowerCut {};

/// The power goes when something would become final for the `at`th time.
class CutStore : public machine::MemoryStore {
 public:
  std::size_t at = SIZE_MAX;

 private:
  void on_seal() override {
    if (seals() + 1 == at) throw PowerCut();
  }
};

}  // namespace

TEST_CASE("tear: a power cut at write k leaves writes 1 to k - 1, in order; a transaction is one write (JCRE 7.2)") {
  JavaAssembler cap = world();
  cap.method("ready", {.stack = 8}, "sconst_4; newarray 11; putstatic_a #static0; new #A; putstatic_a #static2; return");
  cap.method("main", {.locals = 1, .stack = 8},
             "sconst_1; putstatic_s #static4; getstatic_a #static0; sconst_0; sconst_1; bastore; getstatic_a #static2; sconst_1; "
             "putfield_s #A.f1; "
             "invokestatic #JCSystem.m1; sconst_2; putstatic_s #static4; sconst_2; putstatic_s #static6; getstatic_a #static0; sconst_1; "
             "sconst_2; bastore; "
             "invokestatic #JCSystem.m2; sconst_3; putstatic_s #static6; sconst_1; sconst_0; sdiv; sreturn");
  const std::vector<std::string> states{
      "00000000 00000000 0000000000000000", "00010000 00000000 0000000000000000", "00010000 01000000 0000000000000000",
      "00010000 01000000 0000000000000001", "00020002 01020000 0000000000000001", "00020003 01020000 0000000000000001",
  };
  const auto file = cap.build();
  for (std::size_t k = 1; k <= states.size(); ++k) {
    CAPTURE(k);
    CutStore store;
    machine::NativeHost host;
    machine::Machine vm(library(), store, host);
    REQUIRE(vm.load(1, file));
    machine::Thread thread(vm);
    std::uint64_t budget = 1000;
    REQUIRE(vm.call_static(thread, 1, cap.offset_of("ready"), {1, 1}, {}));
    REQUIRE(vm.run(thread, budget) == machine::RunState::kFinished);
    store.at = store.seals() + k;
    REQUIRE(vm.call_static(thread, 1, cap.offset_of("main"), {1, 1}, {}));
    bool cut = false;
    try {
      // The exception at its end takes nothing back.
      const auto ended = vm.run(thread, budget);
      CHECK(ended == machine::RunState::kThrew);
    } catch (const PowerCut&) {
      cut = true;
    }
    CHECK(cut == (k < states.size()));
    machine::MemoryStore after(store.sealed());
    machine::Machine again(library(), after, host);
    REQUIRE(again.attach(1, file));
    CHECK(state(again) == states[k - 1]);
  }
}

TEST_CASE("transient arrays: contents go with reset or deselection, the object stays (JCRE 5.1)") {
  JavaAssembler cap = world();
  cap.method("make", {.arguments = 1},
             "sconst_3; sload_0; invokestatic #JCSystem.m13; dup; putstatic_a #static0; sconst_0; bspush 9; bastore; return");
  cap.method("read", {}, "getstatic_a #static0; sconst_0; baload; sreturn");
  const auto file = cap.build();
  for (const std::int16_t lifetime : std::initializer_list<std::int16_t>{1, 2}) {
    JavaCard card(library());
    card.thread.selected = machine::Context{1, 1};
    REQUIRE(card.vm.load(1, file));
    REQUIRE(card.run(cap, "make", {Cell::of(lifetime)}) == "void");
    CHECK(card.run(cap, "read") == "9");
    card.vm.heap().deselect(2);
    CHECK(card.run(cap, "read") == "9");
    card.vm.heap().deselect(1);
    CHECK(card.run(cap, "read") == (lifetime == 1 ? "9" : "0"));
    card.vm.reset();
    CHECK(card.run(cap, "read") == "0");
    CHECK(card.vm.heap().used().transient() == 3);
  }
}

TEST_CASE("memory: quotas of an instance and the card's size throw SystemException NO_RESOURCE, NO_TRANSIENT_SPACE") {
  JavaAssembler cap = world();
  cap.method("array", {.arguments = 1}, "sload_0; newarray 11; areturn");
  cap.method("transient", {.arguments = 1}, "sload_0; sconst_1; invokestatic #JCSystem.m13; areturn");
  machine::MachineSettings settings;
  settings.memory = {.persistent = 1000, .clear_on_reset = 100, .clear_on_deselect = 100, .header = 8, .commit_capacity = 100};
  JavaCard card(library(), settings);
  const auto file = cap.build();
  REQUIRE(card.vm.load(1, file));
  const std::uint32_t before = card.vm.heap().used().persistent;
  CHECK(card.run(cap, "array", {Cell::of(1000)}) == "SystemException 5");
  CHECK(card.run(cap, "transient", {Cell::of(101)}) == "SystemException 2");
  CHECK(card.run(cap, "transient", {Cell::of(60)}) == "object");
  CHECK(card.run(cap, "transient", {Cell::of(60)}) == "SystemException 2");
  card.vm.heap().set_quota({1, 1}, {.persistent = 60, .transient = 70});
  CHECK(card.run(cap, "array", {Cell::of(44)}) == "object");
  CHECK(card.run(cap, "array", {Cell::of(1)}) == "SystemException 5");
  CHECK(card.run(cap, "transient", {Cell::of(11)}) == "SystemException 2");
  CHECK(card.run(cap, "array", {Cell::of(1)}, 1, {1, 2}) == "object");  // another instance
  CHECK(card.vm.heap().used_by({1, 1}).persistent == 60);
  CHECK(card.vm.heap().used_by({1, 1}).transient() == 60);
  CHECK(card.vm.heap().used().persistent == before + 60 + 9);
  // Counted again from the store, it is the same.
  machine::Machine again(card.library, card.store, card.host, settings);
  REQUIRE(again.attach(1, file));
  CHECK(again.heap().used().persistent == card.vm.heap().used().persistent);
  CHECK(again.heap().used_by({1, 1}).transient() == 60);
}

TEST_CASE("collection: unreachable objects are erased, also circles; roots, static fields and running threads keep theirs") {
  JavaAssembler cap = world();
  cap.method("kept", {.locals = 1}, "new #A; dup; putstatic_a #static2; new #A; putfield_a #A.f0; return");
  cap.method("circle", {.locals = 2},
             "new #A; astore_0; new #A; astore_1; aload_0; aload_1; putfield_a #A.f0; aload_1; aload_0; putfield_a #A.f0; return");
  cap.method("root", {}, "new #A; areturn");
  cap.method("hold", {.arguments = 1, .locals = 1}, "here: goto here");
  JavaCard card(library());
  REQUIRE(card.vm.load(1, cap.build()));
  REQUIRE(card.run(cap, "kept") == "void");
  REQUIRE(card.run(cap, "circle") == "void");
  REQUIRE(card.run(cap, "root") == "object");
  const Ref root = card.thread.result().ref();
  REQUIRE(card.run(cap, "root") == "object");
  const Ref held = card.thread.result().ref();
  machine::Thread parked(card.vm);
  REQUIRE(card.vm.call_static(parked, 1, cap.offset_of("hold"), {1, 1}, {{Cell::reference(held)}}));
  card.vm.stop(card.thread);
  CHECK(card.vm.collect({{root}}) == 2);
  CHECK(card.vm.heap().find(root) != nullptr);
  CHECK(card.vm.heap().find(held) != nullptr);
  card.vm.stop(parked);
  CHECK(card.vm.collect({{root}}) == 1);
  CHECK(card.vm.collect({}) == 1);
  CHECK(card.store.numbers().size() == 3);  // static fields, and two objects that they lead to
}
