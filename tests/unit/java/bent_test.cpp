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

/// Components of a package with one applet, whose install() is this.
Bytes bent(const std::string& code) {
  JavaAssembler made;
  made.package = kBent;
  made.external("JCSystem", 0, 8);
  made.external("ISOException", 0, 7);
  made.external("APDU", 0, 10);
  made.add_class({.name = "Bent", .super = "Applet", .base = 7, .methods = {"process"}});
  made.applets = {{*Aid::from(*from_hex(kBentApplet)), 0}};
  made.install_methods = {"install"};
  made.method("install", {.arguments = 3, .stack = 4}, code);
  made.method("process", {.arguments = 2}, "return");
  return made.build().encode(jcvm::cap::kLoadOrder);
}

/// Loads it.
void load_bent(Stage& s, const std::string& code) {
  REQUIRE(s.m.manage("E60200", lv(kBent) + "00000000") == "009000");
  REQUIRE(load(s.m, load_blocks(bent(code))) == "009000");
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
