// SPDX-License-Identifier: Apache-2.0
#include "profile/build.hpp"

#include <doctest/doctest.h>

#include "emulator/security/pin.hpp"
#include "profile/check.hpp"

using namespace uicclab;
using namespace uicclab::emulator;
using namespace uicclab::profile;

namespace {

/// A module with one parameter, "k", that becomes its object 7.
class FakeModule : public applet::Module {
 public:
  std::string_view name() const override { return "fake"; }
  Aid load_file_aid() const override { return {}; }
  Aid module_aid() const override { return {}; }
  Result<applet::InitialObjects> personalise(const applet::Parameters& parameters) const override {
    const auto k = parameters.hex("k", {2});
    if (!k) return tl::unexpected(k.error());
    return applet::InitialObjects{{applet::Slot{7}, *k}};
  }
  std::unique_ptr<applet::Applet> make() const override { return nullptr; }
};

applet::ModuleCatalogue catalogue() {
  return {std::make_shared<FakeModule>()};
}

FileSpec file(std::string path, FileKind kind) {
  FileSpec spec;
  spec.path = std::move(path);
  spec.header.kind = kind;
  spec.place = {12, 3};
  return spec;
}

FileSpec transparent(std::string path, std::uint32_t size, Bytes content = {}) {
  FileSpec spec = file(std::move(path), FileKind::kTransparent);
  spec.header.size = size;
  spec.content = std::move(content);
  return spec;
}

FileSpec linear(std::string path, std::uint16_t length, std::uint16_t count, std::vector<Bytes> records = {}) {
  FileSpec spec = file(std::move(path), FileKind::kLinearFixed);
  spec.header.record_length = length;
  spec.header.record_count = count;
  spec.header.size = std::uint32_t{length} * count;
  spec.records = std::move(records);
  return spec;
}

PinSpec pin(std::uint8_t key, std::string scope = "") {
  PinSpec spec;
  spec.key = {key};
  spec.scope = std::move(scope);
  spec.value = to_bytes("31323334FFFFFFFF"_h);
  spec.place = {5, 1};
  return spec;
}

/// Children first and the MF last, to show that the order is free.
Profile small_profile() {
  Profile profile;
  profile.source = "small.toml";
  profile.name = "small";
  profile.atr = to_bytes("3B00"_h);
  ApplicationSpec application;
  application.module = "fake";
  application.aid = *Aid::from("A0000000871002FF49FF0589"_h);
  application.label = "USIM";
  application.adf = "ADF.USIM";
  application.parameters.set("k", "0102");
  application.place = {8, 1};
  profile.applications = {application};
  profile.pins = {pin(0x01), pin(0x81, "ADF.USIM")};
  profile.pins[0].puk = to_bytes("3132333435363738"_h);
  profile.files = {transparent("3F00/7F10/6F06", 4, to_bytes("0102"_h)),
                   transparent("ADF.USIM/6F07", 9),
                   file("ADF.USIM", FileKind::kAdf),
                   file("3F00/7F10", FileKind::kDf),
                   linear("3F00/2F00", 30, 2),
                   file("3F00", FileKind::kMf)};
  profile.files[1].header.sfi = Sfi{7};
  profile.files[2].header.fid = Fid{0x7FF0};
  return profile;
}

FileId find(const CardImage& image, Fid fid) {
  for (std::uint32_t i = 0; i < image.file_count(); ++i) {
    if (image.header(FileId{i}).fid == fid) return FileId{i};
  }
  FAIL("no file " << to_hex(fid));
  return {};
}

Bytes body(const CardImage& image, Fid fid) {
  return to_bytes(*image.find(ObjectId(Space::kFileBody, 0, find(image, fid).value)));
}

}  // namespace

TEST_CASE("build: files in any order become a tree with the MF as number 0") {
  const auto image = build_image(small_profile(), catalogue());
  REQUIRE(image);
  CHECK((*image)->file_count() == 6);
  CHECK((*image)->header(kMfId).kind == FileKind::kMf);
  CHECK((*image)->header(kMfId).fid == Fid{0x3F00});
  const FileId telecom = find(**image, Fid{0x7F10});
  CHECK((*image)->header(find(**image, Fid{0x6F06})).parent == telecom);
  CHECK((*image)->header(telecom).parent == kMfId);
  const FileId adf = find(**image, Fid{0x7FF0});
  CHECK((*image)->header(adf).aid == *Aid::from("A0000000871002FF49FF0589"_h));
  CHECK((*image)->directory(adf).by_sfi[7] == find(**image, Fid{0x6F07}).value + 1);
}

TEST_CASE("build: the body is the content, then the fill pattern, FF without one") {
  Profile profile = small_profile();
  CHECK(body(**build_image(profile, catalogue()), Fid{0x6F06}) == to_bytes("0102FFFF"_h));
  profile.files[0].fill = to_bytes("ABCDEF"_h);
  profile.files[0].header.size = 7;
  CHECK(body(**build_image(profile, catalogue()), Fid{0x6F06}) == to_bytes("0102ABCDEFABCD"_h));
}

TEST_CASE("build: each record is filled separately") {
  Profile profile = small_profile();
  profile.files.push_back(linear("3F00/2F06", 3, 3, {to_bytes("01"_h), to_bytes("020304"_h)}));
  CHECK(body(**build_image(profile, catalogue()), Fid{0x2F06}) == to_bytes("01FFFF 020304 FFFFFF"_h));
  profile.files.back().fill = to_bytes("00"_h);
  CHECK(body(**build_image(profile, catalogue()), Fid{0x2F06}) == to_bytes("010000 020304 000000"_h));
}

TEST_CASE("build: EF_DIR without records lists the applications (TS 102 221 clause 13.1)") {
  Profile profile = small_profile();
  CHECK(body(**build_image(profile, catalogue()), Fid{0x2F00}) ==
        to_bytes("6114 4F0C A0000000871002FF49FF0589 5004 5553494D FFFFFFFFFFFFFFFF"
                 "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"_h));
  profile.applications[0].in_dir = false;
  CHECK(body(**build_image(profile, catalogue()), Fid{0x2F00}) == Bytes(60, 0xFF));
  profile.files[4].records = {to_bytes("AA"_h)};
  CHECK(body(**build_image(profile, catalogue()), Fid{0x2F00})[0] == 0xAA);
}

TEST_CASE("build: PINs are kept where the card looks for them, local ones with their ADF (TS 102 221 clause 9.5.1)") {
  const auto image = build_image(small_profile(), catalogue());
  REQUIRE(image);
  const auto global = decode_pin(*(*image)->find(pin_object(KeyReference{0x01}, kMfId)));
  REQUIRE(global);
  CHECK(to_bytes(global->value) == to_bytes("31323334FFFFFFFF"_h));
  CHECK(to_bytes(global->puk) == to_bytes("3132333435363738"_h));
  CHECK(global->tries == 3);
  CHECK(global->puk_tries == 10);
  const FileId adf = find(**image, Fid{0x7FF0});
  const auto local = decode_pin(*(*image)->find(pin_object(KeyReference{0x81}, adf)));
  REQUIRE(local);
  CHECK(local->max_puk_tries == 0);  // no PUK in the profile
  CHECK_FALSE((*image)->find(pin_object(KeyReference{0x81}, kMfId)));
}

TEST_CASE("build: an application gets its ADF and its module's objects") {
  const auto image = build_image(small_profile(), catalogue());
  REQUIRE(image);
  REQUIRE((*image)->instances().size() == 1);
  CHECK((*image)->instances()[0].label == "USIM");
  CHECK((*image)->instances()[0].adf == find(**image, Fid{0x7FF0}));
  CHECK(to_bytes(*(*image)->find(ObjectId(Space::kApplet, 0, 7))) == to_bytes("0102"_h));
}

TEST_CASE("build: the same profile gives the same fingerprint, another byte another one") {
  Profile profile = small_profile();
  const auto first = (*build_image(profile, catalogue()))->fingerprint();
  CHECK((*build_image(profile, catalogue()))->fingerprint() == first);
  profile.files[0].content = to_bytes("0103"_h);
  CHECK((*build_image(profile, catalogue()))->fingerprint() != first);
}

TEST_CASE("build: a module that does not exist is named, with the line") {
  Profile profile = small_profile();
  profile.applications[0].module = "usmi";
  const auto image = build_image(profile, catalogue());
  REQUIRE_FALSE(image);
  CHECK(image.error().text == "small.toml:8: error: application usmi: no such module; the modules are: fake");
}

TEST_CASE("build: what a module says of its parameters comes with the application and the line") {
  Profile profile = small_profile();
  profile.applications[0].parameters.set("k", "010203");
  const auto image = build_image(profile, catalogue());
  REQUIRE_FALSE(image);
  CHECK(image.error().text == "small.toml:8: error: application fake: k has 3 bytes, not 2");
}

TEST_CASE("build: the text of an error names the line, the file and both lengths") {
  Profile profile = small_profile();
  profile.files[0].content = Bytes(5, 0);
  const auto image = build_image(profile, catalogue());
  REQUIRE_FALSE(image);
  CHECK(image.error().text ==
        "small.toml:12: error: file 3F00/7F10/6F06: the content has 5 bytes, the file 4 (ETSI TS 102 221 clause 11.1.1.4.1)");
  profile.source.clear();
  CHECK(build_image(profile, catalogue()).error().text.starts_with("line 12: error: file"));
}

TEST_CASE("build: what cannot be a card is refused, by what and why") {
  struct Bad {
    const char* subject;
    const char* reason;
    void (*spoil)(Profile&);
  };
  const Bad table[] = {
      {"atr", "it has 1 bytes", [](Profile& p) { p.atr.resize(1); }},
      {"atr", "it has 34 bytes", [](Profile& p) { p.atr.resize(34); }},
      {"card", "at most 19", [](Profile& p) { p.logical_channels = 20; }},
      {"card", "would answer 6E00 to everything", [](Profile& p) { p.gsm_class = p.choices.uicc_class = false; }},
      {"card", "the MF (3F00) is missing", [](Profile& p) { p.files.pop_back(); }},
      {"application fake", "has no AID", [](Profile& p) { p.applications[0].aid = {}; }},
      {"application fake", "occurs twice", [](Profile& p) { p.applications.push_back(p.applications[0]); }},
      {"application fake", "belongs to another",
       [](Profile& p) {
         p.applications.push_back(p.applications[0]);
         p.applications[1].aid = *Aid::from("A0000000871004"_h);
       }},
      {"application fake", "begins with ADF.", [](Profile& p) { p.applications[0].adf = "USIM"; }},
      {"file ADF.ISIM", "does not exist",
       [](Profile& p) {
         p.applications.push_back(p.applications[0]);
         p.applications[1].aid = *Aid::from("A0000000871004"_h);
         p.applications[1].adf = "ADF.ISIM";
       }},
      {"file ADF.USIM", "no application has this ADF", [](Profile& p) { p.applications.clear(); }},
      {"file 3F00/7F10", "occurs twice", [](Profile& p) { p.files.push_back(p.files[3]); }},
      {"file 3F00/7F20/6F07", "its parent 3F00/7F20 does not exist", [](Profile& p) { p.files[0].path = "3F00/7F20/6F07"; }},
      {"file 3F00/2F00/6F07", "its parent 3F00/2F00 is not a directory", [](Profile& p) { p.files[0].path = "3F00/2F00/6F07"; }},
      {"file 3F00/7F10/7F10", "FID of a directory above", [](Profile& p) { p.files[0].path = "3F00/7F10/7F10"; }},
      {"file 3F00/7FFF", "is reserved", [](Profile& p) { p.files[0].path = "3F00/7FFF"; }},
      {"file 3F00/3F00", "is reserved", [](Profile& p) { p.files[0].path = "3F00/3F00"; }},
      {"file 3F00/6F", "four hexadecimal digits", [](Profile& p) { p.files[0].path = "3F00/6F"; }},
      {"file 3F00/IMSI", "four hexadecimal digits", [](Profile& p) { p.files[0].path = "3F00/IMSI"; }},
      {"file 2F00", "a path is 3F00", [](Profile& p) { p.files[4].path = "2F00"; }},
      {"file ", "a path is 3F00", [](Profile& p) { p.files[4].path = ""; }},
      {"file 3F00", "a path is 3F00", [](Profile& p) { p.files[5].header.kind = FileKind::kDf; }},
      {"file 3F00/7F10", "that of a DF or an EF", [](Profile& p) { p.files[3].header.kind = FileKind::kAdf; }},
      {"file 3F00/7F10", "a directory has no SFI", [](Profile& p) { p.files[3].header.sfi = Sfi{1}; }},
      {"file ADF.USIM/6F07", "the SFI is 31", [](Profile& p) { p.files[1].header.sfi = Sfi{31}; }},
      {"file ADF.USIM/6F08", "its SFI is that of ADF.USIM/6F07",
       [](Profile& p) {
         p.files.push_back(p.files[1]);
         p.files.back().path = "ADF.USIM/6F08";
       }},
      {"file 3F00/7F10", "a directory has no content", [](Profile& p) { p.files[3].content = {0}; }},
      {"file 3F00/7F10", "at most 32 keys", [](Profile& p) { p.files[3].header.keys.resize(33); }},
      {"file ADF.USIM/6F07", "only a directory has keys", [](Profile& p) { p.files[1].header.keys.resize(1); }},
      {"file ADF.USIM/6F07", "not record structured", [](Profile& p) { p.files[1].records = {{0}}; }},
      {"file ADF.USIM/6F07", "its size is 0", [](Profile& p) { p.files[1].header.size = 0; }},
      {"file ADF.USIM/6F07", "its size is 65536", [](Profile& p) { p.files[1].header.size = 65536; }},
      {"file 3F00/2F00", "takes its content in", [](Profile& p) { p.files[4].content = {0}; }},
      {"file 3F00/2F00", "its record length is 0", [](Profile& p) { p.files[4].header.record_length = 0; }},
      {"file 3F00/2F00", "its record length is 256", [](Profile& p) { p.files[4].header.record_length = 256; }},
      {"file 3F00/2F00", "it has 0 records", [](Profile& p) { p.files[4].header.record_count = 0; }},
      {"file 3F00/2F00", "it has 255 records", [](Profile& p) { p.files[4].header.record_count = 255; }},
      {"file 3F00/2F00", "not the record length times", [](Profile& p) { p.files[4].header.size = 59; }},
      {"file 3F00/2F00", "3 records are given, the file has 2", [](Profile& p) { p.files[4].records.resize(3); }},
      {"file 3F00/2F00", "record 2 has 31 bytes",
       [](Profile& p) {
         p.files[4].records = {{}, Bytes(31, 0)};
       }},
      {"file 3F00/2F00", "record 1 has 34 bytes", [](Profile& p) { p.applications[0].label = "a label too long"; }},
      {"file ADF.USIM/6F07", "not a sequence of data objects",
       [](Profile& p) {
         p.files[1].header.kind = FileKind::kBerTlv;
         p.files[1].content = {0x80, 0x02, 0x00};
       }},
      {"file ADF.USIM/6F07", "no fill pattern",
       [](Profile& p) {
         p.files[1].header.kind = FileKind::kBerTlv;
         p.files[1].fill = {0x00};
       }},
      {"pin 00", "no PIN or ADM", [](Profile& p) { p.pins[0].key = {0x00}; }},
      {"pin 09", "no PIN or ADM", [](Profile& p) { p.pins[0].key = {0x09}; }},
      {"pin 81", "occurs twice", [](Profile& p) { p.pins.push_back(p.pins[1]); }},
      {"pin 81", "names the ADF", [](Profile& p) { p.pins[1].scope = ""; }},
      {"pin 81", "names the ADF", [](Profile& p) { p.pins[1].scope = "ADF.ISIM"; }},
      {"pin 01", "belongs to no application", [](Profile& p) { p.pins[0].scope = "ADF.USIM"; }},
      {"pin 01", "its value has 4 bytes", [](Profile& p) { p.pins[0].value.resize(4); }},
      {"pin 01", "its PUK has 9 bytes", [](Profile& p) { p.pins[0].puk.resize(9); }},
      {"pin 01", "1 to 15", [](Profile& p) { p.pins[0].max_tries = 0; }},
      {"pin 01", "1 to 15", [](Profile& p) { p.pins[0].max_tries = 16; }},
      {"pin 01", "1 to 15", [](Profile& p) { p.pins[0].max_puk_tries = 0; }},
  };
  for (const Bad& bad : table) {
    CAPTURE(std::string(bad.subject));
    CAPTURE(std::string(bad.reason));
    Profile profile = small_profile();
    REQUIRE(find_errors(profile).empty());
    bad.spoil(profile);
    const auto findings = find_errors(profile);
    const auto it = std::ranges::find_if(findings, [&](const Finding& finding) {
      return finding.subject == bad.subject && finding.text.find(bad.reason) != std::string::npos;
    });
    CHECK(it != findings.end());
    CHECK_FALSE(build_image(profile, catalogue()));
  }
}

TEST_CASE("build: a BER-TLV EF takes data objects up to its maximum size (TS 102 221 clause 8.2.2.4)") {
  Profile profile = small_profile();
  profile.files[1].header.kind = FileKind::kBerTlv;
  profile.files[1].content = to_bytes("8001AA 8102BBCC"_h);
  CHECK(body(**build_image(profile, catalogue()), Fid{0x6F07}) == to_bytes("8001AA8102BBCC"_h));
  profile.files[1].header.size = 6;
  CHECK_FALSE(build_image(profile, catalogue()));
  profile.files[1].header.max_size = 7;
  CHECK(build_image(profile, catalogue()));
}
