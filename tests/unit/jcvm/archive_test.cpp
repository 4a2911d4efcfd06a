// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <zlib.h>

#include "core/reader.hpp"
#include "gp/host/load_file.hpp"
#include "jcvm/archive/cap_archive.hpp"
#include "jcvm/archive/zip.hpp"
#include "tests/support/cap_maker.hpp"

using namespace uicclab;
using namespace uicclab::test;
using gp::host::LoadFile;
using jcvm::archive::ZipArchive;

namespace {

/// Writes archives entry by entry (APPNOTE clause 4.3.6).
class ZipMaker {
 public:
  void add(const std::string& name, const Bytes& data, bool deflated = true) {
    Bytes packed = data;
    if (deflated) {
      packed.resize(data.size() + 64);
      z_stream stream{};
      REQUIRE(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
      stream.next_in = const_cast<Bytef*>(data.data());
      stream.avail_in = static_cast<uInt>(data.size());
      stream.next_out = packed.data();
      stream.avail_out = static_cast<uInt>(packed.size());
      REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
      packed.resize(stream.total_out);
      deflateEnd(&stream);
    }
    const auto offset = static_cast<std::uint32_t>(m_out.size());
    Bytes common;
    u16(common, 20), u16(common, 0), u16(common, deflated ? 8 : 0), u32(common, 0);
    u32(common, static_cast<std::uint32_t>(crc32(0, data.data(), static_cast<uInt>(data.size()))));
    u32(common, static_cast<std::uint32_t>(packed.size())), u32(common, static_cast<std::uint32_t>(data.size()));
    u16(common, static_cast<std::uint16_t>(name.size())), u16(common, 0);
    u32(m_out, 0x04034B50), append(m_out, common), append(m_out, as_bytes(name)), append(m_out, packed);
    u32(m_directory, 0x02014B50), u16(m_directory, 20), append(m_directory, common);
    u16(m_directory, 0), u16(m_directory, 0), u16(m_directory, 0), u32(m_directory, 0), u32(m_directory, offset);
    append(m_directory, as_bytes(name));
    ++m_count;
  }
  Bytes build(const std::string& comment = "") const {
    Bytes out = m_out;
    append(out, m_directory);
    u32(out, 0x06054B50), u32(out, 0), u16(out, m_count), u16(out, m_count);
    u32(out, static_cast<std::uint32_t>(m_directory.size())), u32(out, static_cast<std::uint32_t>(m_out.size()));
    u16(out, static_cast<std::uint16_t>(comment.size())), append(out, as_bytes(comment));
    return out;
  }

 private:
  static void u16(Bytes& out, std::uint16_t value) {
    out.push_back(static_cast<std::uint8_t>(value));
    out.push_back(static_cast<std::uint8_t>(value >> 8));
  }
  static void u32(Bytes& out, std::uint32_t value) {
    u16(out, static_cast<std::uint16_t>(value));
    u16(out, static_cast<std::uint16_t>(value >> 16));
  }

  Bytes m_out;
  Bytes m_directory;
  std::uint16_t m_count = 0;
};

const std::array<std::string, 13> kNames{"",       "Header",      "Directory",   "Applet", "Import",     "ConstantPool", "Class",
                                         "Method", "StaticField", "RefLocation", "Export", "Descriptor", "Debug"};

/// As a converter writes it: each component a file, in the archive's own order.
ZipMaker archive(const std::string& folder = "com/example/javacard/", bool debug = true) {
  const CapMaker maker;
  auto parts = maker.contents();
  parts[2] = CapMaker::directory(parts);
  ZipMaker zip;
  zip.add("META-INF/MANIFEST.MF", to_bytes(as_bytes("Manifest-Version: 1.0\n")));
  for (const auto& [tag, content] : parts) {
    ByteWriter component;
    component.u8(static_cast<std::uint8_t>(tag)).u16(static_cast<std::uint16_t>(content.size())).bytes(content);
    zip.add(folder + kNames[static_cast<std::size_t>(tag)] + ".cap", component.take(), tag % 2 == 0);
  }
  if (debug) zip.add(folder + "Debug.cap", Bytes(100, 0xDD));
  return zip;
}

}  // namespace

TEST_CASE("load file: an archive and its components one after the other are the same (JCVM clause 4.1.4)") {
  const auto from_zip = LoadFile::read(archive().build());
  REQUIRE_MESSAGE(from_zip, from_zip.error().text);
  const auto from_ijc = LoadFile::read(CapMaker().build());
  REQUIRE(from_ijc);
  CHECK(to_hex(from_zip->cap().header.package.aid.bytes()) == "F07569636301");
  CHECK(from_zip->cap().applets == from_ijc->cap().applets);
  CHECK(from_zip->components().size() == from_ijc->components().size());
  CHECK(LoadFile::read(archive().build("a comment at the end")));
}

TEST_CASE("load file: Descriptor, Debug and custom components do not go to the card") {
  Bytes file = CapMaker().build();
  const std::size_t size = file.size();
  append(file, "0B00021234"_h);
  append(file, "0C0001FF"_h);
  append(file, "800001FF"_h);
  const auto read = LoadFile::read(file);
  REQUIRE(read);
  CHECK(read->components().size() == size);
}

TEST_CASE("load file: no package, two packages, half a component, nothing at all are refused") {
  ZipMaker none;
  none.add("readme.txt", to_bytes(as_bytes("hello")));
  CHECK_FALSE(LoadFile::read(none.build()));
  ZipMaker two = archive();
  two.add("b/javacard/Header.cap", Bytes(20));
  const auto several = LoadFile::read(two.build());
  REQUIRE_FALSE(several);
  CHECK(several.error().text.find("more than one package") != std::string::npos);
  Bytes half = CapMaker().build();
  half.pop_back();
  CHECK_FALSE(LoadFile::read(half));
  CHECK_FALSE(LoadFile::read({}));
  CHECK_FALSE(LoadFile::read("504B0304"_h));
}

TEST_CASE("archive: cut at any byte or with any byte changed it is refused or the same, never a crash (APPNOTE clause 4.3)") {
  const Bytes whole = archive().build();
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(ZipArchive::open(BytesView(whole).first(size)));
  const auto original = LoadFile::read(whole);
  REQUIRE(original);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const std::uint8_t change : std::to_array<std::uint8_t>({0x01, 0x80, 0xFF})) {
      Bytes bent = whole;
      bent[at] ^= change;
      const auto read = LoadFile::read(bent);
      // The CRC-32 covers each component; other data (dates, the manifest) does not matter.
      if (read) CHECK(read->cap().header.package.aid == original->cap().header.package.aid);
    }
  }
}

TEST_CASE("archive: encrypted entries, other methods, sizes that lie and parts are refused") {
  ZipMaker maker;
  maker.add("a", Bytes(10, 0x11), false);
  const Bytes good = maker.build();
  const std::size_t directory = good.size() - 22 - 47;
  const auto bent = [&](std::size_t at, std::uint8_t value) {
    Bytes out = good;
    out[at] = value;
    return out;
  };
  CHECK(ZipArchive::open(good)->extract("a"));
  CHECK(ZipArchive::open(good)->extract("b").error().code == ErrorCode::kNotFound);
  struct Row {
    std::size_t at;
    std::uint8_t value;
    ErrorCode code;
  };
  for (const Row& row : {Row{directory + 8, 1, ErrorCode::kUnsupported}, Row{directory + 10, 12, ErrorCode::kUnsupported},
                         Row{directory + 16, 0, ErrorCode::kMismatch}, Row{directory + 24, 9, ErrorCode::kMalformed},
                         Row{directory + 27, 2, ErrorCode::kRange}, Row{directory + 42, 200, ErrorCode::kTruncated},
                         Row{directory + 42, 1, ErrorCode::kMalformed}}) {
    CAPTURE(row.at);
    const Bytes file = bent(row.at, row.value);
    const auto opened = ZipArchive::open(file);
    REQUIRE(opened);
    const auto extracted = opened->extract("a");
    REQUIRE_FALSE(extracted);
    CHECK(extracted.error().code == row.code);
  }
  CHECK(ZipArchive::open(bent(good.size() - 18, 1)).error().code == ErrorCode::kUnsupported);
}

TEST_CASE("archive: everything that it holds, and what a card needs (JCVM clauses 4.1.4, 6.2)") {
  using jcvm::archive::Keep;
  using jcvm::archive::read_components;
  const auto components_of = [](int minor) {
    auto parts = CapMaker().full_contents(minor);
    parts[2] = CapMaker::directory(parts, minor);
    return parts;
  };
  for (const int minor : {2, 3}) {
    ZipMaker zip;
    for (const auto& [tag, content] : components_of(minor)) {
      ByteWriter component;
      component.u8(static_cast<std::uint8_t>(tag)).number(content.size(), tag == 13 ? 4 : 2).bytes(content);
      zip.add("small/javacard/" + std::string(jcvm::cap::file_name_of(static_cast<jcvm::cap::Component>(tag))), component.take());
    }
    const Bytes file = zip.build();
    const auto all = read_components(file, Keep::kAll);
    REQUIRE_MESSAGE(all, all.error().text);
    CHECK(*all == CapMaker().build_full(minor));
    const auto for_card = read_components(file, Keep::kForCard);
    REQUIRE(for_card);
    CHECK(*for_card == read_components(*all, Keep::kForCard).value());
    const auto cap = jcvm::cap::CapFile::parse(*for_card);
    REQUIRE_MESSAGE(cap, cap.error().text);
    CHECK_FALSE(cap->has(jcvm::cap::Component::kDebug));
  }
}

TEST_CASE("archive: a file twice, a file that holds another component, the extended format are refused (JCVM clause 4.1.4)") {
  using jcvm::archive::Keep;
  using jcvm::archive::read_components;
  ZipMaker twice = archive();
  twice.add("com/example/javacard/Method.cap", Bytes{7, 0, 0});
  CHECK(read_components(twice.build(), Keep::kAll).error().text == "com/example/javacard/Method.cap is in the archive twice");
  ZipMaker wrong = archive();
  wrong.add("com/example/javacard/Export.cap", Bytes{7, 0, 0});
  CHECK(read_components(wrong.build(), Keep::kAll).error().text == "com/example/javacard/Export.cap must begin with tag 10, found 7");
  ZipMaker extended = archive();
  extended.add("com/example/javacard/Method.capx", Bytes{7, 0, 0});
  CHECK(read_components(extended.build(), Keep::kForCard).error().text.find("extended CAP format") != std::string::npos);
}

TEST_CASE("archive: files that are not components are not unpacked without limit") {
  using jcvm::archive::Keep;
  using jcvm::archive::read_components;
  ZipMaker large = archive("com/example/javacard/", false);
  const Bytes zeros(6U << 20);
  for (const char* name : {"a.cap", "b.cap", "c.cap"}) large.add("com/example/javacard/" + std::string(name), zeros);
  CHECK(read_components(large.build(), Keep::kForCard));
  CHECK(read_components(large.build(), Keep::kAll).error().text == "the archive has components of more than 16 MiB");
  ZipMaker many = archive();
  for (std::size_t i = 0; i < 4096; ++i) many.add(std::to_string(i), {}, false);
  CHECK(read_components(many.build(), Keep::kForCard).error().code == ErrorCode::kRange);
}
