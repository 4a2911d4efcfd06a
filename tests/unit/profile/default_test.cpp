// SPDX-License-Identifier: Apache-2.0
#include "profile/default.hpp"

#include <doctest/doctest.h>

#include "applet/builtin.hpp"
#include "core/atr.hpp"
#include "profile/body.hpp"
#include "profile/build.hpp"
#include "profile/check.hpp"
#include "profile/complete.hpp"
#include "profile/toml.hpp"
#include "tests/support/small_card.hpp"
#include "uicc/fcp.hpp"

using namespace uicclab;
using namespace uicclab::emulator;
using namespace uicclab::profile;

namespace {

applet::ModuleCatalogue catalogue() {
  return applet::builtin_modules();
}

Profile the_default() {
  auto profile = default_profile();
  REQUIRE_MESSAGE(profile, profile.error().text);
  return *profile;
}

std::shared_ptr<const CardImage> image() {
  auto built = build_image(the_default(), catalogue());
  REQUIRE_MESSAGE(built, built.error().text);
  return *built;
}

const FileSpec& file(const Profile& profile, std::string_view path) {
  const auto it = std::ranges::find(profile.files, path, &FileSpec::path);
  REQUIRE_MESSAGE(it != profile.files.end(), path);
  return *it;
}

}  // namespace

TEST_CASE("default card: it has no errors and is built of USIM, ISIM, PKCS #15, the issuer security domain and remote file management") {
  const Profile profile = the_default();
  for (const Finding& finding : find_errors(profile)) FAIL_CHECK(to_text(profile, finding));
  const auto built = image();
  REQUIRE(built->instances().size() == 11);
  CHECK(to_hex(built->instances()[2].aid.bytes()) == "A000000063504B43532D3135");
  CHECK(to_hex(built->instances()[3].aid.bytes()) == "A000000151000000");
  CHECK(built->issuer_domain() == 3U);
  CHECK(to_hex(built->instances()[0].aid.bytes()) == "A0000000871002FF49FF0589");
  CHECK(to_hex(built->instances()[1].aid.bytes()) == "A0000000871004FF49FF0589");
  CHECK(built->settings().name == "default");
  CHECK(built->file_count() == profile.files.size());
}

TEST_CASE("default card: writing it out gives the same card") {
  const Profile profile = the_default();
  const auto again = parse_profile(to_toml(profile), "default.toml");
  REQUIRE_MESSAGE(again, again.error().text);
  CHECK(*again == profile);
}

TEST_CASE("default card: the ATR offers T=0 first and T=1 (ISO/IEC 7816-3 clause 8.2.3), and is all true") {
  const Profile profile = the_default();
  CHECK(to_hex(profile.atr) == "3B9F968091FE1F878031E073FE215F67756963636C6162C8");
  const auto atr = parse_atr(profile.atr);
  REQUIRE(atr);
  CHECK(atr->first_protocol == 0);
  CHECK(atr->offers(Protocol::kT0));
  CHECK(atr->offers(Protocol::kT1));
  CHECK_FALSE(atr->specific_mode);
  CHECK(to_hex(atr->historical) == "8031E073FE215F67756963636C6162");
  CHECK(profile.logical_channels == 19);
}

TEST_CASE("default card: contents have the values that everybody relies on") {
  const Profile profile = complete(the_default());
  const std::pair<const char*, const char*> bodies[] = {
      {"3F00/2FE2", "98881201000000000001"},
      {"3F00/2F05", "656EFFFFFFFF"},
      {"3F00/2F08", "3C3C020000"},
      {"ADF.USIM/6F07", "080910100000000010"},
      {"3F00/7F20/6F07", "080910100000000010"},
      {"ADF.USIM/6FAD", "00000002"},
      {"3F00/7F20/6FAD", "00000002"},
      {"ADF.USIM/6F78", "0002"},
      {"3F00/7F20/6F78", "0002"},
      {"ADF.USIM/6F46", "00756963636C6162FFFFFFFFFFFFFFFFFF"},
      {"ADF.USIM/6F38", "9F2F3F1C233E0400480310800000007E01"},
      {"ADF.USIM/6FB7",
       "11F2FF456D657267656E6379FF00"
       "19F1FF456D657267656E6379FF00"},
      {"ADF.USIM/6F62", "00F110C880FFFFFF0000FFFFFF0000"},
      {"ADF.USIM/6F7E", "FFFFFFFF00F1100000FF01"},
      {"3F00/7F20/6F20", "FFFFFFFFFFFFFFFF07"},
      {"3F00/7F20/6FAE", "03"},
      {"ADF.USIM/5FC0/4F0A", "F0FFFFFF"},
      {"ADF.ISIM/6F07", "120000"},
      {"ADF.ISIM/6FAD", "000000"},
  };
  for (const auto& [path, hex] : bodies) {
    CAPTURE(std::string(path));
    CHECK(to_hex(make_body(file(profile, path))) == hex);
  }
  CHECK(to_hex(make_body(file(profile, "ADF.USIM/6F40"))).substr(28, 28) ==
        "07919471010000"
        "10FFFFFFFFFFFF");
  CHECK(to_hex(make_body(file(profile, "3F00/2F00"))).starts_with("61144F0CA0000000871002FF49FF058950045553494DFFFF"));
  CHECK(to_hex(make_body(file(profile, "ADF.USIM/5FD0/4F01")))
            .starts_with("A006020101020000A14B80011B81210272DA71976234CE833A6907425867B82E074D44EF907DFB4B3E21C1C2256EBCD1"
                         "80011E81205A8D38864820197C3394B92613B20B91633CBD897119273BF8E4A6F4EEC0A650FF"));
}

TEST_CASE("default card: services that it does not do are not claimed (TS 31.102 clause 4.2.8)") {
  const Bytes ust = make_body(file(the_default(), "ADF.USIM/6F38"));
  const auto claims = [&](std::size_t service) { return (ust[(service - 1) / 8] >> ((service - 1) % 8) & 1) != 0; };
  for (std::size_t service : {6U, 13U, 35U, 52U, 59U, 86U, 130U}) CHECK_FALSE(claims(service));
  for (std::size_t service : {2U, 10U, 19U, 27U, 28U, 29U, 33U, 34U, 68U, 85U, 122U, 123U, 124U, 125U}) CHECK(claims(service));
}

TEST_CASE("default card: PINs and ADM have their values, tries and states (TS 102 221 clause 9.5)") {
  const auto built = image();
  const auto pin = [&](std::uint8_t key, FileId adf) {
    const auto object = built->find(pin_object(KeyReference{key}, adf));
    REQUIRE(object);
    return *decode_pin(*object);
  };
  const PinRecord pin1 = pin(0x01, kMfId);
  CHECK(to_hex(pin1.value) == "31323334FFFFFFFF");
  CHECK(to_hex(pin1.puk) == "3132333435363738");
  CHECK_FALSE(pin1.enabled);
  CHECK(pin1.can_be_disabled);
  const PinRecord pin2 = pin(0x81, *built->instances()[0].adf);
  CHECK(to_hex(pin2.value) == "35363738FFFFFFFF");
  CHECK(to_hex(pin2.puk) == "3837363534333231");
  CHECK(pin2.enabled);
  const PinRecord adm = pin(0x0A, kMfId);
  CHECK(to_hex(adm.value) == "3838383838383838");
  CHECK_FALSE(adm.can_be_disabled);
  CHECK(adm.max_puk_tries == 0);
}

TEST_CASE("default card: a terminal selects the applications and reads who they are") {
  test::Terminal terminal(image());
  CHECK(terminal.exchange("00A40004022FE2").ends_with("9000"));
  CHECK(terminal.exchange("00B000000A") == "988812010000000000019000");
  CHECK(terminal.exchange("00A4040C07A0000000871002").ends_with("9000"));
  CHECK(terminal.exchange("00B0870009") == "0809101000000000109000");
  CHECK(terminal.exchange("00A4040C07A0000000871004").ends_with("9000"));
  CHECK(terminal.exchange("00B0820004") == "803130309000");
}

TEST_CASE("default card: a class A0 client finds the same subscriber in DF.GSM (TS 51.011 clause 10.3)") {
  test::Terminal terminal(image());
  CHECK(terminal.send("A0A40000023F00").starts_with("9F"));
  CHECK(terminal.send("A0A40000027F20").starts_with("9F"));
  CHECK(terminal.send("A0A40000026F07").starts_with("9F"));
  CHECK(terminal.send("A0B0000009") == "0809101000000000109000");
}

TEST_CASE("default card: test set 1 of TS 35.208 is accepted, with a sequence number that is fresh") {
  test::Terminal terminal(image());
  CHECK(terminal.exchange("00A4040C07A0000000871002").ends_with("9000"));
  // RAND and AUTN of the set: SQN FF9BB4D0B607, far beyond 0, is refused as too large a jump: DC with AUTS.
  const std::string answer = terminal.exchange(
      "0088008122"
      "10"
      "23553CBE9637A89D218AE64DAE47BF35"
      "10"
      "55F328B43577B9B94A9FFAC354DFAFB3"
      "00");
  CHECK(answer.starts_with("DC0E"));
  CHECK(answer.ends_with("9000"));
}

TEST_CASE("default card: the SUCI of profile B comes from GET IDENTITY (TS 31.102 clause 7.5)") {
  test::Terminal terminal(image());
  CHECK(terminal.exchange("00A4040C07A0000000871002").ends_with("9000"));
  const std::string answer = terminal.exchange("8078000100");
  CHECK_MESSAGE(answer.starts_with("A1"), answer);
  CHECK(answer.ends_with("9000"));
}
