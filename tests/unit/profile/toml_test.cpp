// SPDX-License-Identifier: Apache-2.0
#include "profile/toml.hpp"

#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

#include "profile/check.hpp"

using namespace uicclab;
using namespace uicclab::emulator;
using namespace uicclab::profile;

namespace {

constexpr std::string_view kSmall = R"(name = "small"
atr = "3B 00"
pins = [
  { key = "01", value = "1234", puk = "12345678", enabled = false },
  { key = "81", in = "ADF.USIM", value = "5678" },
  { key = "0A", value = "38 38 38 38 38 38 38 38", tries = 5 },
]
[identity]
imsi = "001010000000001"
mnc = "01"
[[applications]]
module = "usim"
aid = "A0000000871002FF49FF0589"
label = "USIM"
adf = "ADF.USIM"
[applications.parameters]
k = "00"
sqn.start = 32
nested.deeper.flag = true
[files."3F00"]
name = "MF"
rule = "2F06/3"
keys = ["01", "0A"]
2F06 = { name = "EF.ARR", sfi = 6, linear = "2 x 20", rule = "2F06/2", records = ["8001019000", ""] }
2f05 = { size = 4, expanded = "8001019000", content = "65 6E" }
[files."ADF.USIM/5f3a"]
rule = "2F06/3"
4F20 = { cyclic = "5x3", fill = "00", compact = "039090", state = "deactivated", shareable = false }
[files."ADF.USIM"]
fid = "7FF0"
referenced = "2F06 01 03 00 02"
keys = ["01", "81", "0A"]
6F38 = { size = 3, rule = "6F06/1", services = [1, 8, 18], proprietary = "C00180" }
6FFE = { ber_tlv = 512, max_size = 1024, rule = "6F06/1", content = "80020102" }
)";

Profile small() {
  auto profile = parse_profile(kSmall, "small.toml");
  REQUIRE_MESSAGE(profile, profile.error().text);
  return *profile;
}

const FileSpec& file(const Profile& profile, std::string_view path) {
  const auto it = std::ranges::find(profile.files, path, &FileSpec::path);
  REQUIRE_MESSAGE(it != profile.files.end(), path);
  return *it;
}

std::string error_of(std::string_view text) {
  const auto profile = parse_profile(text, "t");
  return profile ? "no error" : profile.error().text;
}

/// kSmall with one piece of it replaced.
std::string spoilt(std::string_view piece, std::string_view by) {
  std::string text(kSmall);
  const auto at = text.find(piece);
  REQUIRE_MESSAGE(at != std::string::npos, piece);
  return text.replace(at, piece.size(), by);
}

}  // namespace

TEST_CASE("profile text: the card, its PINs and its applications") {
  const Profile profile = small();
  CHECK(profile.source == "small.toml");
  CHECK(profile.name == "small");
  CHECK(profile.atr == to_bytes("3B00"_h));
  CHECK(profile.identity.imsi == "001010000000001");
  REQUIRE(profile.pins.size() == 3);
  CHECK(profile.pins[0].value == to_bytes("31323334FFFFFFFF"_h));
  CHECK(profile.pins[0].puk == to_bytes("3132333435363738"_h));
  CHECK_FALSE(profile.pins[0].enabled);
  CHECK(profile.pins[0].can_be_disabled);
  CHECK(profile.pins[1].scope == "ADF.USIM");
  CHECK(profile.pins[1].puk.empty());
  CHECK(profile.pins[2].value == to_bytes("3838383838383838"_h));
  CHECK(profile.pins[2].max_tries == 5);
  CHECK_FALSE(profile.pins[2].can_be_disabled);
  REQUIRE(profile.applications.size() == 1);
  const applet::Parameters& parameters = profile.applications[0].parameters;
  CHECK(parameters.all().size() == 3);
  CHECK(*parameters.text("k") == "00");
  CHECK(*parameters.number("sqn.start", 0, 99) == 32);
  CHECK(*parameters.flag("nested.deeper.flag"));
}

TEST_CASE("profile text: files in the order of the text, each after its directory") {
  const Profile profile = small();
  std::string order;
  for (const FileSpec& each : profile.files) order += each.path + " ";
  CHECK(order == "3F00 3F00/2F06 3F00/2F05 ADF.USIM/5F3A ADF.USIM/5F3A/4F20 ADF.USIM ADF.USIM/6F38 ADF.USIM/6FFE ");
}

TEST_CASE("profile text: what an EF can say") {
  const Profile profile = small();
  const FileSpec& arr = file(profile, "3F00/2F06");
  CHECK(arr.name == "EF.ARR");
  CHECK(arr.header.kind == FileKind::kLinearFixed);
  CHECK(arr.header.record_count == 2);
  CHECK(arr.header.record_length == 20);
  CHECK(arr.header.size == 40);
  CHECK(arr.header.sfi == Sfi{6});
  CHECK(arr.header.security == SecurityAttributes{SecurityAttributes::Form::kReferenced, to_bytes("2F0602"_h)});
  CHECK(arr.records == std::vector<Bytes>{to_bytes("8001019000"_h), {}});
  CHECK(arr.place.line == 24);
  CHECK(arr.place.column == 1);

  const FileSpec& pl = file(profile, "3F00/2F05");
  CHECK(pl.header.kind == FileKind::kTransparent);
  CHECK(pl.header.fid == Fid{0x2F05});
  CHECK(pl.header.size == 4);
  CHECK(pl.content == to_bytes("656E"_h));
  CHECK(pl.header.security.form == SecurityAttributes::Form::kExpanded);
  CHECK_FALSE(pl.header.sfi);

  const FileSpec& cyclic = file(profile, "ADF.USIM/5F3A/4F20");
  CHECK(cyclic.header.kind == FileKind::kCyclic);
  CHECK(cyclic.fill == Bytes{0});
  CHECK(cyclic.header.life_cycle == LifeCycle::kDeactivated);
  CHECK_FALSE(cyclic.header.shareable);
  CHECK(cyclic.header.security.form == SecurityAttributes::Form::kCompact);

  CHECK(file(profile, "ADF.USIM/6F38").content == to_bytes("810002"_h));  // services 1, 8 and 18
  CHECK(file(profile, "ADF.USIM/6F38").header.proprietary == to_bytes("C00180"_h));
  CHECK(file(profile, "ADF.USIM/6FFE").header.kind == FileKind::kBerTlv);
  CHECK(file(profile, "ADF.USIM/6FFE").header.max_size == 1024);
}

TEST_CASE("profile text: a directory without keys has those of its parent") {
  const Profile profile = small();
  CHECK(file(profile, "ADF.USIM").header.kind == FileKind::kAdf);
  CHECK(file(profile, "ADF.USIM").header.fid == Fid{0x7FF0});
  CHECK(file(profile, "ADF.USIM").header.security.value == to_bytes("2F0601030002"_h));
  CHECK(file(profile, "ADF.USIM/5F3A").header.kind == FileKind::kDf);
  CHECK(file(profile, "ADF.USIM/5F3A").header.keys == std::vector<KeyReference>{{0x01}, {0x81}, {0x0A}});
  CHECK(error_of(spoilt("[files.\"ADF.USIM/5f3a\"]\n", "[files.\"ADF.USIM/5f3a\"]\nkeys = []\n")) == "no error");
  const auto without = parse_profile(spoilt("[files.\"ADF.USIM/5f3a\"]\n", "[files.\"ADF.USIM/5f3a\"]\nkeys = []\n"), "t");
  CHECK(file(*without, "ADF.USIM/5F3A").header.keys.empty());
}

TEST_CASE("profile text: without a size the content gives it") {
  const auto profile = parse_profile("atr = '3B00'\n[files.\"3F00\"]\n2FE2 = { content = '010203' }", "t");
  REQUIRE(profile);
  CHECK(file(*profile, "3F00/2FE2").header.size == 3);
}

TEST_CASE("profile text: what was written is read back equal") {
  const Profile profile = small();
  const std::string text = to_toml(profile);
  const auto again = parse_profile(text, "small.toml");
  REQUIRE_MESSAGE(again, again.error().text << "\n" << text);
  CHECK(*again == profile);
  CHECK(to_toml(*again) == text);
}

TEST_CASE("profile text: records that all begin alike are given and written once") {
  const auto profile = parse_profile(
      "atr = '3B00'\n[files.\"3F00\"]\n"
      "6F3C = { linear = '3 x 4', each = '00' }\n6F47 = { linear = '3 x 4', records = ['01'], each = '00' }\n6F4A = { linear = '1 x 4', "
      "each = '' }",
      "t");
  REQUIRE_MESSAGE(profile, profile.error().text);
  CHECK(file(*profile, "3F00/6F3C").records == std::vector<Bytes>(3, Bytes{0}));
  CHECK(file(*profile, "3F00/6F47").records == std::vector<Bytes>{{1}, {0}, {0}});
  const std::string text = to_toml(*profile);
  CHECK(text.find("6F3C = { linear = \"3 x 4\", each = \"00\" }") != std::string::npos);
  CHECK(text.find("each", text.find("6F47")) == std::string::npos);
  CHECK(parse_profile(text, "t") == *profile);
  CHECK(error_of("atr = '3B00'\n[files.\"3F00\"]\n6F07 = { size = 9, each = '00' }") ==
        "t:3:27: file 3F00/6F07: each is the content of the remaining records; the EF has none");
}

TEST_CASE("profile text: odd characters and values survive the way out and back") {
  Profile profile = small();
  profile.name =
      "a \"quoted\" \\ name\twith\x01"
      "control and \xC3\xBC";
  profile.pins[0].value = to_bytes("31323334FF35FFFF"_h);  // no padded text
  profile.pins[0].puk = to_bytes("0000000000000000"_h);
  profile.pins[2].can_be_disabled = true;
  profile.pins[2].max_puk_tries = 1;
  profile.identity = {"001010000000001", "001", "01", "8988211000000000001", "+49", "112", "Op", "a@b", {"sip:a", "tel:+1"}, "b.c", {}};
  profile.applications[0].in_dir = false;
  profile.applications[0].parameters.set("text", "with \"quotes\"");
  profile.applications[0].parameters.set("least", std::numeric_limits<std::int64_t>::min());
  profile.gsm_class = false;
  profile.free_memory = 1;
  profile.logical_channels = 0;
  profile.max_suspend_seconds = 0;
  profile.files[1].header.life_cycle = LifeCycle::kTerminated;
  profile.files[2].header.life_cycle = LifeCycle::kCreation;
  profile.files[4].header.life_cycle = LifeCycle::kInitialisation;
  profile.files[0].header.security = {};
  const auto again = parse_profile(to_toml(profile), "small.toml");
  REQUIRE_MESSAGE(again, again.error().text << "\n" << to_toml(profile));
  CHECK(*again == profile);
}

TEST_CASE("profile text: what is wrong is named with line, column, subject and key") {
  struct Bad {
    std::string_view piece, by, error;
  };
  const Bad table[] = {
      {"name = \"small\"", "nmae = \"small\"",
       "t:1:1: unknown key nmae; known are any_pin_value, applications, atr, deactivated_warning, files, free_memory, "
       "given_directory_data, gsm_adm, "
       "gsm_class,"},
      {"name = \"small\"", "name = 5", "t:1:8: name must be a text in quotes"},
      {"atr = \"3B 00\"", "", "t:1:1: atr is missing"},
      {"atr = \"3B 00\"", "atr = \"3B 0\"", "t:2:7: atr must be hexadecimal: an odd number of hexadecimal digits"},
      {"atr = \"3B 00\"", "atr = \"3B 0G\"", "t:2:7: atr must be hexadecimal: 'G' is not a hexadecimal digit at character 5"},
      {"atr = \"3B 00\"", "atr = 0x3B00", "t:2:7: atr must be hexadecimal in quotes"},
      {"atr = \"3B 00\"", "atr = \"3B00\"\nlogical_channels = 20", "t:3:20: logical_channels must be 0 to 19"},
      {"atr = \"3B 00\"", "atr = \"3B00\"\nlogical_channels = 1.5", "t:3:20: logical_channels must be a whole number"},
      {"atr = \"3B 00\"", "atr = \"3B00\"\ngsm_class = 1", "t:3:13: gsm_class must be true or false"},
      {"atr = \"3B 00\"", "atr = \"3B00\"\natr = \"3B00\"", "t:3:"},
      {"atr = \"3B 00\"", "atr = ", "t:2:7: "},
      {"[identity]", "[identity", "t:"},
      {"[identity]\n", "[identity]\nimis = \"\"\n", "t:9:1: identity: unknown key imis"},
      {"imsi = \"001010000000001\"", "imsi = 1010000000001", "t:9:8: identity: imsi must be a text in quotes"},
      {"[identity]\n", "[identity]\nimpu = \"sip:a\"\n", "t:9:8: identity: impu must be a list of texts in quotes"},
      {"[identity]\n", "[identity]\nimpu = [\"a\", 5]\n", "t:9:14: identity: impu must be a list of texts in quotes"},
      {"key = \"01\", value", "value", "t:4:3: pin: key is missing"},
      {"key = \"01\"", "key = \"0101\"", "t:4:11: pin: key must be key references of one byte"},
      {"value = \"1234\", ", "", "t:4:3: pin: value is missing"},
      {"value = \"1234\"", "value = \"\"", "pin: value must be 1 to 8 printable characters"},
      {"value = \"1234\"", "value = \"12 34\"", "pin: value must be 1 to 8 printable characters"},
      {"value = \"1234\"", "value = \"12345678ZZ\"", "pin: value must be hexadecimal"},
      {"value = \"1234\"", "value = \"31323334FFFF\"", "pin: value must be up to 8 characters, or 8 bytes"},
      {"puk = \"12345678\"", "puk = 12345678", "pin: puk must be a text in quotes"},
      {"enabled = false", "disabled = true", "pin: unknown key disabled"},
      {"tries = 5", "tries = 0", "pin: tries must be 1 to 15"},
      {"tries = 5", "tries = 16", "pin: tries must be 1 to 15"},
      {"pins = [", "pins = [ 5,", "t:3:10: pins must be a list of tables"},
      {"[[applications]]", "[applications]", "applications must be a list of tables"},
      {"module = \"usim\"", "", "application: module is missing"},
      {"aid = \"A0000000871002FF49FF0589\"", "", "application: aid is missing"},
      {"aid = \"A0000000871002FF49FF0589\"", "aid = \"A0000000\"", "application: aid is wrong: an AID has 5 to 16 bytes, not 4"},
      {"label = ", "lable = ", "application: unknown key lable"},
      {"k = \"00\"", "k = 1.5", "t:17:5: application parameters: k must be a text, a whole number, true or false"},
      {"k = \"00\"", "k = [1, 1.5]", "application parameters: k.2 must be a text"},
      {"sqn.start = 32", "sqn.start = 1979-05-27", "application parameters: sqn.start must be a text"},
      {"sqn.start = 32", "\"sqn.start\" = 32", "t:18:1: application parameters: a name has letters"},
      {"[files.\"3F00\"]", "[[files.\"3F00\"]]", "file 3F00: must be a table"},
      {"rule = \"2F06/3\"\nkeys", "rule = \"2F06/0\"\nkeys", "t:22:8: file 3F00: rule must be an EF_ARR and its record"},
      {"rule = \"2F06/3\"\nkeys", "rule = \"2F06/255\"\nkeys", "file 3F00: rule must be an EF_ARR and its record"},
      {"rule = \"2F06/3\"\nkeys", "rule = \"2F06\"\nkeys", "file 3F00: rule must be an EF_ARR and its record"},
      {"rule = \"2F06/3\"\nkeys", "rule = \"2F06/3x\"\nkeys", "file 3F00: rule must be an EF_ARR and its record"},
      {"rule = \"2F06/3\"\nkeys", "rule = \"ARR/3\"\nkeys", "file 3F00: rule must be an EF_ARR and its record"},
      {"rule = \"2F06/3\"\nkeys", "rule = \"\"\nkeys", "file 3F00: rule must be an EF_ARR and its record"},
      {"keys = [\"01\", \"0A\"]", "keys = [\"01\", 10]", "file 3F00: keys must be a list of hexadecimal texts"},
      {"keys = [\"01\", \"0A\"]", "keys = [\"010A\"]", "file 3F00: keys must be key references of one byte"},
      {"keys = [\"01\", \"0A\"]", "fid = \"3F00\"", "file 3F00: unknown key fid"},
      {"keys = [\"01\", \"0A\"]", "size = 5", "file 3F00: unknown key size"},
      {"keys = [\"01\", \"0A\"]", "ABCD = 5", "file 3F00: ABCD must be a table"},
      {"sfi = 6", "sfi = 0", "t:24:33: file 3F00/2F06: sfi must be 1 to 30"},
      {"sfi = 6", "sfi = 31", "file 3F00/2F06: sfi must be 1 to 30"},
      {"sfi = 6", "sif = 6", "file 3F00/2F06: unknown key sif"},
      {"sfi = 6", "size = 40", "t:24:1: file 3F00/2F06: only one of size, linear, cyclic and ber_tlv"},
      {"linear = \"2 x 20\"", "linear = \"2 x 256\"", "file 3F00/2F06: linear must be like \"10 x 28\""},
      {"linear = \"2 x 20\"", "linear = \"255 x 2\"", "file 3F00/2F06: linear must be like"},
      {"linear = \"2 x 20\"", "linear = \"0 x 2\"", "file 3F00/2F06: linear must be like"},
      {"linear = \"2 x 20\"", "linear = \"2 20\"", "file 3F00/2F06: linear must be like"},
      {"linear = \"2 x 20\"", "linear = \"2 x 20 x\"", "file 3F00/2F06: linear must be like"},
      {"linear = \"2 x 20\"", "linear = \"00000000000000000000000002 x 20000000000000000\"", "file 3F00/2F06: linear must be like"},
      {"records = [\"8001019000\", \"\"]", "records = \"8001019000\"", "file 3F00/2F06: records must be a list"},
      {"records = [\"8001019000\", \"\"]", "records = [\"80010190\", \"8\"]", "file 3F00/2F06: records must be hexadecimal"},
      {"size = 4, ", "size = 0, ", "file 3F00/2F05: size must be 1 to 65535"},
      {"size = 4, ", "size = 65536, ", "file 3F00/2F05: size must be 1 to 65535"},
      {"size = 4, ", "max_size = 4, ", "file 3F00/2F05: max_size is for a BER-TLV EF"},
      {"size = 4, expanded = \"8001019000\", content = \"65 6E\"", "name = \"EF.PL\"", "file 3F00/2F05: size is missing"},
      {"expanded = \"8001019000\"", "expanded = \"8001019000\", compact = \"00\"", "file 3F00/2F05: expanded is a second access rule"},
      {"expanded = \"8001019000\"", "expanded = \"\"", "file 3F00/2F05: expanded must not be empty"},
      {"content = \"65 6E\"", "contents = \"65 6E\"", "file 3F00/2F05: unknown key contents; known are ber_tlv, compact, content,"},
      {"state = \"deactivated\"", "state = \"off\"", "file ADF.USIM/5F3A/4F20: state must be activated"},
      {"shareable = false", "shareable = 0", "file ADF.USIM/5F3A/4F20: shareable must be true or false"},
      {"fid = \"7FF0\"", "", "file ADF.USIM: fid must be given for an ADF"},
      {"fid = \"7FF0\"", "fid = \"7F\"", "file ADF.USIM: fid must be given for an ADF: two bytes"},
      {"services = [1, 8, 18]", "services = [0]", "file ADF.USIM/6F38: services must be a list of numbers from 1 to 24"},
      {"services = [1, 8, 18]", "services = [25]", "file ADF.USIM/6F38: services must be a list of numbers from 1 to 24"},
      {"services = [1, 8, 18]", "services = 1", "file ADF.USIM/6F38: services must be a list of whole numbers"},
      {"services = [1, 8, 18]", "services = [1], content = \"00\"", "file ADF.USIM/6F38: services is the content of"},
      {"fill = \"00\"", "services = [1]", "file ADF.USIM/5F3A/4F20: services is the content of a transparent EF"},
      {"ber_tlv = 512", "ber_tlv = 16777216", "file ADF.USIM/6FFE: ber_tlv must be 0 to 16777215"},
  };
  for (const Bad& bad : table) {
    CAPTURE(std::string(bad.piece));
    CAPTURE(std::string(bad.by));
    const std::string error = error_of(spoilt(bad.piece, bad.by));
    const bool found = error.find(bad.error) != std::string::npos;
    CHECK_MESSAGE(found, error << "\nwanted: " << bad.error);
  }
}

TEST_CASE("profile text: an empty text and no text at all are refused") {
  CHECK(error_of("") == "t:1:1: atr is missing");
  CHECK(error_of(std::string_view("\xFF\xFE\x00", 3)).starts_with("t:1:1: "));
  CHECK(error_of(std::string(300, '[')).starts_with("t:1:"));
}

TEST_CASE("profile text: a letter beyond ASCII is text in strings and comments, and refused with its place elsewhere") {
  CHECK(parse_profile("# Gr\u00f6\u00dfe\nname = \"Gr\u00f6\u00dfe\"\natr = \"3B00\"\n", "t").has_value());
  CHECK(error_of("atr = \"3B00\"\n\u00e4 = 1\n").starts_with("t:2:1: "));
  CHECK(error_of("atr = \"3B00\"\u00e4\n").starts_with("t:1:"));
  CHECK(error_of("atr = \u4e2d\n").starts_with("t:1:"));
  CHECK(error_of("\U0001f4b3").starts_with("t:1:"));
}

TEST_CASE("profile text: each example of docs/profile-format.md is a profile") {
  std::ifstream document(UICCLAB_VECTORS "/../../docs/profile-format.md");
  REQUIRE(document);
  std::stringstream all;
  all << document.rdbuf();
  const std::string text = all.str();
  std::size_t examples = 0;
  for (std::size_t at = text.find("```toml\n"); at != std::string::npos; at = text.find("```toml\n", at)) {
    at += 8;
    std::string example = text.substr(at, text.find("```", at) - at);
    if (example.find("atr = ") == std::string::npos) example = "atr = \"3B00\"\n" + example;
    const auto profile = parse_profile(example, "docs/profile-format.md");
    CHECK_MESSAGE(profile, profile.error().text << "\n" << example);
    if (!profile) continue;
    ++examples;
    const bool whole = !profile->files.empty();
    if (whole) CHECK_MESSAGE(find_errors(*profile).empty(), to_text(*profile, find_errors(*profile).front()));
    CHECK(parse_profile(to_toml(*profile), "docs/profile-format.md") == *profile);
  }
  CHECK(examples == 13);
}

TEST_CASE("what a profile chooses where cards differ is read, kept and written; anything else is refused with its line") {
  const auto read = [](const std::string& keys) { return parse_profile("atr = \"3B00\"\n" + keys + "\n[files.\"3F00\"]\n", "mine.toml"); };
  CHECK(read("")->choices == CardChoices{});
  const auto all = read(
      "uicc_class = false\nany_pin_value = true\nwarning_first = true\ngiven_directory_data = true\nversion_70_opens_sessions = true\n"
      "java_21_install = true\nverify = \"strict\"\ndeactivated_warning = true\n"
      "gsm_adm = { \"05\" = \"0A\", \"11\" = \"8B\" }");
  REQUIRE_MESSAGE(all, all.error().text);
  CHECK(all->choices == CardChoices{false, {{0x05, {0x0A}}, {0x11, {0x8B}}}, true, true, true, true, true, true, true});
  CHECK(read("verify = \"warn\"")->choices == CardChoices{});
  CHECK(parse_profile(to_toml(*all), "again")->choices == all->choices);
  for (const char* wrong : {"uicc_class = 1", "gsm_adm = 5", "gsm_adm = { \"02\" = \"0A\" }", "gsm_adm = { \"0405\" = \"0A\" }",
                            "gsm_adm = { \"05\" = \"01\" }", "gsm_adm = { \"05\" = \"0A0B\" }", "gsm_adm = { x = \"0A\" }",
                            "warning_last = true", "verify = true", "verify = \"loose\""}) {
    CAPTURE(wrong);
    const auto refused = read(wrong);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().text.starts_with("mine.toml:2"));
  }
}

TEST_CASE("[ota]: what deviates from the standards on purpose is read, kept and written; anything else is refused with its line") {
  const auto read = [](const std::string& ota) {
    return parse_profile("atr = \"3B00\"\n[ota]\n" + ota + "\n[files.\"3F00\"]\n", "mine.toml");
  };
  CHECK(read("")->remote == RemoteSettings{});
  const auto all = read(
      "single_des = true\nshort_cmac = true\npadding = \"80\"\nanswer_failed_cc = true\none_higher_is_higher = true\n"
      "response_check_without_udh = true\nprotect_any_error = true");
  REQUIRE(all);
  CHECK(all->remote.policy.single_des);
  CHECK(all->remote.policy.short_cmac);
  CHECK(all->remote.quirks == ota::Quirks{0x80, true, false, true, true, true});
  CHECK(parse_profile(to_toml(*all), "again")->remote == all->remote);
  for (const char* wrong :
       {"padding = \"01\"", "padding = 80", "silence = true", "single_des = 1", "answer_failed_cc = true\nnever_answer_errors = true"}) {
    CAPTURE(wrong);
    const auto refused = read(wrong);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().text.starts_with("mine.toml:3"));
    CHECK(refused.error().text.find("ota") != std::string::npos);
  }
}
