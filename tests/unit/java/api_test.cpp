// SPDX-License-Identifier: Apache-2.0
// javacard.framework and javacardx.framework on a card: results and exceptions (Java Card API 3.0.5).
#include "tests/unit/java/stage.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

struct Api : Stage {
  Api() {
    REQUIRE(load_file("F0756963A4", "services") == "009000");
    REQUIRE(install_it("F0756963A401", "C900", "F0756963A4", "F0756963A401") == "009000");
    REQUIRE(select("F0756963A401") == "9000");
  }
};

struct Case {
  const char* number;
  const char* answer;
};

void check(Api& s, std::initializer_list<Case> cases) {
  for (const auto& [number, answer] : cases) CHECK_MESSAGE(s.ask(number) == answer, "case " << number << ": " << s.ask(number));
}

}  // namespace

TEST_CASE("java API: reSelectingApplet() is true in deselect(), select() and process() of the same instance (Applet)") {
  NEEDS_APPLETS();
  Api s;
  CHECK(s.ask("01") == "009000");
  REQUIRE(s.select("F0756963A401") == "9000");
  CHECK(s.ask("01") == "079000");
  REQUIRE(s.select("A0000000871002FF49FF0589").ends_with("9000"));
  REQUIRE(s.select("F0756963A401") == "9000");
  CHECK(s.ask("01") == "009000");
}

TEST_CASE("java API: getAvailableMemory() in two shorts, above 32767 too (JCSystem)") {
  NEEDS_APPLETS();
  Api s;
  const std::string answer = s.ask("02");
  REQUIRE(answer.size() == 12);
  CHECK(std::stoul(answer.substr(0, 8), nullptr, 16) == s.free_memory() - 8);
  check(s, {{"03", "6F30"}, {"04", "6F21"}});
}

TEST_CASE("java API: a global array lives for a command and is kept nowhere (JCSystem.makeGlobalArray, JCRE clause 6.2.2)") {
  NEEDS_APPLETS();
  Api s;
  const std::uint32_t free = s.free_memory();
  check(s, {{"05", "0107059000"}, {"06", "6F32"}, {"07", "6F21"}});
  CHECK(s.free_memory() == free);
}

TEST_CASE(
    "java API: integrity-sensitive arrays are known as such after a reset, and refuse writes outside transactions (SensitiveArrays)") {
  NEEDS_APPLETS();
  Api s;
  check(s, {{"08", "01000404009000"}, {"09", "6F21"}, {"0A", "6F31"}, {"0C", "6F21"}});
  s.m.reset();
  REQUIRE(s.select("F0756963A401") == "9000");
  check(s, {{"0B", "019000"}, {"0C", "6F21"}});
}

TEST_CASE("java API: arrays of any number (javacardx.framework.util.ArrayLogic)") {
  NEEDS_APPLETS();
  Api s;
  check(s, {{"11",
             "0005020304051005"
             "9000"},
            {"12",
             "0007031001100208"
             "9000"},
            {"13", "6F11"},
            {"14", "6F30"},
            {"15", "6F11"},
            {"16", "6F11"},
            {"17", "6F31"},
            {"18", "00041000100710049000"},
            {"19", "6F12"},
            {"1A", "01FF00FF9000"},
            {"21", "818203051122F345030405079000"},
            {"1B", "0005FFFF00089000"},
            {"1C", "6F12"}});
}
