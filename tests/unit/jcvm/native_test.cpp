// SPDX-License-Identifier: Apache-2.0
// Native methods: arguments, exceptions, calls of Java, waiting; and the budget of a run.
#include <doctest/doctest.h>

#include "tests/support/java_card.hpp"

using namespace uicclab;
using test::JavaAssembler;
using test::JavaCard;
namespace machine = jcvm::machine;
using machine::Cell;
using machine::Context;
using machine::NativeCall;
using machine::Outcome;
using machine::Ref;

namespace {

Outcome nothing(NativeCall& call) {
  return call.returns();
}

Outcome throw_reason(NativeCall& call) {
  return call.throws(machine::kISOException, call.short_at(0));
}

/// The reason goes into an exception of the applet's own.
Outcome make_exception(NativeCall& call) {
  return call.set_number(call.self(), machine::kCardRuntimeException, 0, call.short_at(0)) ? call.returns() : call.failed();
}

Outcome get_reason(NativeCall& call) {
  return call.returns(static_cast<std::int16_t>(call.number_in(call.self(), machine::kCardRuntimeException, 0)));
}

/// getAppletShareableInterfaceObject: asks the applet in scratch of the test, in its context.
Ref server = machine::kNull;
Outcome ask_server(NativeCall& call) {
  constexpr std::uint8_t kGetShareable = 5;
  constexpr std::uint8_t kAsked = 1;
  if (call.step() == 0) {
    call.scratch(3) = Cell::of(1234);
    const std::array<Cell, 2> arguments{Cell::reference(call.reference_at(0)), Cell::of(call.byte_at(1))};
    return call.calls_virtual(server, machine::kApplet, kGetShareable, arguments, kAsked, NativeCall::Catch::kAll);
  }
  if (call.scratch(3) != Cell::of(1234)) return call.throws(machine::kSecurityException);
  if (call.caught() != machine::kNull) return call.returns_reference(machine::kNull);
  return call.returns_reference(call.result().ref());
}

Outcome wait_twice(NativeCall& call) {
  if (call.step() < 2) return call.waits(static_cast<std::uint8_t>(call.step() + 1));
  return call.returns();
}

Outcome previous(NativeCall& call) {
  const auto context = call.previous();
  return call.returns(static_cast<std::int16_t>(context ? context->package : 0));
}

Outcome sum(NativeCall& call) {
  const auto bytes = call.read_array(0, call.short_at(1), 2);
  if (!bytes) return call.failed();
  return call.returns(static_cast<std::int16_t>((*bytes)[0] << 8 | (*bytes)[1]));
}

Outcome compare(NativeCall& call) {
  const auto one = call.read_array(0, call.short_at(1), call.short_at(4));
  const auto other = one ? call.read_array(2, call.short_at(3), call.short_at(4)) : std::nullopt;
  return other ? call.returns(std::int16_t{0}) : call.failed();
}

/// As many objects as the first argument says.
Outcome make_objects(NativeCall& call) {
  for (int i = 0; i < call.byte_at(0); ++i) {
    if (!call.make(machine::kObject, call.caller())) return call.failed();
  }
  return call.returns(std::int16_t{0});
}

std::shared_ptr<const machine::Library> library() {
  static const auto made = [] {
    constexpr auto kMethods = std::to_array<machine::NativeMethod>({
        {"Applet", "<init>", "()V", nothing},
        {"ISOException", "throwIt", "(S)V", throw_reason},
        {"ISOException", "<init>", "(S)V", make_exception},
        {"CardRuntimeException", "getReason", "()S", get_reason},
        {"JCSystem", "getAppletShareableInterfaceObject", "(Ljavacard/framework/AID;B)Ljavacard/framework/Shareable;", ask_server},
        {"JCSystem", "requestObjectDeletion", "()V", wait_twice},
        {"JCSystem", "getVersion", "()S", previous},
        {"Util", "arrayCompare", "([BS[BSS)B", compare},
        {"Util", "getShort", "([BS)S", sum},
        {"Util", "makeShort", "(BB)S", make_objects},
    });
    machine::NativeTable table;
    table.add("javacard/framework", kMethods);
    return std::make_shared<const machine::Library>(table, machine::Library::Accept::kEvery);
  }();
  return made;
}

JavaAssembler world(const std::string& main, const std::string& get = "aload_0; areturn") {
  JavaAssembler cap;
  cap.external("JCSystem", 0, 8);
  cap.external("Util", 0, 16);
  cap.external("ISOException", 0, 7);
  cap.external("CardRuntimeException", 0, 5);
  // getShareableInterfaceObject is method 5 of Applet.
  cap.add_class({.name = "Server",
                 .super = "Applet",
                 .cells = 1,
                 .base = 5,
                 .methods = {"get", "", "process"},
                 .interfaces = {{"Shareable", {}}},
                 .shareable = true});
  cap.method("main", {.locals = 2, .stack = 6}, main);
  cap.method("make", {}, "new #Server; dup; invokespecial #Applet.m0; areturn");
  cap.method("get", {.arguments = 3}, get);
  cap.method("process", {.arguments = 2}, "return");
  return cap;
}

std::string outcome(const std::string& main) {
  JavaAssembler cap = world(main);
  JavaCard card(library());
  const auto done = card.vm.load(1, cap.build());
  return done ? card.run(cap, "main") : done.error().text;
}

}  // namespace

TEST_CASE("natives: exceptions of the runtime's and of the applet's own, with their reasons") {
  CHECK(outcome("sspush 27010; invokestatic #ISOException.m1; return") == "ISOException 27010");
  CHECK(
      outcome(
          "from: sspush 27010; invokestatic #ISOException.m1; return; to: return; caught: invokevirtual #CardRuntimeException.v1; sreturn; "
          ".catch from to caught ISOException") == "27010");
  CHECK(outcome("new #ISOException; dup; sspush 24576; invokespecial #ISOException.m0; athrow") == "ISOException 24576");
  CHECK(outcome("new #ISOException; dup; sconst_5; invokespecial #ISOException.m0; invokevirtual #ISOException.v1; sreturn") == "5");
}

TEST_CASE("natives: arguments are of the kind that the descriptor says, whoever calls (JCVM 7.5, invokestatic)") {
  CHECK(outcome("sconst_3; newarray 11; sconst_1; invokestatic #Util.m4; sreturn") == "0");
  CHECK(outcome("sconst_3; newarray 11; sconst_2; invokestatic #Util.m4; sreturn") == "ArrayIndexOutOfBoundsException");
  CHECK(outcome("sconst_3; newarray 11; sconst_m1; invokestatic #Util.m4; sreturn") == "ArrayIndexOutOfBoundsException");
  CHECK(outcome("aconst_null; sconst_1; invokestatic #Util.m4; sreturn") == "NullPointerException");
  CHECK(outcome("sconst_3; newarray 12; sconst_1; invokestatic #Util.m4; sreturn") == "SecurityException");
  CHECK(outcome("sconst_3; newarray 11; aconst_null; invokestatic #Util.m4; sreturn") == "SecurityException");
  CHECK(outcome("sconst_3; sconst_1; invokestatic #Util.m4; sreturn") == "SecurityException");
  CHECK(outcome("new #Server; sconst_1; invokestatic #Util.m4; sreturn") == "SecurityException");
  CHECK(outcome("sconst_3; newarray 11; iconst_1; invokestatic #Util.m4; sreturn") == "SecurityException");
  // A constructor of another class
  CHECK(outcome("new #Server; sconst_1; invokespecial #ISOException.m0; return") == "SecurityException");
  // Cells of native classes are no fields.
  CHECK(outcome("new #ISOException; getfield_s #ISOException.f0; sreturn").find("ISOException has no field 0") != std::string::npos);
}

TEST_CASE("natives: a method that is not implemented throws SystemException ILLEGAL_USE, with its name") {
  struct Host : machine::NativeHost {
    void absent(std::string_view method) override { name = method; }
    std::string name;
  } host;
  JavaAssembler cap = world("invokestatic #JCSystem.m7; sreturn");
  machine::MemoryStore store;
  machine::Machine vm(library(), store, host);
  REQUIRE(vm.load(1, cap.build()));
  machine::Thread thread(vm);
  std::uint64_t budget = 100;
  REQUIRE(vm.call_static(thread, 1, cap.offset_of("main"), {1, 1}, {}));
  CHECK(vm.run(thread, budget) == machine::RunState::kThrew);
  CHECK(vm.reason(thread.exception()) == machine::kIllegalUse);
  CHECK(host.name == "javacard/framework/JCSystem.getTransactionDepth()B");
}

TEST_CASE("natives: a call of Java, its result, its exception; scratch cells last") {
  const auto run = [](const std::string& get) {
    JavaAssembler cap = world("aconst_null; sconst_5; invokestatic #JCSystem.m4; areturn", get);
    JavaCard card(library());
    REQUIRE(card.vm.load(1, cap.build()));
    REQUIRE(card.run(cap, "make", {}, 1, {1, 7}) == "object");
    server = card.thread.result().ref();
    return card.run(cap, "main", {}, 1, {2, 1});
  };
  CHECK(run("aload_0; areturn") == "object");
  CHECK(run("aconst_null; areturn") == "null");
  CHECK(run("sconst_1; sconst_0; sdiv; sreturn") == "null");
  CHECK(run("sload_2; newarray 11; areturn") == "object");
  // In the owner's context: who was active before is package 2.
  CHECK(run("invokestatic #JCSystem.m9; sconst_2; if_scmpne no; aload_0; areturn; no: aconst_null; areturn") == "object");
}

TEST_CASE("natives: a class that has put a method with other arguments in the place of the one that is called throws SecurityException") {
  JavaAssembler cap = world("return");
  cap.external("JCSystem", 0, 8);
  cap.add_class({.name = "Bent", .super = "Applet", .base = 5, .methods = {"one", "", "process"}});
  cap.method("one", {.arguments = 1}, "aload_0; areturn");
  cap.method("made", {}, "new #Bent; areturn");
  cap.method("asks", {.stack = 4}, "aconst_null; sconst_5; invokestatic #JCSystem.m4; areturn");
  JavaCard card(library());
  REQUIRE(card.vm.load(1, cap.build()));
  REQUIRE(card.run(cap, "made") == "object");
  server = card.thread.result().ref();
  CHECK(card.run(cap, "asks") == "SecurityException");
}

TEST_CASE("natives: waiting leaves the run, and goes on where it was") {
  JavaAssembler cap = world("bspush 42; invokestatic #JCSystem.m18; sreturn");
  JavaCard card(library());
  REQUIRE(card.vm.load(1, cap.build()));
  CHECK(card.run(cap, "main") == "waiting");
  // Others run meanwhile.
  machine::Thread other(card.vm);
  REQUIRE(card.vm.call_static(other, 1, cap.offset_of("make"), {1, 2}, {}));
  std::uint64_t budget = 100;
  CHECK(card.vm.run(other, budget) == machine::RunState::kFinished);
  CHECK(card.go() == "waiting");
  CHECK(card.go() == "42");
}

TEST_CASE("budget: an endless loop is stopped, its handlers do not run, and the card still works") {
  JavaAssembler cap =
      world("from: sconst_0; sstore_0; here: sinc 0 1; goto here; to: return; caught: sconst_1; sreturn; .catch from to caught any");
  JavaCard card(library());
  REQUIRE(card.vm.load(1, cap.build()));
  CHECK(card.run(cap, "main") == "out of budget");
  CHECK(card.thread.executed() == 100000);
  CHECK(card.thread.frames().empty());
  CHECK(card.run(cap, "make") == "object");
  // A run that needs exactly what it gets
  REQUIRE(card.vm.call_static(card.thread, 1, cap.offset_of("make"), {1, 1}, {}));
  CHECK(card.go(6) == "object");
  REQUIRE(card.vm.call_static(card.thread, 1, cap.offset_of("make"), {1, 1}, {}));
  CHECK(card.go(4) == "out of budget");
}

TEST_CASE("budget: a native method that moves much pays for it, one that moves little does not") {
  const auto executed = [](const std::string& size) {
    JavaAssembler cap = world("sspush 32000; newarray 11; astore_0; here: aload_0; sconst_0; aload_0; sconst_0; sspush " + size +
                              "; invokestatic #Util.m0; pop; goto here");
    JavaCard card(library());
    REQUIRE(card.vm.load(1, cap.build()));
    CHECK(card.run(cap, "main") == "out of budget");
    return card.thread.executed();
  };
  CHECK(executed("2") > 98000);
  CHECK(executed("32000") < 1000);
}

TEST_CASE("machine: a frame that is larger than the whole stack throws SystemException NO_RESOURCE") {
  JavaAssembler cap = world("return");
  cap.method("large", {.locals = 200, .stack = 200}, "return");
  cap.method("caller", {}, "invokestatic @large; return");
  machine::MachineSettings settings;
  settings.stack_cells = 300;
  JavaCard card(library(), settings);
  REQUIRE(card.vm.load(1, cap.build()));
  CHECK(card.run(cap, "large") == "SystemException 5");
  CHECK(card.run(cap, "caller") == "SystemException 5");
  CHECK(card.run(cap, "make") == "object");
}

TEST_CASE("machine: install and virtual methods are called by their tokens") {
  JavaAssembler cap = world("return");
  cap.applets = {{*Aid::from(*from_hex("F0000000A101")), 0}};
  cap.install_methods = {"install"};
  cap.method("install", {.arguments = 3, .stack = 4},
             "invokestatic @make; pop; sload_1; sload_2; sadd; invokestatic #ISOException.m1; return");
  JavaCard card(library());
  const auto file = cap.build();
  const auto loaded = card.vm.load(1, file);
  REQUIRE_MESSAGE(loaded, loaded.error().text);
  CHECK_FALSE(card.vm.call_install(card.thread, 1, *Aid::from(*from_hex("F0000000A102")), {1, 1}, machine::kNull, 0, 0));
  REQUIRE(card.vm.call_install(card.thread, 1, cap.applets[0].aid, {1, 1}, machine::kNull, 300, 5));
  CHECK(card.go() == "ISOException 305");
  REQUIRE(card.run(cap, "make") == "object");
  const Ref applet = card.thread.result().ref();
  CHECK(card.vm.is_a(applet, machine::kApplet));
  CHECK_FALSE(card.vm.call_virtual(card.thread, applet, machine::kAid, 0, {}));
  CHECK_FALSE(card.vm.call_virtual(card.thread, applet, machine::kApplet, 7, {}));
  CHECK_FALSE(card.vm.call_virtual(card.thread, machine::kNull, machine::kApplet, 7, {{Cell::reference(0)}}));
  REQUIRE(card.vm.call_virtual(card.thread, applet, machine::kApplet, 7, {{Cell::reference(0)}}));
  CHECK(card.go() == "void");
}

TEST_CASE("budget: a native method pays for each object that it makes, as `new` does") {
  const auto used = [](int objects) {
    JavaAssembler cap = world("sspush " + std::to_string(objects) + "; sconst_0; invokestatic #Util.m5; sreturn");
    JavaCard card(library());
    REQUIRE(card.vm.load(1, cap.build()));
    REQUIRE(card.vm.call_static(card.thread, 1, cap.offset_of("main"), {1, 1}, {}));
    std::uint64_t budget = 10000;
    CHECK(card.vm.run(card.thread, budget) == machine::RunState::kFinished);
    return 10000 - budget;
  };
  CHECK(used(100) == used(0) + 100);
}
