// SPDX-License-Identifier: Apache-2.0
#include "uicc/file_facts.hpp"

#include <doctest/doctest.h>

#include "uicc/application.hpp"

using namespace uicclab;
using namespace uicclab::uicc;

TEST_CASE("Facts about a file from an FCP, whatever it leaves out (TS 102 221 clause 11.1.1.3)") {
  const auto imsi = FileFacts::from("621782024121 83026F07 8A0105 8B036F060A 80020009 880138"_h);
  CHECK(imsi.kind == FileKind::kTransparent);
  CHECK(imsi.is_ef());
  CHECK(imsi.fid == Fid{0x6F07});
  CHECK(imsi.sfi == Sfi{7});
  CHECK(imsi.size == 9U);
  CHECK_FALSE(imsi.record_length);

  const auto ecc = FileFacts::from("621A 82054221000E02 83026FB7 8A0105 8B036F0608 8002001C 880108"_h);
  CHECK(ecc.kind == FileKind::kLinearFixed);
  CHECK(ecc.record_length == 14);
  CHECK(ecc.record_count == 2);

  const auto adf = FileFacts::from("6215 82027821 8410A0000000871002FFFFFFFF8903020000 "_h);
  CHECK(adf.aid.empty());  // cut short: nothing of it is taken
  const auto bare = FileFacts::from("6204 82027821"_h);
  CHECK(bare.is_directory());
  CHECK_FALSE(bare.fid);
}

TEST_CASE("An SFI is 1 to 30, a size has up to four bytes; anything else says nothing") {
  CHECK_FALSE(FileFacts::from("6203 880100"_h).sfi);
  CHECK_FALSE(FileFacts::from("6203 8801F8"_h).sfi);
  CHECK_FALSE(FileFacts::from("6202 8800"_h).sfi);
  CHECK_FALSE(FileFacts::from("6207 80050000000001"_h).size);
  CHECK_FALSE(FileFacts::from("6202 8000"_h).size);
  CHECK_FALSE(FileFacts::from("9000"_h).kind);
  CHECK_FALSE(FileFacts::from({}).kind);
}

TEST_CASE("The FCI of a GlobalPlatform application has only its AID (GP Card Specification clause 11.9.3.1)") {
  const auto facts = FileFacts::from("6F10 8408A000000151000000 A5049F6501FF"_h);
  CHECK(facts.aid == to_bytes("A000000151000000"_h));
  CHECK_FALSE(facts.kind);
}

TEST_CASE("Which keys of the PIN status template are enabled (TS 102 221 clause 11.1.1.4.10)") {
  const auto on = enabled_keys("620F 82027821 C609 900160 830101 830181"_h);
  REQUIRE(on.size() == 8);
  CHECK_FALSE(on[0]);
  CHECK(on[1]);
  CHECK(on[2]);
  CHECK(enabled_keys("6204 82027821"_h).empty());
}

TEST_CASE("Applications by the beginning of their AID, and by name (TS 101 220 annex E)") {
  REQUIRE(application_of("A0000000871002FF49FF0589"_h) != nullptr);
  CHECK(application_of("A0000000871002FF49FF0589"_h)->name == "ADF.USIM");
  CHECK(application_of("A000000063504B43532D3135"_h)->title == "PKCS #15");
  CHECK(application_of("A00000008710"_h) == nullptr);
  CHECK(equal(application_of(std::string_view("ADF.ISIM"))->aid, kIsimAid));
  CHECK(application_of(std::string_view("")) == nullptr);
}
