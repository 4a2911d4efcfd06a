// SPDX-License-Identifier: Apache-2.0
// Codecs of gp/: what another card answered, and what must be refused.
#include <doctest/doctest.h>

#include "core/hex.hpp"
#include "gp/card_data.hpp"
#include "gp/install.hpp"
#include "gp/key.hpp"

using namespace uicclab;
using namespace uicclab::gp;

namespace {

Aid aid(std::string_view hex) {
  return Aid::from(*from_hex(hex)).value();
}

Bytes hex(std::string_view text) {
  return *from_hex(text);
}

}  // namespace

TEST_CASE("privileges: one byte and three, as tables 11-7 to 11-9 code them") {
  CHECK(Privileges::parse(hex("80"))->has(Privilege::kSecurityDomain));
  CHECK(Privileges::parse(hex("9EDC00"))->has(Privilege::kGlobalDelete));
  CHECK(to_hex(Privileges({Privilege::kSecurityDomain, Privilege::kAuthorizedManagement}).encoded()) == "804000");
  CHECK(Privileges::parse(hex("000000"))->bits() == 0);
}

TEST_CASE("privileges: other lengths, reserved bits and combinations of clause 6.6.2 are refused") {
  for (const char* bad : {"", "8000", "80000000", "000001", "000008",
                          "40",  // DAP verification without a security domain
                          "81", "A04000", "004000", "002000", "000080"}) {
    CAPTURE(bad);
    CHECK_FALSE(Privileges::parse(hex(bad)));
  }
}

TEST_CASE("card life cycle: the steps of figure 5-1 and no other") {
  using enum CardState;
  const CardState all[] = {kOpReady, kInitialized, kSecured, kLocked, kTerminated};
  // rows: from, columns: to
  const char* table[] = {
      ".I..T",  // OP_READY
      "..I.T",  // INITIALIZED
      "...LT",  // SECURED
      "..L.T",  // CARD_LOCKED
      ".....",  // TERMINATED
  };
  for (int from = 0; from < 5; ++from) {
    for (int to = 0; to < 5; ++to) {
      CAPTURE(from);
      CAPTURE(to);
      const auto step = card_transition(all[from], all[to]);
      const char wanted = table[from][to];
      REQUIRE(step.has_value() == (wanted != '.'));
      if (wanted == 'I') CHECK_FALSE(step->needs);
      if (wanted == 'L') CHECK(step->needs == Privilege::kCardLock);
      if (wanted == 'T') CHECK(step->needs == Privilege::kCardTerminate);
    }
  }
  CHECK_FALSE(card_state_from(0x03));
  CHECK(card_state_from(0x7F) == kLocked);
}

TEST_CASE("application life cycle: INSTALLED and LOCKED cannot be selected") {
  CHECK(is_selectable(kSelectable));
  CHECK(is_selectable(kPersonalized));
  CHECK_FALSE(is_selectable(kInstalled));
  CHECK_FALSE(is_selectable(kSelectable | kLockedBit));
}

TEST_CASE("GET STATUS: an application there and back (table 11-36)") {
  RegistryEntry entry;
  entry.aid = aid("A0000000871002FF49FF0589");
  entry.life_cycle = 0x07;
  entry.privileges = {Privilege::kSecurityDomain, Privilege::kGlobalDelete};
  entry.load_file = aid("A0000001515350");
  entry.domain = aid("A000000151000000");
  const Bytes coded = encode_entry(entry, false);
  CHECK(to_hex(coded) == "E32A4F0CA0000000871002FF49FF05899F700107C503801000C407A0000001515350CC08A000000151000000");
  RegistryAnswer back;
  read_entries(coded, StatusOf::kApplications, back);
  CHECK(back.oddities.empty());
  REQUIRE(back.entries.size() == 1);
  CHECK(back.entries.front() == entry);
}

TEST_CASE("GET STATUS: a tag list picks objects, the old form has none (tables 11-34, 11-35)") {
  RegistryEntry file;
  file.kind = RegistryEntry::Kind::kLoadFile;
  file.aid = aid("A0000001515350");
  file.life_cycle = kLoaded;
  file.version = hex("0103");
  file.modules = {aid("A000000151535041"), aid("A000000151535042")};
  CHECK(to_hex(encode_entry(file, true, hex("4F9F70"))) == "E30D4F07A00000015153509F700101");
  CHECK(to_hex(encode_entry(file, true, hex("84"))) == "E3148408A0000001515350418408A000000151535042");
  CHECK(to_hex(encode_entry(file, false)) == "E3114F07A00000015153509F700101CE020103");
  CHECK(to_hex(encode_old_entry(file, false)) == "07A00000015153500100");
  CHECK(to_hex(encode_old_entry(file, true)) == "07A000000151535001000208A00000015153504108A000000151535042");
  RegistryAnswer back;
  read_entries(encode_entry(file, true), StatusOf::kLoadFilesAndModules, back);
  REQUIRE(back.entries.size() == 1);
  CHECK(back.entries.front() == file);

  back = {};
  file.version.clear();
  read_old_entries(encode_old_entry(file, true), StatusOf::kLoadFilesAndModules, back);
  REQUIRE(back.entries.size() == 1);
  CHECK(back.entries.front() == file);
  back = {};
  read_old_entries(hex("08A0000000030000000F9E 07A00000000410100780"), StatusOf::kApplications, back);
  CHECK(back.oddities.empty());
  REQUIRE(back.entries.size() == 2);
  CHECK(life_cycle_words(back.entries[1]) == "SELECTABLE");
  CHECK(back.entries[1].privileges.has(Privilege::kSecurityDomain));
}

TEST_CASE("GET STATUS: what is broken in an entry is named, the rest of it and the other entries are read (table 11-36)") {
  const auto read = [](const char* answer) {
    RegistryAnswer out;
    read_entries(hex(answer), StatusOf::kApplications, out);
    return out;
  };
  constexpr const char* kGood = "E30B4F05A0000000029F700107";
  // A zero-length load file, a life cycle state without a byte, privileges of two bytes, an AID that is too short, an object that breaks
  // off.
  for (const auto& [bad, what] : {std::pair{"E3094F05A000000001C400", "load file (C4) has 0 bytes, an AID has 5 to 16"},
                                  {"E30A4F05A0000000019F7000", "life cycle state (9F70) has no byte"},
                                  {"E30B4F05A000000001C5028000", "privileges (C5) has 2 bytes, not 1 or 3"},
                                  {"E30A4F05A000000001CC01A0", "security domain (CC) has 1 byte, an AID has 5 to 16"},
                                  {"E3094F05A00000000184 00", "module (84) has 0 bytes, an AID has 5 to 16"},
                                  {"E3094F05A000000001CF00", "implicit selection (CF) has 0 bytes, not 1"},
                                  {"E3094F05A000000001C505", "breaks off"}}) {
    CAPTURE(bad);
    const auto out = read((std::string(bad) + kGood).c_str());
    REQUIRE(out.entries.size() == 2);
    CHECK(to_hex(out.entries[0].aid.bytes()) == "A000000001");
    CHECK_FALSE(out.entries[0].life_cycle);
    CHECK(life_cycle_words(out.entries[0]) == "unknown");
    CHECK(to_hex(out.entries[1].aid.bytes()) == "A000000002");
    REQUIRE(out.oddities.size() == 1);
    CHECK(out.oddities[0].starts_with("entry A000000001: "));
    CHECK(out.oddities[0].find(what) != std::string::npos);
  }
  // Without an AID it is no entry; it is shown as it came.
  for (const char* bad : {"E3024F00", "E3034F01A0", "E300", "E2044F000000"}) {
    CAPTURE(bad);
    const auto out = read((std::string(bad) + kGood).c_str());
    CHECK(out.entries.size() == 1);
    REQUIRE(out.oddities.size() == 1);
    CHECK(out.oddities[0].find(bad) != std::string::npos);
  }
  for (const char* bad : {"E3", "E3209F", "9F"}) {
    CAPTURE(bad);
    const auto out = read((kGood + std::string(bad)).c_str());
    CHECK(out.entries.size() == 1);
    REQUIRE(out.oddities.size() == 1);
    CHECK(out.oddities[0].starts_with("the answer breaks off at " + std::string(bad)));
  }
}

TEST_CASE("GET STATUS, old form: an answer that breaks off or has a short AID is reported, the entries before it are read (table 11-34)") {
  for (const char* bad : {"07A000", "07A0000000041010", "07A000000004101007"}) {
    CAPTURE(bad);
    RegistryAnswer out;
    read_old_entries(hex((std::string("08A0000000030000000F9E") + bad).c_str()), StatusOf::kApplications, out);
    CHECK(out.entries.size() == 1);
    REQUIRE(out.oddities.size() == 1);
    CHECK(out.oddities[0] == "the answer breaks off at " + std::string(bad));
  }
  RegistryAnswer out;
  read_old_entries(hex("02A0000700 07A00000000410100780"), StatusOf::kApplications, out);
  CHECK(out.entries.size() == 1);
  CHECK(out.oddities.size() == 1);
  for (const char* bad : {"07A00000015153500100", "07A0000001515350010002", "07A000000151535001000107A0"}) {
    CAPTURE(bad);
    out = {};
    read_old_entries(hex(bad), StatusOf::kLoadFilesAndModules, out);
    CHECK(out.entries.empty());
    CHECK(out.oddities.size() == 1);
  }
}

TEST_CASE("INSTALL: what GlobalPlatformPro sends is read (clause 11.5.2.3)") {
  const auto load = InstallForLoad::parse(hex("07A0000001515350 08A000000151000000 00 00 00"));
  REQUIRE(load);
  CHECK(load->load_file == aid("A0000001515350"));
  CHECK(load->domain == aid("A000000151000000"));
  CHECK(to_hex(load->encoded()) == "07A000000151535008A000000151000000000000");

  const auto fields = InstallFields::parse(hex("07A0000001515350 08A000000151535041 08F075696363000102 03800000 02C900 00"));
  REQUIRE(fields);
  CHECK(fields->second == aid("A000000151535041"));
  CHECK(fields->privileges == Privileges{Privilege::kSecurityDomain});
  CHECK(to_hex(fields->parameters) == "C900");
  CHECK(InstallFields::parse(fields->encoded())->encoded() == fields->encoded());
  CHECK_FALSE(InstallFields::parse(hex("00 00 08A000000151000000 00 00 00"))->privileges);
}

TEST_CASE("INSTALL: a field that is missing, too long, too short or too much is refused") {
  for (const char* bad : {"", "00", "04A0000001", "07A0000001515350 00 00 00", "07A0000001515350 00 00 00 00 00", "00 00 00 00 00",
                          "07A0000001515350 00 00 81", "07A0000001515350 00 00 83000001 00"}) {
    CAPTURE(bad);
    CHECK_FALSE(InstallForLoad::parse(hex(bad)));
  }
  for (const char* bad : {"0000000000", "00000000000000", "00 00 08A000000151000000 02 8000 00 00", "00 00 08A000000151000000 01 40 00 00",
                          "0102 00 00 00 00 00", "00 00 00 00 8203"}) {
    CAPTURE(bad);
    CHECK_FALSE(InstallFields::parse(hex(bad)));
  }
}

TEST_CASE("DELETE: an object or keys, never both (tables 11-21, 11-22)") {
  CHECK(DeleteData::parse(hex("4F07A0000001515350"))->aid == aid("A0000001515350"));
  const auto key = DeleteData::parse(hex("D00101D20130"));
  REQUIRE(key);
  CHECK(key->is_key());
  CHECK(key->key_id == 1);
  CHECK(key->key_version == KeyVersion{0x30});
  CHECK(to_hex(key->encoded()) == "D00101D20130");
  for (const char* bad : {"", "4F00", "4F04A0000001", "4F07A0000001515350D20130", "D202", "D2020130", "D000",
                          "4F07A00000015153504F07A0000001515350", "5F0100", "9E00"}) {
    CAPTURE(bad);
    CHECK_FALSE(DeleteData::parse(hex(bad)));
  }
}

TEST_CASE("key information: as a real card answers, and in the extended form (clause 11.3.3.1.1)") {
  const std::vector<KeyInformation> keys{
      {KeyId{1}, KeyVersion{1}, kAesKey, 16}, {KeyId{2}, KeyVersion{1}, kAesKey, 16}, {KeyId{3}, KeyVersion{1}, kAesKey, 16}};
  CHECK(to_hex(encode_key_information(keys)) == "C00401018810C00402018810C00403018810");
  CHECK(*parse_key_information(encode_key_information(keys)) == keys);
  const auto extended = parse_key_information(hex("C000C0080101FF8800200100"));
  REQUIRE(extended);
  CHECK(extended->front() == KeyInformation{KeyId{1}, KeyVersion{1}, kAesKey, 32});
  for (const char* bad : {"C0", "C0020101", "C003010188", "C0050101FF8800", "C1040101"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_key_information(hex(bad)));
  }
}

TEST_CASE("a key record: there and back; a broken one is refused") {
  const Key key{KeyVersion{0x30}, KeyId{1}, kAesKey, crypto::SecretBytes("404142434445464748494A4B4C4D4E4F"_h)};
  const auto back = Key::decode(KeyVersion{0x30}, KeyId{1}, key.encoded());
  REQUIRE(back);
  CHECK(back->value == key.value);
  CHECK(back->type == kAesKey);
  CHECK_FALSE(Key::decode(KeyVersion{0x30}, KeyId{1}, hex("01")));
  CHECK_FALSE(Key::decode(KeyVersion{0x30}, KeyId{1}, hex("028800")));
}

TEST_CASE("card recognition data: the protocols of a real card are read, ours are as clause H.2 says") {
  const auto p71 = parse_recognition_data(hex(
      "664D734B06072A864886FC6B01600B06092A864886FC6B020203630906072A864886FC6B03640B06092A864886FC6B040370650D060B2A864886FC6B0507020000"
      "660C060A2B060104012A026E0103"));
  REQUIRE(p71);
  REQUIRE(p71->size() == 1);
  CHECK(p71->front() == SecureChannelProtocol{0x03, 0x70});
  CHECK(to_hex(encode_recognition_data({{0x03, 0x70}})) ==
        "6630732E06072A864886FC6B01600B06092A864886FC6B020203630906072A864886FC6B03640B06092A864886FC6B040370");
  const auto two = parse_recognition_data(encode_recognition_data({{0x03, 0x70}, {0x02, 0x55}}));
  REQUIRE(two);
  CHECK(two->size() == 2);
  CHECK_FALSE(parse_recognition_data(hex("6600")));
  CHECK_FALSE(parse_recognition_data(hex("660E730C640A06082A864886FC6B0403")));
}

TEST_CASE("FCI and resources: what a real card's look like (clause 11.9.3.1; ETSI TS 102 226 clause 8.2.1.7.2)") {
  CHECK(to_hex(encode_fci(aid("A000000151000000"), 0xFF)) == "6F108408A000000151000000A5049F6501FF");
  const CardResources resources{3, 262144, 8192};
  CHECK(to_hex(encode_resources(resources)) ==
        "FF2110810200038204000400008304"
        "00002000");
  CHECK(*parse_resources(encode_resources(resources)) == resources);
  CHECK_FALSE(parse_resources(hex("FF21048102000382")));
  CHECK_FALSE(
      parse_resources(hex("FF2104"
                          "81020003")));
}
