// SPDX-License-Identifier: Apache-2.0
#include "profile/complete.hpp"

#include <doctest/doctest.h>

#include "core/hex.hpp"
#include "core/identity.hpp"
#include "profile/body.hpp"
#include "profile/toml.hpp"

using namespace uicclab;
using namespace uicclab::emulator;
using namespace uicclab::profile;

namespace {

Profile parse(std::string_view text) {
  auto profile = parse_profile(text, "t");
  REQUIRE_MESSAGE(profile, profile.error().text);
  return *profile;
}

constexpr std::string_view kFiles = R"(
[[applications]]
module = "usim"
aid = "A0000000871002FF49FF0589"
adf = "ADF.USIM"
[[applications]]
module = "isim"
aid = "A0000000871004FF49FF0589"
adf = "ADF.ISIM"
[[applications]]
module = "other"
aid = "A0000000871005"
adf = "ADF.OTHER"
in_dir = false
[files."3F00"]
2F00 = { linear = "3 x 20" }
2FE2 = { size = 10 }
[files."3F00/7F10"]
6F40 = { linear = "1 x 20" }
6F42 = { linear = "1 x 30" }
[files."3F00/7F20"]
6F07 = { size = 9 }
6F78 = { size = 2 }
6FAD = { size = 4 }
6F46 = { size = 17 }
6F53 = { size = 14 }
6F7E = { size = 11 }
[files."ADF.USIM"]
fid = "7FF0"
6F07 = { size = 9 }
6F78 = { size = 2 }
6FAD = { size = 4 }
6F46 = { size = 17 }
6F40 = { linear = "2 x 16" }
6F42 = { linear = "1 x 28" }
6F62 = { size = 15, fill = "FFFFFF0000" }
6FD9 = { size = 6 }
6FC5 = { linear = "2 x 20" }
6FC6 = { linear = "1 x 8" }
6FCD = { size = 10 }
6F73 = { size = 14 }
6F7E = { size = 11 }
6FE3 = { size = 18 }
6FFF = { size = 1 }
[files."ADF.USIM/5F3A"]
6F07 = { size = 9 }
[files."ADF.USIM/5FC0"]
4F01 = { size = 20 }
4F02 = { size = 20 }
[files."ADF.ISIM"]
fid = "7FF1"
6F02 = { size = 80 }
6F03 = { size = 80 }
6F04 = { linear = "3 x 80" }
[files."ADF.OTHER"]
fid = "7FF2"
6F07 = { size = 9 }
)";

Profile with(std::string_view identity) {
  return complete(parse(std::string("atr = '3B00'\n[identity]\n") + std::string(identity) + std::string(kFiles)));
}

/// The file's whole body, in hexadecimal.
std::string body(const Profile& profile, std::string_view path) {
  const auto it = std::ranges::find(profile.files, path, &FileSpec::path);
  REQUIRE(it != profile.files.end());
  return to_hex(make_body(*it));
}

std::string hex(std::string_view text) {
  return to_hex(*from_hex(text));
}

constexpr std::string_view kSubscriber =
    "imsi = '001010123456063'\nmnc = '01'\niccid = '89000123456789012341'\nspn = 'uicclab'\nmsisdn = '+491710000001'\nsmsc = "
    "'+49171076000'";

}  // namespace

TEST_CASE("identity: the contents of GSMA TS.48 follow from its IMSI and ICCID (TS 31.102 clause 4.2.2, TS 102 221 clause 13.2)") {
  const Profile profile = with(kSubscriber);
  CHECK(body(profile, "ADF.USIM/6F07") == "080910101032540636");
  CHECK(body(profile, "3F00/7F20/6F07") == "080910101032540636");
  CHECK(body(profile, "3F00/2FE2") == "98001032547698103214");
}

TEST_CASE("identity: access class, MNC length and service provider name (TS 31.102 clauses 4.2.15, 4.2.18, 4.2.12)") {
  const Profile profile = with(kSubscriber);
  for (const std::string directory : {"ADF.USIM", "3F00/7F20"}) {
    CHECK(body(profile, directory + "/6F78") == "0008");  // the IMSI ends with 3
    CHECK(body(profile, directory + "/6FAD") == "00000002");
    CHECK(body(profile, directory + "/6F46") == "00756963636C6162FFFFFFFFFFFFFFFFFF");
  }
  CHECK(body(with("imsi = '310410123456789'\nmnc = '410'"), "ADF.USIM/6FAD") == "00000003");
  CHECK(body(with("imsi = '310410123456789'\nmnc = '410'"), "ADF.USIM/6F78") == "0200");
}

TEST_CASE("identity: numbers after an empty name (TS 31.102 clauses 4.2.26 and 4.2.27)") {
  const Profile profile = with(kSubscriber);
  CHECK(body(profile, "ADF.USIM/6F40") == hex("FFFF 07 91 947101000010 FFFFFFFF FFFF" + std::string(32, 'F')));
  CHECK(body(profile, "3F00/7F10/6F40") == hex("FFFFFFFFFFFF 07 91 947101000010 FFFFFFFF FFFF"));
  CHECK(body(profile, "ADF.USIM/6F42") == hex("E1 FFFFFFFFFFFFFFFFFFFFFFFF 07 91 9471016700F0 FFFFFFFF 0000A7"));
  CHECK(body(profile, "3F00/7F10/6F42").starts_with("FFFFE1FF"));
  CHECK(body(with("msisdn = '112'"), "ADF.USIM/6F40").starts_with("FFFF038111F2FFFFFFFFFFFFFFFFFFFF"));
}

TEST_CASE("identity: the home PLMN, with two and three digits of MNC (TS 24.008 clause 10.5.1.13)") {
  CHECK(body(with(kSubscriber), "ADF.USIM/6F62") == "00F110C880FFFFFF0000FFFFFF0000");
  CHECK(body(with(kSubscriber), "ADF.USIM/6FD9") == "00F110FFFFFF");
  CHECK(body(with("imsi = '310410123456789'\nmnc = '410'"), "ADF.USIM/6FD9") == "130014FFFFFF");
  CHECK(body(with("mcc = '262'\nmnc = '01'"), "ADF.USIM/6FD9") == "62F210FFFFFF");
}

TEST_CASE("identity: name of the network, where it holds and what is displayed (TS 31.102 clauses 4.2.58, 4.2.59, 4.2.66)") {
  const Profile profile = with(kSubscriber);
  // "uicclab" in seven 7-bit characters, seven spare bits.
  CHECK(body(profile, "ADF.USIM/6FC5") == hex("43 08 87 F5F478CC0E8B01" + std::string(60, 'F')));
  CHECK(body(profile, "ADF.USIM/6FC6") == "00F1100000FFFE01");
  CHECK(body(profile, "ADF.USIM/6FCD") == "A305800300F110FFFFFF");
}

TEST_CASE("network name: packed as in TS 23.038 clause 6.1.2.1, spare bits counted (TS 24.008 clause 10.5.3.5a)") {
  CHECK(encode_network_name("hellohello") == to_bytes("430A 82 E8329BFD4697D9EC37"_h));  // the packing everybody knows
  CHECK(encode_network_name("12345678") == to_bytes("4308 80 31D98C56B3DD70"_h));
}

TEST_CASE("identity: nothing is known of the location but the PLMN (TS 31.102 annex E)") {
  const Profile profile = with(kSubscriber);
  for (const std::string path : {"ADF.USIM/6F7E", "3F00/7F20/6F7E"}) CHECK(body(profile, path) == "FFFFFFFF00F1100000FF01");
  for (const std::string path : {"ADF.USIM/6F73", "3F00/7F20/6F53"}) CHECK(body(profile, path) == "FFFFFFFFFFFFFF00F1100000FF01");
  CHECK(body(profile, "ADF.USIM/6FE3") == std::string(24, 'F') + "00F110000001");
  for (const std::string path : {"ADF.USIM/5FC0/4F01", "ADF.USIM/5FC0/4F02"})
    CHECK(body(profile, path) == std::string(26, 'F') + "00F11000000001");
  CHECK(body(with(""), "ADF.USIM/6F7E") == std::string(22, 'F'));
}

TEST_CASE("identity: the IMS identities of a card without its own (TS 23.003 clauses 13.2, 13.3, 13.4B)") {
  const Profile profile = with(kSubscriber);
  const auto text = [&](std::string_view path) {
    const Bytes body_bytes = *from_hex(body(profile, path));
    REQUIRE(body_bytes[0] == 0x80);
    return std::string(body_bytes.begin() + 2, body_bytes.begin() + 2 + body_bytes[1]);
  };
  CHECK(text("ADF.ISIM/6F02") == "001010123456063@ims.mnc001.mcc001.3gppnetwork.org");
  CHECK(text("ADF.ISIM/6F04") == "sip:001010123456063@ims.mnc001.mcc001.3gppnetwork.org");
  CHECK(text("ADF.ISIM/6F03") == "ims.mnc001.mcc001.3gppnetwork.org");
}

TEST_CASE("identity: given IMS identities are not changed") {
  const Profile profile = with("impi = 'a@b'\nimpu = ['sip:a', 'tel:+1']\ndomain = 'b'");
  CHECK(body(profile, "ADF.ISIM/6F02").starts_with("8003614062FF"));
  CHECK(body(profile, "ADF.ISIM/6F03").starts_with("800162FF"));
  const auto it = std::ranges::find(profile.files, "ADF.ISIM/6F04", &FileSpec::path);
  CHECK(it->records == std::vector<Bytes>{to_bytes("80057369703A61"_h), to_bytes("800674656C3A2B31"_h)});
}

TEST_CASE("identity: nothing is derived without an identity, in a directory of no application, or over given content") {
  const std::string blank(18, 'F');
  CHECK(body(with(""), "ADF.USIM/6F07") == blank);
  CHECK(body(with(""), "ADF.USIM/6FAD") == "FFFFFFFF");
  CHECK(body(with(""), "ADF.ISIM/6F02") == std::string(160, 'F'));
  CHECK(body(with(kSubscriber), "ADF.USIM/5F3A/6F07") == blank);
  CHECK(body(with(kSubscriber), "ADF.OTHER/6F07") == blank);
  CHECK(body(with(kSubscriber), "ADF.USIM/6FFF") == "FF");
  Profile own =
      parse("atr = '3B00'\n[identity]\nimsi = '001010123456063'\nmnc = '01'\n[files.\"3F00/7F20\"]\n6F07 = { content = '01', size = 2 }");
  CHECK(body(complete(own), "3F00/7F20/6F07") == "01FF");
}

TEST_CASE("identity: one that has errors gives nothing") {
  CHECK(body(with("imsi = '00101012345606x'\nmnc = '01'\niccid = '89000123456789012341'"), "3F00/2FE2") == std::string(20, 'F'));
}

TEST_CASE("EF_DIR: the applications that are listed, in order (TS 102 221 clause 13.1)") {
  const std::string records = body(with(""), "3F00/2F00");
  CHECK(records == "610E4F0CA0000000871002FF49FF0589FFFFFFFF610E4F0CA0000000871004FF49FF0589FFFFFFFF" + std::string(40, 'F'));
}

TEST_CASE("identity: wrong texts are errors with their clause") {
  struct Bad {
    const char *identity, *text;
  };
  const Bad table[] = {
      {"imsi = '00101'\nmnc = '01'", "imsi must have 6 to 15 digits"},
      {"imsi = '0010100000000012'\nmnc = '01'", "imsi must have 6 to 15 digits"},
      {"imsi = '00101000000000a'\nmnc = '01'", "imsi must have 6 to 15 digits"},
      {"mcc = '01'", "mcc must have 3 digits"},
      {"mnc = '1'", "mnc must have 2 or 3 digits"},
      {"mnc = '0101'", "mnc must have 2 or 3 digits"},
      {"imsi = '001010000000001'", "mnc is missing"},
      {"imsi = '001010000000001'\nmnc = '02'", "imsi does not begin with mcc and mnc"},
      {"imsi = '001010000000001'\nmcc = '262'\nmnc = '01'", "imsi does not begin with mcc and mnc"},
      {"iccid = '89882110000000000'", "iccid must have 18 to 20 digits"},
      {"iccid = '898821100000000000100'", "iccid must have 18 to 20 digits"},
      {"msisdn = '+'", "msisdn must be up to 20 digits"},
      {"msisdn = '+123456789012345678901'", "msisdn must be up to 20 digits"},
      {"msisdn = '49+171'", "msisdn must be up to 20 digits"},
      {"smsc = 'x'", "smsc must be up to 20 digits"},
      {"spn = 'seventeen letters'", "spn must be up to 16"},
      {"spn = 'at@sign'", "spn must be up to 16"},
      {"spn = 'ümlaut'", "spn must be up to 16"},
  };
  for (const Bad& bad : table) {
    CAPTURE(std::string(bad.identity));
    const auto findings = find_identity_errors(parse(std::string("atr = '3B00'\n[identity]\n") + bad.identity).identity);
    REQUIRE_FALSE(findings.empty());
    CHECK(findings[0].text.starts_with(bad.text));
    CHECK(findings[0].subject == "identity");
    CHECK(findings[0].place.line == 2);
    CHECK_FALSE(findings[0].clause.empty());
  }
}

TEST_CASE("identity: its errors keep the card from being built") {
  const auto findings = find_errors(parse("atr = '3B00'\n[identity]\nmnc = '1'\n[files.\"3F00\"]"));
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].subject == "identity");
}

TEST_CASE("IMSI: encoded and decoded, odd and even lengths (TS 31.102 clause 4.2.2)") {
  for (const std::string imsi : {"001010000000001", "00101000000001", "001010", "0010101"}) {
    CHECK(decode_imsi(encode_imsi(imsi)) == imsi);
  }
  CHECK(encode_imsi("00101000000001") == to_bytes("0801101000000000F1"_h));
  CHECK(encode_imsi("001010") == to_bytes("04011010F0FFFFFFFF"_h));
}

TEST_CASE("IMSI: wrong length, parity, type or digits are not read (TS 31.102 clause 4.2.2)") {
  for (const char* bad : {"", "0809101010325406", "07091010103254063600", "070910101032540636", "090910101032540636", "080110101032540636",
                          "080A10101032540636", "08091010103254063F", "0809101010325406A6", "FFFFFFFFFFFFFFFFFF", "000910101032540636",
                          "01F1FFFFFFFFFFFFFF"}) {
    CAPTURE(std::string(bad));
    CHECK_FALSE(decode_imsi(*from_hex(bad)));
  }
}

TEST_CASE("ICCID: decoded, and its check digit (ISO/IEC 7812-1 annex B)") {
  CHECK(decode_iccid("98001032547698103214"_h) == "89000123456789012341");
  CHECK(decode_iccid("988811020000000000F1"_h) == "8988112000000000001");
  CHECK_FALSE(decode_iccid("9888110200000000F011"_h));
  CHECK_FALSE(decode_iccid("98881102000000000A11"_h));
  CHECK_FALSE(decode_iccid("988811"_h));
  CHECK(luhn_is_good("89000123456789012341"));
  CHECK(luhn_is_good("79927398713"));
  CHECK_FALSE(luhn_is_good("79927398710"));
  CHECK_FALSE(luhn_is_good("89000123456789012314"));
}
