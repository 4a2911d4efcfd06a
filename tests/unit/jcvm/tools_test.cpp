// SPDX-License-Identifier: Apache-2.0
// Names, disassembly and differences of CAP files.
#include <sstream>

#include <doctest/doctest.h>

#include "jcvm/tools/difference.hpp"
#include "jcvm/tools/disassembler.hpp"
#include "tests/support/cap_maker.hpp"

using namespace uicclab;
using namespace uicclab::jcvm;
using test::CapMaker;

namespace {

struct Sample {
  cap::CapFile file;
  verifier::Structure structure;
};

Sample sample(std::map<int, Bytes> parts) {
  parts[2] = CapMaker::directory(parts);
  auto file = cap::CapFile::parse(CapMaker::join(parts));
  REQUIRE_MESSAGE(file, file.error().text);
  auto structure = verifier::check_structure(*file, verifier::known_imports(*file));
  return {*std::move(file), std::move(structure)};
}

std::string dump(const Sample& one) {
  std::ostringstream out;
  tools::write_dump(out, one.file, one.structure);
  return out.str();
}

}  // namespace

TEST_CASE("dump: byte code with names of the API, of overridden methods and of the Descriptor's types (JCVM 6.14.4)") {
  const std::string text = dump(sample(CapMaker().sound_contents()));
  CAPTURE(text);
  for (const char* line : {
           "import 0  javacard/framework 1.3, AID A0000000620101\n",
           "class class@0 at 0, extends javacard/framework/Applet, 1 cells, 1 references from field 0 on\n",
           "    virtual 7  class@0.process(Ljavacard/framework/APDU;)V\n",
           "method class@0.<init>()V at 22: stack 1, arguments 1, locals 0\n",
           "      25  invokespecial 1         javacard/framework/Applet.<init>()V\n",
           "      32  invokevirtual 6         javacard/framework/APDU.getBuffer()[B\n",
           "      39  stableswitch 0 -> 50, 1 -> 53, default -> 59\n",
           "      62  invokestatic 5          javacard/framework/ISOException.throwIt(S)V\n",
           "    from 31 to 58 -> 66  javacard/framework/ISOException\n",
       }) {
    CAPTURE(line);
    CHECK(text.find(line) != std::string::npos);
  }
}

TEST_CASE("dump: names, source lines and variables of the Debug component (JCVM 6.15)") {
  auto parts = CapMaker().sound_contents();
  parts[1][4] = 2;
  Bytes pool(2);
  append(pool, parts[6]);
  // The class moves behind the empty signature pool.
  parts[6] = pool;
  for (const std::size_t constant : {0U, 3U, 7U}) parts[5][2 + 4 * constant + 2] = 2;
  parts.erase(11);
  const auto text = [](const std::string& word) {
    return to_hex(ByteWriter().u16(static_cast<std::uint16_t>(word.size())).view()) + to_hex(as_bytes(word));
  };
  parts[12] = *from_hex("0007" + text("a/b") + text("a/b/Hello") + text("Hello.java") + text("process") +
                        text("(Ljavacard/framework/APDU;)V") + text("buffer") + text("[B") +
                        "0000"
                        "0001"
                        "0001"
                        "0001"
                        "0002"
                        "0000"
                        "0002"
                        "00"
                        "0001"
                        "0001"
                        "0005"
                        "0006"
                        "0002"
                        "00000000"
                        "0003"
                        "0004"
                        "0001"
                        "001D"
                        "02"
                        "0025"
                        "0001"
                        "0002"
                        "02"
                        "0005"
                        "0006"
                        "0005"
                        "0020"
                        "0000"
                        "0004"
                        "0007"
                        "0005"
                        "0024"
                        "0009");
  parts[2] = CapMaker::directory(parts, 2);
  const auto file = cap::CapFile::parse(CapMaker::join(parts));
  REQUIRE_MESSAGE(file, file.error().text);
  const auto structure = verifier::check_structure(*file, verifier::known_imports(*file));
  for (const Error& error : structure.errors) CHECK_MESSAGE(false, error.text);
  std::ostringstream out;
  tools::write_dump(out, *file, structure);
  CAPTURE(out.str());
  for (const char* line :
       {"package a/b 1.0", "method a/b/Hello.process(Ljavacard/framework/APDU;)V at 29", "  Hello.java:7\n      31  aload_1\n",
        "      35  astore_2                buffer\n  Hello.java:9\n      36  aload_2                 buffer\n",
        "getfield_a_this 7       a/b/Hello.buffer\n"}) {
    CAPTURE(line);
    CHECK(out.str().find(line) != std::string::npos);
  }
}

TEST_CASE("difference: nothing between equal files; components and instructions between others") {
  const Sample one = sample(CapMaker().sound_contents());
  std::ostringstream nothing;
  CHECK_FALSE(tools::write_difference(nothing, {one.file, one.structure}, {one.file, one.structure}));
  CHECK(nothing.str().empty());
  auto parts = CapMaker().sound_contents();
  parts[7][37] = 0x04;  // sconst_1
  const Sample other = sample(parts);
  std::ostringstream out;
  CHECK(tools::write_difference(out, {one.file, one.structure}, {other.file, other.structure}));
  CHECK(out.str() ==
        "Method component: 68 and 68 bytes, different from byte 37 on\n"
        "! method class@0.process(Ljavacard/framework/APDU;)V\n"
        "    - sconst_0\n"
        "    + sconst_1\n");
}

TEST_CASE("names for unknown members: numbers, never a wrong name") {
  CapMaker maker;
  maker.import = "F000000001";
  const Sample one = sample(maker.sound_contents());
  const tools::Names names(one.file);
  CHECK(names.constant(1) == "F000000001.class3.static0");
  CHECK(names.constant(6) == "F000000001.class10.virtual1");
  CHECK(names.constant(99) == "constant99");
  CHECK(names.method(12345) == "method@12345");
  CHECK(names.class_name({0x8501}) == "import5.class1");
  CHECK(names.source_line(29, 31).empty());
}
