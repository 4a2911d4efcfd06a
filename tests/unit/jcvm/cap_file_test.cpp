// SPDX-License-Identifier: Apache-2.0
// CAP files: one that is sound, and every way in which a component can break its own rules (JCVM chapter 6).
#include "jcvm/cap/cap_file.hpp"

#include <doctest/doctest.h>

#include "tests/support/cap_maker.hpp"

using namespace uicclab;
using jcvm::cap::CapFile;
using test::CapMaker;

TEST_CASE("a sound CAP file: package, applet, import, static image") {
  const Bytes file = CapMaker().build();
  const auto cap = CapFile::parse(file);
  REQUIRE_MESSAGE(cap, cap.error().text);
  CHECK(to_hex(cap->header.package.aid.bytes()) == "F07569636301");
  CHECK(cap->header.package.major == 1);
  REQUIRE(cap->applets.size() == 1);
  CHECK(to_hex(cap->applets[0].aid.bytes()) == "F0756963630101");
  CHECK(cap->applets[0].install_method == 9);
  REQUIRE(cap->imports.size() == 1);
  CHECK(to_hex(cap->imports[0].aid.bytes()) == "A0000000620101");
  CHECK(cap->static_fields.image_size == 5);
}

TEST_CASE("every beginning of a CAP file is refused") {
  const Bytes file = CapMaker().build();
  for (std::size_t size = 0; size < file.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(CapFile::parse(BytesView(file).first(size)));
  }
}

TEST_CASE("a component that is missing, twice, unknown, or longer than its contents is refused") {
  const CapMaker maker;
  const auto good = maker.contents();
  const auto made = [](std::map<int, Bytes> parts) {
    parts[2] = CapMaker::directory(parts);
    return CapFile::parse(CapMaker::join(parts)).has_value();
  };
  REQUIRE(made(good));
  for (const auto& [tag, content] : good) {
    CAPTURE(tag);
    auto parts = good;
    parts.erase(tag);
    CHECK_FALSE(made(parts));
    if (tag == 6 || tag == 7) continue;  // classes and methods are read by who runs them
    parts = good;
    parts[tag].push_back(0);
    CHECK(made(parts) == (tag == 1));  // behind a header it is the name of no letters
    parts = good;
    parts[tag].pop_back();
    CHECK_FALSE(made(parts));
  }
  Bytes twice = maker.build();
  append(twice, "0900020000"_h);
  CHECK_FALSE(CapFile::parse(twice));
  Bytes unknown = maker.build();
  append(unknown, "0E000100"_h);
  CHECK_FALSE(CapFile::parse(unknown));
  Bytes custom = maker.build();
  append(custom, "80000100"_h);
  CHECK_FALSE(CapFile::parse(custom));  // the directory does not list it
}

TEST_CASE("values that cannot be are refused: magic, format, flags, AIDs, offsets, sizes") {
  struct Case {
    int tag;
    std::size_t at;
    std::uint8_t value;
    const char* what;
  };
  const Case cases[] = {
      {1, 0, 0xDF, "magic"},          {1, 4, 0x04, "format 2.4"},
      {1, 5, 0x03, "format 3.1"},     {1, 6, 0x00, "no flag of applets"},
      {1, 6, 0x06, "flag exports"},   {1, 6, 0x14, "unknown flag"},
      {1, 9, 0x04, "AID of 4 bytes"}, {1, 9, 0x11, "AID of 17 bytes"},
      {3, 0, 0x00, "no applets"},     {3, 0, 0x02, "two applets"},
      {3, 1, 0x04, "AID of 4"},       {3, 10, 0xFF, "install beyond"},
      {3, 10, 0x00, "install at 0"},  {3, 10, 0x08, "install among handlers"},
      {4, 0, 0x02, "two imports"},    {5, 2, 0x07, "constant tag"},
      {5, 1, 0x03, "constant count"}, {7, 6, 0x80, "handler beyond"},
      {7, 8, 0x05, "catch type"},     {8, 1, 0x06, "image size"},
      {8, 3, 0x00, "references"},     {8, 6, 0x06, "array type"},
      {9, 1, 0x05, "locations"},
  };
  const auto good = CapMaker().contents();
  for (const Case& c : cases) {
    CAPTURE(c.what);
    auto parts = good;
    REQUIRE(c.at < parts[c.tag].size());
    parts[c.tag][c.at] = c.value;
    parts[2] = CapMaker::directory(parts);
    CHECK_FALSE(CapFile::parse(CapMaker::join(parts)));
  }
}

TEST_CASE("a directory with other sizes or counts is refused") {
  auto parts = CapMaker().contents();
  parts[2] = CapMaker::directory(parts);
  for (std::size_t i = 0; i < parts[2].size(); ++i) {
    // Descriptor (tag 11) may be listed and left out (GP annex C).
    if (i == 20 || i == 21) continue;
    CAPTURE(i);
    auto bent = parts;
    bent[2][i] ^= 0x01;
    CHECK_FALSE(CapFile::parse(CapMaker::join(bent)));
  }
}
