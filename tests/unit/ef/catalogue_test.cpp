// SPDX-License-Identifier: Apache-2.0
#include "ef/catalogue.hpp"

#include <set>

#include <doctest/doctest.h>

#include "ef/codec.hpp"
#include "ef/phonebook.hpp"

using namespace uicclab;

TEST_CASE("catalogue: a place holds one file; a name leads to the first of its files") {
  std::set<std::string_view> places;
  for (const ef::File& file : ef::catalogue()) {
    CAPTURE(file.path);
    places.insert(file.path);
    CHECK(file.sfi <= 30);
    CHECK((file.name.starts_with("EF.") || file.name.starts_with("DF.") || file.name.starts_with("ADF.") || file.name == "MF"));
    CHECK(file.name.starts_with("EF.") == (file.structure != ef::Structure::kDirectory));
  }
  CHECK(places.size() > 250);
  CHECK(ef::path_of_file("EF.IMSI", {}) == "ADF.USIM/6F07");
  CHECK(ef::path_of_file("DF.GSM/EF.IMSI", {}) == "3F00/7F20/6F07");
  CHECK(ef::path_of_file("ADF.ISIM/EF.AD", {}) == "ADF.ISIM/6FAD");
  CHECK(ef::path_of_file("MF/2FE2", {}) == "3F00/2FE2");
  CHECK_FALSE(ef::path_of_file("EF.Nothing", {}));
  CHECK(ef::pin_name(0x81) == "PIN2");
  CHECK(ef::pin_name(0x1F) == "key 1F");
}

TEST_CASE("codecs: each belongs to a file of the catalogue; a file in an unknown directory has none") {
  for (const ef::Codec& codec : ef::codecs()) {
    CAPTURE(codec.name);
    bool there = false;
    there = ef::Phonebook().fid(codec.name).has_value();
    for (const ef::File& file : ef::catalogue()) there = there || (file.name == codec.name && file.path.starts_with(codec.below));
    CHECK(there);
  }
  REQUIRE(ef::codec_of("6F07") != nullptr);
  CHECK(ef::codec_of("6F07")->name == "EF.IMSI");
  CHECK(ef::codec_of("ADF.USIM/6FB7") != ef::codec_of("3F00/7F20/6FB7"));
  CHECK(ef::codec_of("3F00/7F66/6F07") == nullptr);
  CHECK(ef::codec_of("FFFF") == nullptr);
  CHECK(ef::to_json(ef::shown("3F00/7F66/6F07", {})) == R"({"raw":""})");
}
