// SPDX-License-Identifier: Apache-2.0
#include "profile/check.hpp"

#include <doctest/doctest.h>

#include "applet/builtin.hpp"
#include "profile/default.hpp"
#include "profile/toml.hpp"

using namespace uicclab;
using namespace uicclab::emulator;
using namespace uicclab::profile;

namespace {

struct Edit {
  std::string_view piece, by;
};

/// The default card with pieces of its text replaced, each at its first place.
Profile edited(std::initializer_list<Edit> edits) {
  std::string text(default_profile_text());
  for (const Edit& edit : edits) {
    const auto at = text.find(edit.piece);
    REQUIRE_MESSAGE(at != std::string::npos, edit.piece);
    text.replace(at, edit.piece.size(), edit.by);
  }
  auto profile = parse_profile(text, "t");
  REQUIRE_MESSAGE(profile, profile.error().text);
  return *profile;
}

/// All findings as texts, one a line.
std::string findings(const Profile& profile) {
  std::string all;
  for (const Finding& finding : check_profile(profile)) all += to_text(profile, finding) + "\n";
  return all;
}

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

/// Line of the default text in which a piece stands first.
std::size_t line_of(std::string_view piece) {
  const std::string_view text = default_profile_text();
  const auto at = text.find(piece);
  REQUIRE(at != std::string_view::npos);
  return static_cast<std::size_t>(std::ranges::count(text.substr(0, at), '\n')) + 1;
}

}  // namespace

TEST_CASE("check: the default card has no errors and no warnings") {
  CHECK(findings(*default_profile()).empty());
}

TEST_CASE("check: a warning has the line, what it is about, a sentence and the clause") {
  const Profile profile = edited({{"iccid = \"89882110000000000010\"", "iccid = \"89882110000000000011\""}});
  CHECK(findings(profile) == "t:" + std::to_string(line_of("2FE2 = {")) +
                                 ": warning: file 3F00/2FE2: the check digit of the ICCID 89882110000000000011 is wrong"
                                 " (ETSI TS 102 221 clause 13.2; ISO/IEC 7812-1 annex B)\n");
}

TEST_CASE("check: errors come first, then the warnings") {
  const Profile profile = edited(
      {{"iccid = \"89882110000000000010\"", "iccid = \"89882110000000000011\""}, {"content = \"656E\"", "content = \"656E656E656E656E\""}});
  const auto all = check_profile(profile);
  REQUIRE(all.size() == 2);
  CHECK(all[0].severity == Finding::Severity::kError);
  CHECK(all[0].text == "the content has 8 bytes, the file 6");
  CHECK(all[1].severity == Finding::Severity::kWarning);
}

TEST_CASE("check: what trips up a terminal is found, and nothing else") {
  struct Bad {
    std::string_view piece, by, finding;
  };
  const std::string_view atr = "3B 9F 96 80 91 FE 1F 87 80 31 E0 73 FE 21 5F 67 75 69 63 63 6C 61 62 C8";
  const Bad table[] = {
      // Answer to reset
      {atr, "3B 9F 96 80 91 FE 1F 87 80 31 E0 73 FE 21 5F 67 75 69 63 63 6C 61 62 C9", "atr: no reader will understand it: TCK is wrong"},
      {atr, "3B 9F 96 80 91 FE 1F 87 80 31 E0 73 FE 21 5F 67 75 69 63 63 6C 61 62", "atr: no reader will understand it: no TCK"},
      {atr, "3B 9F 96 80 91 FE 1F 87 80 31 E0 73 FE 21 5F 67", "atr: no reader will understand it: historical bytes announced but missing"},
      {atr, "3C 00", "atr: no reader will understand it: TS is neither 3B nor 3F"},
      {atr, "3B 8A 81 1F 87 80 31 E0 73 FE 21 5F 62 75 69 4F", "atr: T=0 is not offered"},
      {atr, "3B 0A 80 31 E0 73 FE 21 5F 62 75 69", "atr: the ATR has no T=15 byte"},
      {atr, "3B 9A 96 80 1F 87 00 31 E0 73 FE 21 5F 62 75 69 48", "atr: the historical bytes do not begin with the category 80"},
      {atr, "3B 9A 96 80 1F 87 80 31 E0 73 FE 21 5F 63 75 69 C9", "atr: a data object of the historical bytes is longer than they are"},
      {atr, "3B 98 96 80 1F 87 80 73 FE 21 5F 62 75 69 1B", "atr: the historical bytes lack the card service data"},
      {atr, "3B 96 96 80 1F 87 80 31 E0 62 75 69 37", "atr: the historical bytes lack the card capabilities"},
      {atr, "3B 99 96 80 1F 87 80 31 E0 72 FE 21 62 75 69 95", "atr: the card capabilities have 2 bytes, not 3"},
      {atr, "3B 9F 96 80 91 FE 1F 87 80 31 E0 73 FE 21 5B 67 75 69 63 63 6C 61 62 CC",
       "atr: the card capabilities promise 4 logical channels, the card has 20"},
      {"logical_channels = 19", "logical_channels = 3", "atr: the card capabilities promise 8 logical channels, the card has 4"},
      // PINs
      {"gsm_class = true", "gsm_adm = { \"05\" = \"0C\" }", "gsm_adm: CHV 05 means ADM 0C, which is not among the pins"},
      {"value = \"1234\"", "value = \"123\"", "pin 01: its value is not 4 to 8 digits"},
      {"value = \"1234\"", "value = \"12a4\"", "pin 01: its value is not 4 to 8 digits"},
      {"value = \"1234\"", "value = \"31323334FFFFFF31\"", "pin 01: its value is not 4 to 8 digits"},
      {"puk = \"12345678\"", "puk = \"1234567\"", "pin 01: its PUK is not 8 digits"},
      {", puk = \"12345678\"", "", "pin 01: it has no PUK"},
      // Contents
      {"6F07 = { name = \"EF.IMSI\", size = 9, sfi = 7,",
       "6F07 = { name = \"EF.IMSI\", size = 9, content = \"080110100000000010\", sfi = 7,",
       "file ADF.USIM/6F07: its content is not an IMSI"},
      {"6F07 = { name = \"EF.IMSI\", size = 9, sfi = 7,",
       "6F07 = { name = \"EF.IMSI\", size = 9, content = \"070910100000000010\", sfi = 7,",
       "file ADF.USIM/6F07: its content is not an IMSI"},
      {"6F07 = { name = \"EF.IMSI\", size = 9, rule", "6F07 = { name = \"EF.IMSI\", size = 9, content = \"FF\", rule",
       "file 3F00/7F20/6F07: its content is not an IMSI"},
      {"2FE2 = { name = \"EF.ICCID\",", "2FE2 = { name = \"EF.ICCID\", content = \"98F81201\",",
       "file 3F00/2FE2: its content is not an ICCID"},
      {"2FE2 = { name = \"EF.ICCID\",", "2FE2 = { name = \"EF.ICCID\", content = \"988811020000000A\",",
       "file 3F00/2FE2: its content is not an ICCID"},
      {"2FE2 = { name = \"EF.ICCID\",", "2FE2 = { name = \"EF.ICCID\", content = \"9888\",",
       "file 3F00/2FE2: the ICCID has 4 digits, not 18 to 20"},
      {"6FAD = { name = \"EF.AD\", size = 4, sfi", "6FAD = { name = \"EF.AD\", content = \"000000\", sfi",
       "file ADF.USIM/6FAD: byte 4, the length of the MNC"},
      {"6FAD = { name = \"EF.AD\", size = 4, sfi", "6FAD = { name = \"EF.AD\", content = \"00000004\", sfi",
       "file ADF.USIM/6FAD: byte 4, the length"},
      {"6FAD = { name = \"EF.AD\", size = 4, rule", "6FAD = { name = \"EF.AD\", content = \"00000000\", rule",
       "file 3F00/7F20/6FAD: byte 4, the length"},
      {"6F02 = { name = \"EF.IMPI\", size = 80,", "6F02 = { name = \"EF.IMPI\", size = 80, content = \"81026162\",",
       "file ADF.ISIM/6F02: its content is not a data object with tag 80"},
      {"6F03 = { name = \"EF.DOMAIN\", size = 80,", "6F03 = { name = \"EF.DOMAIN\", size = 80, content = \"800261620000\",",
       "file ADF.ISIM/6F03: its content is no"},
      {"6F04 = { name = \"EF.IMPU\",", "6F04 = { name = \"EF.IMPU\", records = [\"80\"],",
       "file ADF.ISIM/6F04: its content is not a data object"},
      // EF_DIR
      {"2F00 = { name = \"EF.DIR\",", "2F00 = { name = \"EF.DIR\", records = [\"610E4F0CA0000000871004FF49FF0589\"],",
       "file 3F00/2F00: it lists no USIM"},
      {"label = \"USIM\"", "in_dir = false", "file 3F00/2F00: it lists no USIM"},
      {"2F00 = { name = \"EF.DIR\",", "2F00 = { name = \"EF.DIR\", records = [\"61094F07A0000000871002\", \"620E4F0C\"],",
       "file 3F00/2F00: record 2 is not an application template (61)"},
      {"2F00 = { name = \"EF.DIR\",", "2F00 = { name = \"EF.DIR\", records = [\"61094F07A0000000871002\", \"61025000\"],",
       "file 3F00/2F00: record 2 is not an application template (61)"},
      {"2F00 = { name = \"EF.DIR\",", "2F00 = { name = \"EF.DIR\", records = [\"61094F07A0000000871002\", \"61094F07A000000087100500\"],",
       "file 3F00/2F00: record 2 has bytes other than FF"},
      {"2F00 = { name = \"EF.DIR\",", "2F00 = { name = \"EF.DIR\", records = [\"61094F07A0000000871002\", \"61094F07A0000000871005\"],",
       "file 3F00/2F00: record 2 lists A0000000871005, which is not an application"},
      // Access rules and keys
      {"rule = \"2F06/4\"", "rule = \"2F06/10\"", "file 3F00/2FE2: its access rule is record 10 of EF_ARR 3F00/2F06, which does not exist"},
      {"rule = \"2F06/4\"", "rule = \"6F06/4\"", "file 3F00/2FE2: its access rule is in EF_ARR 6F06, which is not found above it"},
      {"rule = \"2F06/4\"", "rule = \"2FE2/1\"", "file 3F00/2FE2: its access rule is in EF_ARR 2FE2, which is not found above it"},
      {"rule = \"2F06/4\"", "referenced = \"2F06\"", "file 3F00/2FE2: its access rule names no record of an EF_ARR"},
      {"rule = \"2F06/4\"", "referenced = \"2F06020403\"", "file 3F00/2FE2: its access rule names no record of an EF_ARR"},
      {"rule = \"2F06/4\"", "compact = \"03\"", "file 3F00/2FE2: its access rule cannot be read, so nothing is allowed"},
      {"rule = \"2F06/4\"", "expanded = \"8001\"", "file 3F00/2FE2: its access rule cannot be read, so nothing is allowed"},
      {", rule = \"2F06/4\"", "", "file 3F00/2FE2: it has no access rule, so nothing is allowed"},
      {"\"800101 9000 800118 A40683010A950108 800142 9700\"", "\"\"",
       "file 3F00/2FE2: its access rule is record 4 of EF_ARR 3F00/2F06, which is empty"},
      {"\"800101 9000 800118 A40683010A950108 800142 9700\"", "\"800101 9000 8001\"",
       "file 3F00/2FE2: record 4 of EF_ARR 3F00/2F06 cannot be read"},
      {"rule = \"2F06/4\"", "expanded = \"800101 A40683010B950108\"",
       "file 3F00/2FE2: its access rule asks for the key 0B, which is not in pins"},
      {"rule = \"2F06/4\"", "expanded = \"800101 A406830182950108\"",
       "file 3F00/2FE2: its access rule asks for the key 82, which is not in pins"},
      {"6F02 = { name = \"EF.IMPI\", size = 80, sfi = 2, rule = \"6F06/2\"",
       "6F02 = { name = \"EF.IMPI\", size = 80, sfi = 2, expanded = \"800101 A406830181950108\"",
       "file ADF.ISIM/6F02: its access rule asks for the key 81, which is not in pins"},
      {"keys = [\"01\", \"0A\"]\n6F02", "keys = [\"01\", \"81\", \"0A\"]\n6F02",
       "file ADF.ISIM: its PIN status template names the key 81, which is not in pins"},
      {"keys = [\"01\", \"0A\"]\n6F02", "keys = []\n6F02", "file ADF.ISIM: it has no keys, so its FCP has no PIN status template"},
      {"rule = \"2F06/4\"",
       "rule = \"2F06/4\", proprietary = "
       "\"C07800000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
       "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\"",
       "file 3F00/2FE2: its FCP has 153 bytes"},
      // Files and services
      {"2F08 = {", "2F09 = {", "file 3F00: the mandatory EF_UMPC (3F00/2F08) is missing"},
      {"6F7B = { name = \"EF.FPLMN\", size = 12, sfi", "6F7A = { name = \"EF.FPLMN\", size = 12, sfi",
       "file ADF.USIM: the mandatory EF_FPLMN (ADF.USIM/6F7B) is missing"},
      {"6F03 = { name = \"EF.DOMAIN\"", "6F13 = { name = \"EF.DOMAIN\"",
       "file ADF.ISIM: the mandatory EF_DOMAIN (ADF.ISIM/6F03) is missing"},
      {"6F46 = { name = \"EF.SPN\", size = 17, rule = \"6F06", "6F99 = { name = \"EF.SPN\", size = 17, rule = \"6F06",
       "file ADF.USIM/6F38: service 19 is claimed, but its EF_SPN (ADF.USIM/6F46) is missing"},
      {"6F49 = { name = \"EF.SDN\", linear = \"10 x 28\", rule = \"6F06", "6F99 = { name = \"EF.SDN\", linear = \"10 x 28\", rule = \"6F06",
       "file ADF.USIM/6F38: service 4 is claimed, but its EF_SDN (ADF.USIM/6F49) is missing"},
      {"  1, 2, 3, 4, 5, 8,", "  1, 2, 3, 4, 5, 6, 8,",
       "file ADF.USIM/6F38: service 6 is claimed, but its EF_BDN (ADF.USIM/6F4D) is missing"},
      {"  1, 2, 3, 4, 5, 8,", "  1, 2, 3, 4, 5, 8, 109, 91,",
       "file ADF.USIM/6F38: service 91 is claimed, but its EF_PSISMSC (3F00/7F10/6FE5) is missing"},
      {"27, 28, 29, 33, 34,", "27, 28, 29, 34,", "file ADF.USIM/6F38: the bit of service 33 must be set"},
      {"services = [2, 5]", "services = [2, 5, 7]", "file ADF.ISIM/6F07: service 7 is claimed, but its EF_SMSR (ADF.ISIM/6F47) is missing"},
      {"124, 125, 126", "124, 126", "file ADF.USIM/6F38: the terminal is to calculate the SUCI (service 124 without 125)"},
      {"124, 125, 126", "125, 126", "file ADF.USIM/6F38: service 125 is claimed without 124"},
      {"4F0A = {", "4F07 = { content = \"A0020000\", rule = \"6F06/2\" }\n4F0A = {",
       "file ADF.USIM/5FC0/4F07: the USIM calculates the SUCI"},
  };
  for (const Bad& bad : table) {
    CAPTURE(std::string(bad.piece));
    CAPTURE(std::string(bad.by));
    const std::string all = findings(edited({{bad.piece, bad.by}}));
    const bool found = all.find(": warning: " + std::string(bad.finding)) != std::string::npos;
    CHECK_MESSAGE(found, "wanted: " << bad.finding << "\ngot:\n" << all);
    CHECK_MESSAGE(lines(all) <= 2, all);  // at most one more that follows from the same spoiling
  }
}

TEST_CASE("check: a missing EF_ARR, rule by rule, and a USIM without its service table do no harm to the checker") {
  CHECK(lines(findings(edited({{"2F06 = {", "2F07 = {"}}))) > 40);
  const std::string all = findings(edited({{"6F38 = { name = \"EF.UST\"", "6F39 = { name = \"EF.UST\""}}));
  CHECK(all.find("the mandatory EF_UST (ADF.USIM/6F38) is missing") != std::string::npos);
  CHECK(lines(all) == 1);
}

TEST_CASE("check: a card without a USIM needs none of its files, and one without EF_DIR not for its entries") {
  const auto profile = parse_profile(
      "atr = '3B 96 96 80 1F 87 80 31 E0 73 FE 21 00 00'\n"
      "[files.\"3F00\"]\nexpanded = '80015E97 00'\nkeys = ['0A']",
      "t");
  REQUIRE(profile);
  const std::string all = findings(*profile);
  CHECK(all.find("USIM") == std::string::npos);
  CHECK(all.find("EF_DIR (3F00/2F00) is missing") != std::string::npos);
}

TEST_CASE("check: a profile of nothing is found wanting, not crashed on") {
  CHECK(lines(findings(Profile{})) >= 3);
}

TEST_CASE("finding: its text without a line, without a source, without a clause") {
  Profile profile;
  Finding finding{Finding::Severity::kWarning, {}, "atr", "wrong", ""};
  CHECK(to_text(profile, finding) == "warning: atr: wrong");
  profile.source = "a.toml";
  CHECK(to_text(profile, finding) == "a.toml: warning: atr: wrong");
  finding.place = {7, 1};
  finding.clause = "clause 1";
  finding.severity = Finding::Severity::kError;
  CHECK(to_text(profile, finding) == "a.toml:7: error: atr: wrong (clause 1)");
  profile.source.clear();
  CHECK(to_text(profile, finding) == "line 7: error: atr: wrong (clause 1)");
}

TEST_CASE("profile check: keys of a security domain that cannot open a secure channel are reported (GP clause 7.5.2)") {
  const auto remarks = [](const std::string& parameters, const std::string& card = "") {
    const auto profile = parse_profile("atr = \"3B9F96801F878031E073FE211B674A4C753034054BA9\"\n" + card +
                                           "\n[[applications]]\nmodule = \"issuer-sd\"\naid = \"A000000151000000\"\nin_dir = false\n"
                                           "[applications.parameters]\n" +
                                           parameters + "\n[files.\"3F00\"]\n",
                                       "t");
    REQUIRE_MESSAGE(profile, profile.error().text);
    std::string all;
    for (const Finding& finding : check_profile(*profile, applet::builtin_modules())) {
      if (finding.subject == "application issuer-sd") all += to_text(*profile, finding) + "\n";
    }
    return all;
  };
  const auto set = [](const std::string& version, const std::string& more = "") {
    std::string text = more.empty() ? "" : "keys." + version + "." + more + "\n";
    for (const char* name : {"enc", "mac", "dek"}) text += "keys." + version + "." + name + " = \"404142434445464748494A4B4C4D4E4F\"\n";
    return text;
  };
  const std::string none = "no secure channel can be opened";
  CHECK(remarks(set("30")).empty());
  CHECK(remarks("").find(none) != std::string::npos);
  CHECK(remarks(set("70")).find("keys of version 70 open no session: it is for tokens") != std::string::npos);
  CHECK(remarks(set("70")).find(none) != std::string::npos);
  CHECK(remarks(set("70"), "version_70_opens_sessions = true").empty());
  CHECK(remarks(set("70", "type = \"des\""), "version_70_opens_sessions = true").find("scp02 = 0x55 allows it") != std::string::npos);
  CHECK(remarks(set("70", "type = \"des\"") + "scp02 = 0x55\n", "version_70_opens_sessions = true").empty());
  CHECK(remarks(set("30") + "keys.20.enc = \"404142434445464748494A4B4C4D4E4F\"\n")
            .find("keys of version 20 open no session: enc, mac and dek must be there") != std::string::npos);
  CHECK(remarks(set("30") + "keys.01.kic = \"404142434445464748494A4B4C4D4E4F\"\n").empty());  // of secured packets
  CHECK(remarks(set("30") + set("73")).empty());                                               // of DAPs
}
