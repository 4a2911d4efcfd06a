// SPDX-License-Identifier: Apache-2.0
#include "ef/phonebook.hpp"

#include <set>

#include <doctest/doctest.h>

#include "core/hex.hpp"
#include "ef/codec.hpp"

using namespace uicclab;

namespace {

// The reference file of GSMA's TS.48, as the built-in card has it.
constexpr std::string_view kReference =
    "A823C0034F3A0AC1034F1505C5034F0901C6034F4C0BCA034F5109C3034F1904C9034F1606A90FC4034F1102C4034F1307CA034F1408AA12C2034F1203CB034F3D0CC7"
    "024F4BC8024F4D";

ef::Shape records_of(std::size_t length) {
  return {ef::Structure::kLinear, length};
}

std::string name_without_reference(std::string_view fid, std::size_t length) {
  return std::string(ef::Phonebook().name(fid, records_of(length)).name);
}

Bytes bytes(std::string_view hex) {
  return from_hex(hex).value();
}

}  // namespace

TEST_CASE("phonebook: EF_PBR names the files (TS 31.102 clause 4.4.2.1)") {
  ef::Phonebook book;
  Bytes record = bytes(kReference);
  record.resize(100, 0xFF);
  book.add_reference(record);
  // Identifiers that other cards use for EXT1, CCP1, GAS, AAS, GRP, IAP.
  CHECK(book.name("4F3A", records_of(28)).name == "EF.ADN");
  CHECK(book.name("4F3D", records_of(13)).name == "EF.CCP1");
  CHECK(book.name("4F4B", records_of(10)).name == "EF.AAS");
  CHECK(book.name("4F4C", std::nullopt).name == "EF.GRP");
  CHECK(book.name("4F51", std::nullopt).name == "EF.EMAIL");
  CHECK_FALSE(book.name("4F51", std::nullopt).by_index);
  CHECK(book.name("4F14", std::nullopt).by_index);
  CHECK(book.fid("EF.EMAIL") == "4F51");
  CHECK(book.fid("EF.ADN") == "4F3A");

  ef::Phonebook other;
  other.add_reference(bytes("A80AC0034F0102C2034F3A03"));
  other.add_reference(bytes("A80AC0034F0202C2034F3A03"));
  CHECK(other.name("4F01", records_of(13)).name == "EF.ADN");
  CHECK(other.name("4F02", records_of(40)).name == "EF.ADN");
  CHECK(other.name("4F3A", records_of(28)).name == "EF.EXT1");
  CHECK(other.fid("EF.ADN") == "4F01");
  CHECK(other.fid("EF.EXT1") == "4F3A");
}

TEST_CASE("phonebook: a file that EF_PBR calls by two names has none") {
  ef::Phonebook book;
  book.add_reference(bytes("A80AC0034F3A02C2034F3A03"));
  CHECK(book.name("4F3A", records_of(28)).name.empty());
  CHECK_FALSE(book.fid("EF.ADN"));
}

TEST_CASE("phonebook: without EF_PBR structure and size decide, or nothing does") {
  CHECK(name_without_reference("4F3A", 28) == "EF.ADN");
  CHECK(name_without_reference("4F3A", 13) == "EF.EXT1");
  CHECK(name_without_reference("4F3D", 15) == "EF.CCP1");
  CHECK(name_without_reference("4F3D", 13) == "EF.EXT1");
  CHECK(name_without_reference("4F51", 40) == "EF.EMAIL");
  CHECK(name_without_reference("4F51", 3) == "EF.IAP");
  CHECK(name_without_reference("4F4C", 20) == "EF.GAS");
  CHECK(name_without_reference("4F4C", 10) == "");  // GRP or GAS
  CHECK(name_without_reference("4F4B", 10) == "");  // AAS or GAS
  CHECK(name_without_reference("4F60", 2) == "EF.PBC");
  CHECK(name_without_reference("4F01", 13) == "EF.EXT1");
  CHECK(name_without_reference("4F01", 28) == "");
  CHECK(ef::Phonebook().name("4F3A", ef::Shape{ef::Structure::kTransparent, 0}).name.empty());
  CHECK(ef::Phonebook().name("4F3A", std::nullopt).name.empty());
  CHECK(ef::Phonebook().name("4F09", std::nullopt).name == "EF.PBC");
  CHECK(ef::Phonebook().name("nonsense", std::nullopt).name.empty());
}

TEST_CASE("phonebook: an EF_PBR that is not a list of files names none") {
  for (const auto* hex : {"", "FF", "00", "A8", "A801", "A803C0014F", "A802C000", "80024F3A", "A804C1FF4F3A"}) {
    CAPTURE(hex);
    ef::Phonebook book;
    book.add_reference(bytes(hex));
    CHECK(book.fids() == ef::Phonebook().fids());
  }
}

TEST_CASE("phonebook: no path of the catalogue has two names") {
  std::set<std::string_view> paths;
  for (const ef::File& file : ef::catalogue()) {
    CAPTURE(file.path);
    CHECK(paths.insert(file.path).second);
  }
}

TEST_CASE("phonebook: files have paths by name, and codecs of both types") {
  CHECK(ef::path_of_file("DF.TELECOM/DF.PHONEBOOK/EF.ADN", {}) == "3F00/7F10/5F3A/4F3A");
  CHECK(ef::path_of_file("EF.EMAIL", {}) == "ADF.USIM/5F3A/4F14");
  CHECK(ef::paths_of_file("EF.PBR") == std::vector<std::string>{"ADF.USIM/5F3A/4F30", "3F00/7F10/5F3A/4F30"});
  CHECK(ef::paths_of_file("EF.ADN").front() == "3F00/7F10/6F3A");
  CHECK(ef::to_json(ef::shown(ef::codec_of("ADF.USIM/5F3A/4F14", {"EF.EMAIL", true}), bytes("6100622E63FFFFFFFFFFFFFFFFFF0A03"))) ==
        R"({"address":"a@b.c","adn_sfi":10,"adn_record":3})");
  CHECK(ef::to_json(ef::shown(ef::codec_of("ADF.USIM/5F3A/4F51", {"EF.EMAIL", false}), bytes("6100622E63FFFF"))) ==
        R"({"address":"a@b.c"})");
  CHECK(ef::codec_of("ADF.USIM/5F3A/4F3A", {"EF.ADN", true}) == ef::codec_of("3F00/7F10/6F3A"));
}

TEST_CASE("phonebook: EF_PBR in fields, both ways (TS 31.102 table 4.1)") {
  const ef::Codec* codec = ef::codec_of("3F00/7F10/5F3A/4F30");
  REQUIRE(codec != nullptr);
  Bytes record = bytes(kReference);
  record.resize(100, 0xFF);
  const ef::Decoded decoded = ef::decode(*codec, record);
  REQUIRE_FALSE(decoded.wrong);
  CHECK(decoded.canonical);
  ef::Value value = decoded.value;
  CHECK(ef::to_json(*value.find("type2")) ==
        R"({"ANR":{"file":"4F11","sfi":2},"ANR:2":{"file":"4F13","sfi":7},"EMAIL":{"file":"4F14","sfi":8}})");
  REQUIRE(value.set_at("type1.ADN.file", ef::Value("4F58")));
  REQUIRE(value.set_at("type3.AAS.sfi", ef::Value(std::uint64_t{31})));
  const auto changed = ef::encode(*codec, value, 100);
  REQUIRE(changed);
  CHECK(to_hex(*changed).starts_with("A823C0034F580A"));
  CHECK(to_hex(*changed).find("C7034F4B1F") != std::string::npos);
}
