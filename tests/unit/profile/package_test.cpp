// SPDX-License-Identifier: Apache-2.0
#include "profile/package/package.hpp"

#include <doctest/doctest.h>

#include "applet/builtin.hpp"
#include "core/ber_tlv.hpp"
#include "core/hex.hpp"
#include "profile/body.hpp"
#include "profile/build.hpp"
#include "profile/check.hpp"
#include "profile/default.hpp"
#include "profile/package/reading.hpp"
#include "profile/toml.hpp"

using namespace uicclab;
using namespace uicclab::emulator;
using namespace uicclab::profile;
using profile::package::constructed;
using profile::package::Imported;
using profile::package::read_package;
using profile::package::write_package;

namespace {

/// Bytes of a hexadecimal text.
Bytes operator""_b(const char* text, std::size_t size) {
  return from_hex(std::string_view(text, size)).value();
}

Bytes object(ber::Tag tag, std::initializer_list<Bytes> parts) {
  Bytes value;
  for (const Bytes& part : parts) append(value, part);
  return ber::encode(tag, value);
}

/// A profile element: its header, and what it holds.
Bytes element(unsigned number, std::initializer_list<Bytes> parts) {
  Bytes value = "A0058000 810101"_b;
  for (const Bytes& part : parts) append(value, part);
  return ber::encode(constructed(number), value);
}

Bytes oid(std::uint8_t which) {
  return concat({"8106 67810F0102"_b, Bytes{which}});
}
Bytes header() {
  return "A01A 800102 810103 830A89000123456789012341 A500 A604 0602 2A03"_b;
}
Bytes end() {
  return element(10, {});
}

/// File: members of an element.
Bytes fcp(Bytes fields) {
  return ber::encode(0xA1, fields);
}
Bytes content(Bytes bytes) {
  return ber::encode(0x83, bytes);
}

const Bytes kArrContent = "80015E A40683010A950108"_b;

Bytes mf(std::initializer_list<Bytes> more = {}) {
  Bytes value = oid(1);
  append(value, object(0xA2, {fcp("8B032F0601 C603 010A81"_b)}));
  for (const Bytes& part : more) append(value, part);
  append(value, object(0xA4, {content("98001032547698103214"_b)}));
  append(value, object(0xA5, {fcp("820442210020 80 01 40"_b)}));
  append(value, object(0xA6, {fcp("820442210010 80 01 20"_b), content(kArrContent)}));
  return element(16, {value});
}

/// createFCP commands of an element of file management.
Bytes manage(std::initializer_list<Bytes> commands) {
  return element(1, {object(0xA1, {object(0x30, commands)})});
}
Bytes create(Bytes fields) {
  return ber::encode(0x62, fields);
}

Result<Imported> read(std::initializer_list<Bytes> elements) {
  Bytes all = header();
  for (const Bytes& each : elements) append(all, each);
  append(all, end());
  return read_package(all, "test.der");
}

std::string error(std::initializer_list<Bytes> elements) {
  const auto read_result = read(elements);
  return read_result ? "" : read_result.error().text;
}

const FileSpec& file(const Profile& profile, std::string_view path) {
  const auto it = std::ranges::find(profile.files, path, &FileSpec::path);
  REQUIRE_MESSAGE(it != profile.files.end(), path);
  return *it;
}

Profile small() {
  const auto profile = parse_profile(R"(
name = "small"
atr = "3B 9F 96 80 91 FE 1F 87 80 31 E0 73 FE 21 5F 67 75 69 63 63 6C 61 62 C8"
gsm_class = false
pins = [
  { key = "01", value = "1234", puk = "12345678", enabled = false },
  { key = "0A", value = "88888888", tries = 10 },
  { key = "81", in = "3F00/7F10", value = "5678", puk = "87654321", can_be_disabled = false },
  { key = "81", in = "ADF.USIM", value = "9999" },
]
[[applications]]
module = "usim"
aid = "A0000000871002FF49FF0589"
label = "USIM"
adf = "ADF.USIM"
parameters = { algorithm = "milenage", k = "465B5CE8B199B49FAA5F0A2EE238A6BC", opc = "CD63CB71954A9F4E48A5994E37A02BAF", r2 = 8, sqn.start = 4096 }
[[applications]]
module = "issuer-sd"
aid = "A000000151000000"
in_dir = false
parameters = { tars = "000000", minimum_security = "12", privileges = "82DC00", life_cycle = "secured", keys.01.kic = "404142434445464748494A4B4C4D4E4F", keys.01.kid = "404142434445464748494A4B4C4D4E4F" }
[files."3F00"]
rule = "2F06/1"
keys = ["01", "0A"]
2F00 = { linear = "2 x 32", sfi = 30, rule = "2F06/1" }
2F06 = { linear = "1 x 24", sfi = 6, rule = "2F06/1", records = ["80015E A40683010A950108"] }
2FE2 = { size = 10, sfi = 2, rule = "2F06/1", content = "98001032547698103214", proprietary = "C00140" }
[files."3F00/7F10"]
rule = "2F06/1"
keys = ["81"]
6F3B = { link = "ADF.USIM/6F3B", sfi = 5, rule = "2F06/1" }
6F3A = { cyclic = "3 x 5", fill = "00", rule = "2F06/1", state = "deactivated" }
6FFE = { ber_tlv = 20, max_size = 40, rule = "2F06/1", content = "80020102" }
[files."ADF.USIM"]
fid = "7FD0"
rule = "2F06/1"
keys = ["01", "81"]
6F07 = { size = 9, sfi = 7, rule = "2F06/1", content = "080910101032547698" }
6F3B = { linear = "2 x 26", rule = "2F06/1", records = ["41", "00FF42"] }
)",
                                     "small.toml");
  REQUIRE_MESSAGE(profile.has_value(), profile.error().text);
  return *profile;
}

}  // namespace

TEST_CASE("a profile that came from a package becomes one and is the same again") {
  const auto written = write_package(small());
  REQUIRE(written.has_value());
  CHECK(written->notices.empty());
  const auto first = read_package(written->package, "small.der");
  REQUIRE_MESSAGE(first.has_value(), first.error().text);
  CHECK(first->notices.empty());
  const auto again = write_package(first->profile);
  REQUIRE(again.has_value());
  const auto second = read_package(again->package, "small.der");
  REQUIRE(second.has_value());
  CHECK(second->profile == first->profile);
  CHECK(write_package(second->profile)->package == again->package);
  const auto text = parse_profile(to_toml(first->profile), "small.der");
  REQUIRE_MESSAGE(text.has_value(), text.error().text);
  CHECK(*text == first->profile);
  CHECK(find_errors(first->profile).empty());
  CHECK(build_image(first->profile, applet::builtin_modules()).has_value());

  const Profile& profile = first->profile;
  CHECK(file(profile, "3F00/7F10/6F3B").link == "ADF.USIM/6F3B");
  CHECK(file(profile, "3F00/7F10/6F3A").header.life_cycle == LifeCycle::kDeactivated);
  CHECK(make_body(file(profile, "3F00/7F10/6F3A")) == Bytes(15, 0x00));
  CHECK(file(profile, "3F00/2FE2").header.proprietary == "C00140"_b);
  CHECK(file(profile, "ADF.USIM/6F07").name == "EF.IMSI");
  CHECK(file(profile, "ADF.USIM/6F3B").records == std::vector<Bytes>{"41"_b, "00FF42"_b});
  CHECK(profile.pins.size() == 4);
  CHECK(profile.pins[2].scope == "3F00/7F10");
  CHECK(profile.pins == small().pins);
  CHECK(profile.applications[0].label == "USIM");
  CHECK(profile.applications[0].parameters == small().applications[0].parameters);
  CHECK(profile.applications[1].parameters == small().applications[1].parameters);
}

TEST_CASE("the built-in card as a package: omissions are reported") {
  const auto written = write_package(*default_profile());
  REQUIRE(written.has_value());
  std::string told;
  for (const package::Notice& notice : written->notices) told += notice.place + ": " + notice.text + "\n";
  CHECK(told.find("application pkcs15: it is left out, with its files") != std::string::npos);
  CHECK(told.find("application mcim: it is left out") != std::string::npos);
  CHECK(told.find("application issuer-sd: diversification is left out") != std::string::npos);
  const auto read_back = read_package(written->package, "default.der");
  REQUIRE_MESSAGE(read_back.has_value(), read_back.error().text);
  CHECK(build_image(read_back->profile, applet::builtin_modules()).has_value());
}

TEST_CASE("templates: identifiers, sizes, short identifiers, contents and rules that the package leaves out") {
  const auto got = read({mf()});
  REQUIRE_MESSAGE(got.has_value(), got.error().text);
  const Profile& profile = got->profile;
  CHECK(file(profile, "3F00/2FE2").header.size == 10);
  CHECK(file(profile, "3F00/2FE2").header.security.value == "2F060B"_b);
  CHECK(file(profile, "3F00/2F00").header.sfi == Sfi{30});
  CHECK(file(profile, "3F00/2F05").header.size == 2);  // not mentioned, but made by default
  CHECK(file(profile, "3F00/2F08").header.sfi == Sfi{8});
  CHECK(file(profile, "3F00/2F06").header.record_count == 2);
  CHECK(file(profile, "3F00").header.keys == std::vector<KeyReference>{{0x01}, {0x0A}, {0x81}});
}

TEST_CASE("a file that is not to be made is not made") {
  const auto got = read({mf({object(0xA3, {"8000"_b})})});
  REQUIRE(got.has_value());
  CHECK(std::ranges::find(got->profile.files, "3F00/2F05", &FileSpec::path) == got->profile.files.end());
}

TEST_CASE("file management: patterns, offsets, short identifiers from file identifiers, rules by their record only") {
  const auto got = read(
      {mf(), manage({create("82027821 83027F10 8B0101"_b), "80027F10"_b, create("82044221 0004 8302 6F3C 8B0103 800108 A505 C10300AAFF"_b),
                     "0201 05"_b, "8102 1122"_b, create("82024121 83026F41 800106 8800 A504 C202 0102"_b)})});
  REQUIRE_MESSAGE(got.has_value(), got.error().text);
  const FileSpec& sms = file(got->profile, "3F00/7F10/6F3C");
  CHECK(make_body(sms) == "00AAFFFF 001122FF"_b);
  CHECK(sms.header.sfi == Sfi{0x1C});
  CHECK(sms.header.security.value == "6F0603"_b);
  CHECK(file(got->profile, "3F00/7F10").header.security.value == "2F0601"_b);
  CHECK(make_body(file(got->profile, "3F00/7F10/6F41")) == "010201020102"_b);
  CHECK_FALSE(file(got->profile, "3F00/7F10/6F41").header.sfi.has_value());
}

TEST_CASE("links: to files, through links, to directories") {
  const auto got = read({mf(), manage({create("82027821 83027F10 8B0101"_b), create("82027821 83027F20 8B0101 C7027F10"_b), "80027F10"_b,
                                       create("82024121 83026F01 800102"_b), create("82024121 83026F02 8800 C7047F106F01"_b),
                                       create("82024121 83026F03 8800 C7047F106F02"_b)})});
  REQUIRE_MESSAGE(got.has_value(), got.error().text);
  for (const char* path : {"3F00/7F10/6F02", "3F00/7F10/6F03", "3F00/7F20/6F01", "3F00/7F20/6F03"}) {
    CHECK(file(got->profile, path).link == "3F00/7F10/6F01");
  }
  CHECK(find_errors(got->profile).empty());
}

TEST_CASE("what a package says wrong is refused with byte, element and file") {
  const auto two = [](Bytes first, Bytes second) { return manage({std::move(first), std::move(second)}); };
  struct Row {
    std::string_view text;
    Bytes element;
  };
  const std::vector<Row> rows{
      {"genericFileManagement (element 3): the content ends at byte 3 of a file of 2 bytes",
       two(create("82024121 83026F01 800102"_b), "8103 010203"_b)},
      {"content before any file", two("8101 01"_b, {})},
      {"an offset before any file", two("0201 01"_b, {})},
      {"the file 3F00/2FE2 is created twice", two(create("82024121 83022FE2 800102"_b), {})},
      {"the path 3F00/7F10 leads to no file", two("80027F10"_b, {})},
      {"a path is up to four file identifiers", two("80037F1000"_b, {})},
      {"the size is missing for the file 3F00/6F01", two(create("82024121 83026F01"_b), {})},
      {"the FCP has no file identifier", two(create("82024121 800102"_b), {})},
      {"the FCP has no file descriptor", two(create("83026F01 800102"_b), {})},
      {"names no file structure", two(create("82025521 83026F01 800102"_b), {})},
      {"a record has 1 to 255 bytes", two(create("820442210100 83026F01 800102"_b), {})},
      {"the record length is missing", two(create("82024221 83026F01 800102"_b), {})},
      {"not a multiple of the record length", two(create("820442210003 83026F01 800105"_b), {})},
      {"a short file identifier is 1 to 30", two(create("82024121 83026F01 800102 8801F8"_b), {})},
      {"a life cycle status", two(create("82024121 83026F01 800102 8A0120"_b), {})},
      {"the link of 3F00/6F01 leads to 3F00/6F02, which is not there", two(create("82024121 83026F01 C7026F02"_b), {})},
      {"leads nowhere", two(create("82024121 83026F01 C7026F02"_b), create("82024121 83026F02 C7026F01"_b))},
      {"another structure", two(create("82044221000A 83026F01 C7022FE2"_b), {})},
      {"fileManagementCMD is a sequence of sequences", element(1, {object(0xA1, {"3100"_b})})},
  };
  for (const Row& row : rows) {
    const std::string text = error({mf(), row.element});
    CHECK_MESSAGE(text.find(row.text) != std::string::npos, row.text, " / ", text);
    CHECK(text.starts_with("test.der: byte "));
  }
  CHECK(error({mf(), element(20, {oid(5)})}).find("no usim element precedes it") != std::string::npos);
  CHECK(error({element(16, {oid(2)})}).find("the template is not one of this element") != std::string::npos);
  CHECK(error({mf(), element(4, {})}).find("akaParameter without the files of an application") != std::string::npos);
  CHECK(error({mf(), end(), mf()}).find("an element after the end") != std::string::npos);
  CHECK(error({mf(), element(2, {"A117A015 3013 800101 810831323334FFFFFFFF 820101 840133"_b})})
            .find("the PUK of a PIN is not among pukCodes") != std::string::npos);
  CHECK(error({mf(), element(2, {"A114A012 3010 800101 810831323334FFFFFFFF 840103"_b})}).find("PIN 01 cannot be tried") !=
        std::string::npos);
  const auto cut = read_package(header(), "test.der");
  REQUIRE_FALSE(cut.has_value());
  CHECK(cut.error().text == "test.der: byte 0: package: the end element is missing");
}

TEST_CASE("what a card of ours does not do is noticed by element") {
  const auto got = read({mf(), element(9, {"0603 2A0304 04020102"_b}), element(2, {"A114A012 3010 800101 810831323334FFFFFFFF 830101"_b}),
                         element(2, {"A114A012 3010 80010A 810831323334FFFFFFFF 840132"_b})});
  REQUIRE_MESSAGE(got.has_value(), got.error().text);
  REQUIRE(got->notices.size() == 3);
  CHECK(got->notices[0].place == "nonStandard (element 3)");
  CHECK(got->notices[1].text == "PIN 01 must not be changed; here CHANGE PIN changes it");
  CHECK(got->notices[2].text == "PIN 0A has fewer tries left than it can have; here all are left");
  CHECK(package::to_text("x.der", got->notices[0]).starts_with("x.der: byte "));
}

TEST_CASE("no changed byte and no missing end makes the reader fail; an error names byte and element") {
  const auto written = write_package(small());
  REQUIRE(written.has_value());
  const Bytes& good = written->package;
  const auto judge = [&](const Bytes& bytes) {
    const auto got = read_package(bytes, "m.der");
    if (got) {
      for (const Finding& finding : find_errors(got->profile)) CHECK_FALSE(finding.text.empty());
      return;
    }
    CHECK(got.error().text.starts_with("m.der: byte " + std::to_string(got.error().offset) + ": "));
    CHECK(got.error().offset <= bytes.size());
  };
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const std::uint8_t change : "01 80 FF 20"_b) {
      Bytes bytes = good;
      bytes[i] ^= change;
      judge(bytes);
    }
    judge(to_bytes(BytesView(good).first(i)));
  }
  for (std::size_t i = 0; i < good.size(); i += 7) {
    Bytes longer = good;
    longer.insert(longer.begin() + static_cast<std::ptrdiff_t>(i), 0x30);
    judge(longer);
  }
}
