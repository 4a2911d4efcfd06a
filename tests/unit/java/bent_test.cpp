// SPDX-License-Identifier: Apache-2.0
// Load files that no compiler makes, on a card: what they do in install() leaves nothing, and the card goes on.
#include "profile/build.hpp"
#include "profile/default.hpp"
#include "tests/support/dump.hpp"
#include "tests/support/java_assembler.hpp"
#include "tests/unit/java/stage.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

const std::string kBent = "F0756963B0";
const std::string kBentApplet = "F0756963B001";

/// A package that the code imports beside javacard.framework, and the classes that it names, with their tokens.
struct Further {
  std::string package;
  std::vector<std::pair<std::string, unsigned>> classes;
};

/// Components of a package with one applet, whose install() is this.
Bytes bent(const std::string& code, const std::vector<Further>& further = {}) {
  JavaAssembler made;
  made.package = kBent;
  made.external("JCSystem", 0, 8);
  made.external("ISOException", 0, 7);
  made.external("APDU", 0, 10);
  made.external("Util", 0, 16);
  for (const Further& one : further) {
    made.import_package(one.package, 1, 0);
    for (const auto& [name, token] : one.classes) made.external(name, static_cast<unsigned>(made.imports.size() - 1), token);
  }
  made.add_class({.name = "Bent", .super = "Applet", .base = 7, .methods = {"process"}});
  made.applets = {{*Aid::from(*from_hex(kBentApplet)), 0}};
  made.install_methods = {"install"};
  made.method("install", {.arguments = 3, .locals = 3, .stack = 8}, code);
  made.method("process", {.arguments = 2}, "return");
  return made.build().encode(jcvm::cap::kLoadOrder);
}

/// Loads it.
void load_bent(Stage& s, const std::string& code, const std::vector<Further>& further = {}) {
  REQUIRE(s.m.manage("E60200", lv(kBent) + "00000000") == "009000");
  REQUIRE(load(s.m, load_blocks(bent(code, further))) == "009000");
}

constexpr const char* kRegister = "new #Bent; dup; invokespecial #Applet.m0; invokevirtual #Applet.v1; ";

std::string install_it(Stage& s) {
  return s.install_it(kBentApplet, "C900", kBent, kBentApplet);
}

}  // namespace

TEST_CASE("java: an applet that registers and returns is there (JCRE clause 11.2)") {
  Stage s;
  load_bent(s, std::string(kRegister) + "return");
  CHECK(install_it(s) == "009000");
  CHECK(s.select(kBentApplet) == "9000");
}

TEST_CASE("java: an APDU object that a program made itself is invalid, before and during a command (JCRE clause 6.2.1)") {
  for (const char* use : {"invokevirtual #APDU.v14; pop; ", "invokevirtual #APDU.v1; pop; ", "invokevirtual #APDU.v6; pop; ",
                          "sconst_0; sconst_5; invokevirtual #APDU.v8; "}) {
    CAPTURE(use);
    Stage s;
    load_bent(s, "new #APDU; " + std::string(use) + kRegister + "return");
    const Dump before = dump(s.m.terminal.card.nvm());
    CHECK(install_it(s) == "6F00");
    CHECK(dump(s.m.terminal.card.nvm()) == before);
  }
}

TEST_CASE("java: register() in a transaction that is aborted was not called (JCRE clauses 7.6.3, 11.2)") {
  const std::string begin = "invokestatic #JCSystem.m1; ";
  const std::string abort = "invokestatic #JCSystem.m0; ";
  Stage s;
  load_bent(s, begin + kRegister + abort + "return");
  const Dump before = dump(s.m.terminal.card.nvm());
  CHECK(install_it(s) == "6F00");
  CHECK(dump(s.m.terminal.card.nvm()) == before);
  CHECK(s.select(kBentApplet) == "6A82");
  SUBCASE("and can be called again") {
    Stage again;
    load_bent(again, begin + kRegister + abort + kRegister + "return");
    CHECK(install_it(again) == "009000");
    CHECK(again.select(kBentApplet) == "9000");
  }
}

TEST_CASE("java: install() that throws leaves nothing, with reason 9000 too (JCRE clause 11.2)") {
  Stage s;
  load_bent(s, std::string(kRegister) + "sspush -28672; invokestatic #ISOException.m1; return");
  const Dump before = dump(s.m.terminal.card.nvm());
  CHECK(install_it(s) == "6F00");
  CHECK(dump(s.m.terminal.card.nvm()) == before);
  CHECK(s.select(kBentApplet) == "6A82");
}

TEST_CASE("java in a profile: an install() that never has enough memory is refused, it does not get the computer's") {
  profile::Profile profile = *profile::default_profile();
  profile.load_files = {{"", bent("here: sspush 32767; newarray 11; pop; goto here"), {}}};
  profile::ApplicationSpec application;
  application.module = kBentApplet;
  application.load_file = *Aid::from(*from_hex(kBent));
  application.aid = *Aid::from(*from_hex(kBentApplet));
  application.in_dir = false;
  profile.applications.push_back(application);
  const auto image = profile::build_image(profile, applet::builtin_modules());
  REQUIRE_FALSE(image);
  CHECK(image.error().text.find("(6A84)") != std::string::npos);
}

TEST_CASE(
    "java: a constructor of the API that is called once more leaves no length that is not the array's (JCVM clause 7.5, invokespecial)") {
  // init() with three bytes of value, the constructor again with none: getLength() is 0.
  struct Kind {
    std::string name;
    unsigned token;
    int tag;
  };
  for (const Kind& kind : {Kind{"PrimitiveBERTLV", 4, 65}, Kind{"ConstructedBERTLV", 2, 97}}) {
    CAPTURE(kind.name);
    const std::string klass = "#" + kind.name;
    Stage s;
    load_bent(s,
              "new " + klass + "; dup; bspush 8; invokespecial " + klass + ".m0; astore 3; sconst_5; newarray 11; astore 4; " +
                  "aload 4; sconst_0; bspush " + std::to_string(kind.tag) + "; bastore; aload 4; sconst_1; sconst_3; bastore; " +
                  "aload 4; sconst_2; bspush 65; bastore; aload 4; sconst_3; sconst_1; bastore; " +
                  "aload 3; aload 4; sconst_0; sconst_5; invokevirtual " + klass + ".v5; pop; " + "aload 3; sconst_0; invokespecial " +
                  klass + ".m0; " + "aload 3; invokevirtual " + klass + ".v3; ifeq good; return; good: " + kRegister + "return",
              {{"A000000062020803", {{kind.name, kind.token}}}});
    CHECK(install_it(s) == "009000");
  }
}

namespace {

/// Leaves six bytes of the commit buffer, in a transaction.
constexpr const char* kFillBuffer =
    "sspush 4090; newarray 11; astore 5; invokestatic #JCSystem.m1; "
    "aload 5; sconst_0; aload 5; sconst_0; sspush 4090; invokestatic #Util.m1; pop; ";

}  // namespace

TEST_CASE("java: a Dispatcher whose constructor fails the second time has as many places as before (JCRE clause 7.7)") {
  Stage s;
  load_bent(s,
            std::string("new #Dispatcher; dup; sconst_1; invokespecial #Dispatcher.m0; astore 3; ") +
                "new #BasicService; dup; invokespecial #BasicService.m0; astore 4; " + kFillBuffer +
                "first: aload 3; bspush 8; invokespecial #Dispatcher.m0; last: return; full: pop; invokestatic #JCSystem.m2; " +
                "aload 3; aload 4; sconst_1; invokevirtual #Dispatcher.v1; " +
                "more: aload 3; aload 4; sconst_2; invokevirtual #Dispatcher.v1; end: return; refused: pop; " + kRegister +
                "return; .catch first last full any; .catch more end refused any",
            {{"A000000062010101", {{"Dispatcher", 6}, {"BasicService", 3}}}});
  CHECK(install_it(s) == "009000");
}

TEST_CASE("java: a handler that the commit buffer had no room to change has no element selected (TS 102 241 annex A, JCRE clause 7.7)") {
  Stage s;
  load_bent(s,
            std::string("sconst_4; newarray 11; astore 3; aload 3; sconst_0; sconst_1; bastore; aload 3; sconst_1; sconst_2; bastore; ") +
                "sconst_1; bspush 16; aload 3; sconst_0; sconst_4; invokestatic #HandlerBuilder.m1; astore 4; " +
                "aload 4; sconst_1; sconst_1; invokeinterface 3 #EditHandler 2; pop; " + kFillBuffer +
                "first: aload 4; invokeinterface 1 #EditHandler 13; last: return; full: pop; invokestatic #JCSystem.m2; " +
                "more: aload 4; sconst_0; invokeinterface 2 #EditHandler 4; end: pop; return; refused: pop; " + kRegister +
                "return; .catch first last full any; .catch more end refused any",
            {{"A0000000090005FFFFFFFF8912000000", {{"EditHandler", 2}}}, {"A0000000090005FFFFFFFF8913000000", {{"HandlerBuilder", 0}}}});
  CHECK(install_it(s) == "009000");
}
