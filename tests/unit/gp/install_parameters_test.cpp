// SPDX-License-Identifier: Apache-2.0
// Install parameters of GP table 11-49 and ETSI TS 102 226 clause 8.2.1.3.2, both directions.
#include "gp/install_parameters.hpp"

#include <doctest/doctest.h>

#include "core/hex.hpp"

using namespace uicclab;
using namespace uicclab::gp;

namespace {

Bytes hex(std::string_view text) {
  return *from_hex(text);
}

InstallParameters parsed(std::string_view text) {
  const auto out = InstallParameters::parse(hex(text));
  REQUIRE_MESSAGE(out, out.error().text);
  return *out;
}

Tar tar(std::string_view text) {
  const Bytes bytes = hex(text);
  return Tar{{bytes[0], bytes[1], bytes[2]}};
}

}  // namespace

TEST_CASE("install parameters: the older toolkit parameters CA, as pySim makes them (TS 102 226 clause 8.2.1.3.2.1)") {
  const auto p = parsed("C900EF1CC8020100C7020100CA12010001001505000000000000000000000000");
  CHECK(p.application == Bytes{});
  CHECK(p.memory == 0x100);
  CHECK(p.volatile_memory == 0x100);
  CHECK(p.form == InstallParameters::Form::kSim);
  REQUIRE(p.uicc);
  REQUIRE(p.uicc->toolkit);
  CHECK(p.uicc->toolkit->priority == 1);
  CHECK(p.uicc->toolkit->max_menu_text == 0x15);
  CHECK(p.uicc->toolkit->menu.size() == 5);
  REQUIRE(p.uicc->access.size() == 1);
  CHECK(to_hex(p.uicc->access[0].domain) == "00");
  CHECK(InstallParameters::parse(p.encoded()) == p);
}

TEST_CASE("install parameters: EA with toolkit, TARs and minimum security level, as GSMA TS.48 has them (clause 8.2.1.3.2.2)") {
  const auto p = parsed(
      "EA12"
      "8010"
      "0100000000"
      "020102"
      "06B20100000000"
      "00"
      "C900");
  REQUIRE(p.uicc);
  REQUIRE(p.uicc->toolkit);
  CHECK(p.uicc->toolkit->minimum_spi1 == 0x02);
  CHECK(p.uicc->toolkit->tars == std::vector{tar("B20100"), tar("000000")});
  CHECK(to_hex(p.encoded()) ==
        "C900EA1280100100000000020102"
        "06B2010000000000");
}

TEST_CASE("install parameters: menu entries are position and identifier; channels, timers, services") {
  const auto p = parsed(
      "EA0E800C"
      "FF"
      "08"
      "10"
      "02"
      "0305"
      "0000"
      "07"
      "00"
      "00"
      "08");
  CHECK(p.uicc->toolkit->menu == std::vector<ToolkitParameters::MenuEntry>{{3, 5}, {0, 0}});
  CHECK(p.uicc->toolkit->max_timers == 8);
  CHECK(p.uicc->toolkit->max_channels == 7);
  CHECK(p.uicc->toolkit->max_services == 8);
  CHECK(InstallParameters::parse(p.encoded()) == p);
}

TEST_CASE("install parameters: access domains of the shared file system and of ADFs (clause 8.2.1.3.2.2.2)") {
  const std::string coded =
      "EA21"
      "8107"
      "00"
      "0402010000"
      "00"
      "8216"
      "0CA0000000871002FF49FF0589"
      "0100"
      "00"
      "00"
      "01FF"
      "020102";
  const auto p = parsed(coded);
  REQUIRE(p.uicc);
  CHECK_FALSE(p.uicc->toolkit);
  REQUIRE(p.uicc->access.size() == 1);
  CHECK(p.uicc->access[0].adf.empty());
  CHECK(to_hex(p.uicc->access[0].domain) == "02010000");
  REQUIRE(p.uicc->administrative_access.size() == 2);
  CHECK(to_hex(p.uicc->administrative_access[0].adf.bytes()) == "A0000000871002FF49FF0589");
  CHECK(to_hex(p.uicc->administrative_access[1].dap) == "0102");
  CHECK(to_hex(p.encoded()) == coded);
}

TEST_CASE("install parameters: memory, services, implicit selection (GP table 11-49)") {
  const auto p = parsed(
      "EF22"
      "C6020100"
      "C70400010000"
      "C8020200"
      "CB0480000101"
      "CF0181"
      "CF0182"
      "D7020010"
      "D8020020"
      "B600");
  CHECK(p.code_memory == 0x100);
  CHECK(p.volatile_memory == 0x10000);
  CHECK(p.memory == 0x200);
  CHECK(p.reserved_volatile == 0x10);
  CHECK(p.reserved_memory == 0x20);
  CHECK(to_hex(p.services) == "80000101");
  CHECK(p.implicit_selection == std::vector<std::uint8_t>{0x81, 0x82});
  CHECK_FALSE(p.application);
  CHECK(InstallParameters::parse(p.encoded()) == p);
  CHECK(InstallParameters::parse({}) == InstallParameters{});
}

TEST_CASE("install parameters: what breaks the coding, occurs twice or beyond its limits is refused") {
  struct Case {
    const char* field;
    ErrorCode code;
  };
  const Case cases[] = {
      {"C905", ErrorCode::kTruncated},
      {"D000", ErrorCode::kMalformed},
      {"C900C900", ErrorCode::kMalformed},
      {"EF03C70101", ErrorCode::kRange},
      {"EF08C7020100C7020100", ErrorCode::kMalformed},
      {"EF02D000", ErrorCode::kMalformed},
      {"EF03CB0180", ErrorCode::kRange},
      {"EF04CF028081", ErrorCode::kRange},
      {"EA00EA00", ErrorCode::kMalformed},
      {"EF09CA07"
       "0100"
       "FF00000000"
       "EA00",
       ErrorCode::kMalformed},
      {"EF03CA0101", ErrorCode::kTruncated},
      {"EA028400", ErrorCode::kMalformed},
      {"EA04C3020000", ErrorCode::kUnsupported},
      {"EA0481008100", ErrorCode::kMalformed},
      {"EA058003FF0000", ErrorCode::kTruncated},
      {"EA068004FF090000", ErrorCode::kRange},  // nine timers
      {"EA07"
       "8005"
       "FF00000008",
       ErrorCode::kRange},  // eight channels
      {"EA06"
       "8004"
       "FF000001",
       ErrorCode::kTruncated},  // an entry that is not there
      {"EA0A"
       "8008"
       "FF000000"
       "00"
       "00"
       "00"
       "09",
       ErrorCode::kRange},  // nine services
      {"EA09"
       "8007"
       "FF000000"
       "00"
       "0101",
       ErrorCode::kRange},  // a level without its value
      {"EA0A"
       "8008"
       "FF000000"
       "00"
       "020202",
       ErrorCode::kUnsupported},  // a level of another kind
      {"EA09"
       "8007"
       "FF000000"
       "00"
       "0201",
       ErrorCode::kTruncated},
      {"EA0B"
       "8009"
       "FF000000"
       "00"
       "00"
       "02B201",
       ErrorCode::kRange},  // two bytes of a TAR
      {"EA0F"
       "800D"
       "FF000000"
       "00"
       "00"
       "06"
       "B20100B20100",
       ErrorCode::kRange},  // a TAR twice
      {"EA0B"
       "8109"
       "04A0000000"
       "01FF"
       "0000",
       ErrorCode::kRange},
      {"EA05"
       "8103"
       "00"
       "01FF",
       ErrorCode::kTruncated},
      {"EA0A"
       "8108"
       "00"
       "01FF"
       "00"
       "00"
       "0100"
       "00",
       ErrorCode::kMalformed},  // one file system twice
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.field));
    const auto out = InstallParameters::parse(hex(c.field));
    REQUIRE_FALSE(out);
    CHECK(static_cast<int>(out.error().code) == static_cast<int>(c.code));
  }
}

TEST_CASE("install parameters: every beginning of a field is refused or another field, never read beyond its end") {
  const Bytes whole =
      hex("C90101"
          "EF0CC8020100CA06"
          "0100FF000000"
          "B600");
  REQUIRE(InstallParameters::parse(whole));
  std::size_t accepted = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) accepted += InstallParameters::parse(BytesView(whole).first(size)) ? 1 : 0;
  CHECK(accepted == 3);  // nothing; C9; C9 and EF
}

TEST_CASE("install parameters: unused bytes behind the toolkit parameters are accepted (TS 102 268 Cre_Tin_Genb)") {
  const auto plain = InstallParameters::parse(*from_hex("EA0A8008FF00000000000000"));
  const auto longer = InstallParameters::parse(*from_hex("EA0C800AFF000000000000000000"));
  REQUIRE(plain);
  REQUIRE(longer);
  CHECK(*longer == *plain);
}
