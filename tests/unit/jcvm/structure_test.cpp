// SPDX-License-Identifier: Apache-2.0
// Structural verification: a sound applet, and each way in which code, constants and classes can name what is not there (JCVM 3.1 6.8
// to 6.14, 7.5).
#include "jcvm/verifier/structure.hpp"

#include <doctest/doctest.h>

#include "tests/support/cap_maker.hpp"

using namespace uicclab;
using namespace uicclab::jcvm;
using test::CapMaker;
using verifier::Structure;

namespace {

using Parts = std::map<int, Bytes>;

Structure check(Parts parts, bool with_descriptor = true) {
  if (!with_descriptor) parts.erase(11);
  parts[2] = CapMaker::directory(parts);
  const auto file = cap::CapFile::parse(CapMaker::join(parts));
  REQUIRE_MESSAGE(file, file.error().text);
  return verifier::check_structure(*file, verifier::known_imports(*file));
}

bool says(const Structure& structure, const std::string& words) {
  return std::ranges::any_of(structure.errors, [&](const Error& error) { return error.text.find(words) != std::string::npos; });
}

/// Replaces bytes at a place in a component; without a Descriptor, as a card sees it.
Structure bent(int tag, std::size_t at, const std::string& bytes) {
  Parts parts = CapMaker().sound_contents();
  const Bytes replacement = *from_hex(bytes);
  REQUIRE(at + replacement.size() <= parts[tag].size());
  std::ranges::copy(replacement, parts[tag].begin() + static_cast<std::ptrdiff_t>(at));
  return check(parts, false);
}

}  // namespace

TEST_CASE("a sound applet: every method is found from its entry points, with and without the Descriptor (JCVM 6.10)") {
  for (const bool with_descriptor : {true, false}) {
    CAPTURE(with_descriptor);
    const Structure structure = check(CapMaker().sound_contents(), with_descriptor);
    for (const Error& error : structure.errors) CHECK_MESSAGE(false, error.text);
    REQUIRE(structure.methods.size() == 3);
    CHECK(structure.methods[0].offset == 9);
    CHECK(structure.methods[0].instructions.size() == 5);
    const verifier::MethodBody* process = structure.method_at(29);
    REQUIRE(process != nullptr);
    CHECK(process->end == 68);
    CHECK(process->header.locals() == 3);
    CHECK(process->handlers == std::vector<std::uint16_t>{0});
    CHECK(process->at(39)->cases.size() == 2);
    CHECK(process->at(40) == nullptr);
    CHECK(structure.method_at(30) == nullptr);
  }
}

TEST_CASE("control stays inside its method, at boundaries of instructions (JCVM 6.10, 7.5)") {
  CHECK(says(bent(7, 57, "707F"), "control goes to byte 184"));  // goto behind the component
  CHECK(says(bent(7, 57, "7080"), "control goes to byte -71"));  // and before it
  CHECK(says(bent(7, 57, "70E3"), "control goes to byte 28"));   // into the method before
  CHECK(says(bent(7, 57, "7003"), "it is within the instruction") !=
        says(bent(7, 57, "7003"), "the instruction overlaps"));      // into an operand
  CHECK(says(bent(7, 67, "00"), "control leaves the method"));       // nop as the last instruction
  CHECK(says(bent(7, 21, "00"), "control leaves the method"));       // into the header of the next method
  CHECK(says(bent(7, 40, "0001"), "within the instruction at 39"));  // default of the switch
  CHECK(says(bent(7, 38, "B9"), "byte code B9"));                    // no such code
  CHECK(says(bent(7, 67, "8B"), "ends within the operands of invokevirtual"));
  CHECK(says(bent(7, 9, "2230"), "unknown flags"));
}

TEST_CASE("an entry point after the component does not make the last method longer (JCVM 6.8, 6.10)") {
  // Constant 2 names a method at byte FFFF.
  const Structure structure = bent(5, 10, "0600FFFF");
  CHECK(says(structure, "method at 65535"));
  for (const auto& method : structure.methods) CHECK(method.end <= 68);
}

TEST_CASE("exception handlers: ranges and targets at boundaries, not empty (JCVM 6.10)") {
  CHECK(says(bent(7, 3, "0000"), "must not be empty"));
  CHECK(says(bent(7, 1, "0021"), "begins or ends within an instruction"));
  CHECK(says(bent(7, 3, "001D"), "begins or ends within an instruction"));
  CHECK(says(bent(7, 5, "003C"), "within the instruction at 59"));
  CHECK(says(bent(7, 5, "0009"), "control goes to byte 9"));
}

TEST_CASE("locals, stack shuffles, array types (JCVM 7.5)") {
  CHECK(says(bent(7, 30, "20"), "local variable 2, the method has 2"));
  CHECK(says(bent(7, 50, "3F50"), "dup_x: m 5"));
  CHECK(says(bent(7, 50, "3F21"), "dup_x: m 2, n 1"));
  CHECK(says(bent(7, 50, "4013"), "swap_x: m 1, n 3"));
  CHECK(says(bent(7, 50, "9009"), "newarray: type 9"));
  CHECK(says(bent(7, 37, "0A"), "no ACC_INT"));    // iconst_0
  CHECK(says(bent(7, 50, "900D"), "no ACC_INT"));  // int[]
}

TEST_CASE("constants: index, kind, and what they name (JCVM 6.8)") {
  CHECK(says(bent(7, 51, "09"), "constant 9, there are 9"));
  CHECK(says(bent(7, 51, "08"), "constant 8 is a static field"));
  CHECK(says(bent(7, 12, "0005"), "new: constant 5 is a static method"));
  CHECK(says(bent(5, 2, "01000100"), "no class or interface begins at byte 1"));
  CHECK(says(bent(5, 2, "01810000"), "package 1, there are 1 imports"));
  CHECK(says(bent(5, 2, "01801800"), "there is no class 24 of javacard/framework"));
  CHECK(says(bent(5, 2, "01800200"), "new: javacard/framework/Shareable is an interface"));
  CHECK(says(bent(5, 2, "01800300"), "new: javacard/framework/Applet is abstract"));
  CHECK(says(bent(5, 2, "01000001"), "padding 1"));
  CHECK(says(bent(5, 6, "06800303"), "has no static method 3"));
  CHECK(says(bent(5, 6, "06800301"), "is no constructor"));
  CHECK(says(bent(5, 22, "06800700"), "is a constructor"));
  CHECK(says(bent(5, 10, "06000017"), "method at 23"));  // into the header of another method: it is a method of its own now
  CHECK(says(bent(5, 14, "03000008"), "method 8 of the class at 0, which has 8"));
  CHECK(says(bent(5, 14, "03000080"), "package-visible method 0"));
  CHECK(says(bent(5, 26, "03800A7F"), "javacard/framework/APDU has no method 127"));
  CHECK(says(bent(5, 26, "03800A80"), "of another package"));
  CHECK(says(bent(5, 26, "03800101"), "it names a member of an interface"));
  CHECK(says(bent(5, 30, "02000001"), "field 1 of the class at 0, which declares 1 cells"));
  CHECK(says(bent(5, 34, "05000005"), "static field at 5, the image has 5 bytes"));
  CHECK(says(bent(5, 34, "05000000"), "getstatic_b: static field at 0"));
}

TEST_CASE("fields: references and numbers are kept apart (JCVM 6.9.2, 6.11)") {
  CHECK(says(bent(6, 5, "00"), "getfield_a_this: field 0 is no reference"));
  CHECK(says(bent(7, 50, "AE"), "getfield_b_this: field 0 is a reference"));
  CHECK(says(bent(6, 5, "02"), "2 references from field 0 on"));
  CHECK(says(bent(7, 53, "7B"), "getstatic_a: static field at 4"));
  CHECK(says(bent(7, 53, "7D"), "getstatic_s: static field at 4"));
}

TEST_CASE("classes: superclass, tables, hierarchy (JCVM 6.9)") {
  CHECK(says(bent(6, 1, "0000"), "must come before it"));
  CHECK(says(bent(6, 1, "8002"), "is an interface"));
  CHECK(says(bent(6, 1, "800A"), "javacard/framework/APDU, is final"));
  CHECK(says(bent(6, 1, "8100"), "package 1, there are 1 imports"));
  CHECK(says(bent(6, 6, "09"), "begins with token 9, the superclass has 8"));
  CHECK(says(bent(6, 10, "0200"), "method at 512"));
  CHECK(bent(6, 10, "FFFF").sound());  // inherited from another package: allowed
  CHECK(bent(6, 6, "08").sound());     // a method of its own
  Parts parts = CapMaker().sound_contents();
  append(parts[6], "80"_h);
  CHECK(says(check(parts, false), "must come before the classes"));
}

TEST_CASE("the applet's install method takes three cells; its AID has the RID of the package (JCVM 6.6)") {
  CHECK(says(bent(7, 10, "20"), "takes 2 cells of arguments"));
  CHECK(says(bent(3, 3, "76"), "must begin with the RID of its package"));
}

TEST_CASE("Reference Location lists every index of a constant (JCVM 6.12)") {
  CHECK(says(bent(9, 2, "34"), "byte 51 of the Method component must be in the list of one-byte"));
  CHECK(says(bent(9, 5, "08"), "must be in the list of two-byte"));
}

TEST_CASE("the Descriptor fits the code (JCVM 6.14)") {
  const Parts good = CapMaker().sound_contents();
  const auto with = [&](std::size_t at, const std::string& bytes) {
    Parts parts = good;
    std::ranges::copy(*from_hex(bytes), parts[11].begin() + static_cast<std::ptrdiff_t>(at));
    return check(parts);
  };
  REQUIRE(good.at(11)[17] == 0xFF);
  CHECK(says(with(3, "0001"), "no class or interface begins there"));
  CHECK(says(with(2, "41"), "an interface here, a class there"));
  CHECK(says(with(19, "0016"), "it is described twice"));
  CHECK(says(with(19, "0016"), "it does not describe the method at 9"));
  CHECK(says(with(23, "000A"), "its code has 10 bytes, control comes to 11"));
  CHECK(says(with(21, "0013"), "no type at 19"));
  CHECK(says(with(18, "49"), "must be abstract"));
  CHECK(says(with(25, "0001"), "exception handler 0 is not in its code"));
  CHECK(says(with(25, "0002"), "there are 1"));
  Parts parts = good;
  parts[11][54] = 8;
  parts[11].erase(parts[11].begin() + 71, parts[11].begin() + 73);
  CHECK(says(check(parts), "types of 8 constants, there are 9"));
}

TEST_CASE("nothing is known of a package without a table: its tokens pass, its place must be right (JCVM 6.7)") {
  CapMaker maker;
  maker.import = "F000000001";
  const Structure structure = check(maker.sound_contents(), false);
  for (const Error& error : structure.errors) CHECK_MESSAGE(false, error.text);
}
