// SPDX-License-Identifier: Apache-2.0
#include "dm/bootstrap_security.hpp"

#include <doctest/doctest.h>

#include "core/reader.hpp"
#include "tests/support/vector_file.hpp"

using namespace uicclab;
using namespace uicclab::dm;
using crypto::SecretBytes;

namespace {

DmSecret secret_of(const test::VectorSet& set) {
  DmSecret secret;
  if (set.has("imsi")) secret.imsi = set.text("imsi");
  if (set.has("esn")) secret.esn = set.text("esn");
  if (set.has("pin")) secret.pin = set.text("pin");
  if (set.has("ks_naf")) secret.ks_naf = SecretBytes(set.bytes("ks_naf"));
  return secret;
}

const std::string kMac = "1AF545FE2823DC9347064450F90FF1BBF957E146";

}  // namespace

TEST_CASE("MACs of others and of every method (DM_Security 5.7.2, ProvBoot 5.4)") {
  for (const auto& set : test::load_vectors("oma_dm_mac.txt")) {
    CAPTURE(set.place());
    const auto sec = parse_sec(set.text("sec"));
    REQUIRE(sec);
    CHECK(name_of(*sec) == set.text("sec"));
    const auto key = mac_key(*sec, secret_of(set));
    REQUIRE(key);
    Bytes document = set.bytes("document");
    const std::string mac = set.text("mac");
    CHECK(document_mac(document, *key) == mac);
    CHECK(is_document_mac(document, *key, mac));
    std::string lower = mac;
    for (char& c : lower) c = static_cast<char>(std::tolower(c));
    CHECK(is_document_mac(document, *key, lower));
    CHECK_FALSE(is_document_mac(document, *key, mac.substr(1)));
    CHECK_FALSE(is_document_mac(document, *key, mac + "0"));
    CHECK_FALSE(is_document_mac(document, *key, ""));
    document.back() ^= 1;
    CHECK_FALSE(is_document_mac(document, *key, mac));
  }
}

TEST_CASE("The key of an IMSI is EF_IMSI without its length (TS 31.102 4.2.2)") {
  CHECK(equal(*imsi_key("001010123456789"), "0910101032547698"_h));
  CHECK(equal(*imsi_key("466923103145252"), "4966291330412525"_h));
  CHECK(equal(*imsi_key("00101012345678"), "01101010325476F8"_h));
  for (const char* bad : {"", "12345", "1234567890123456", "00101012345678F", "001010 123456789"}) CHECK_FALSE(imsi_key(bad));
}

TEST_CASE("Missing or invalid secrets are reported (DM_Security 5.7.2.3)") {
  DmSecret nothing;
  for (const DmSec sec : {DmSec::kNetworkId, DmSec::kUserPin, DmSec::kUserPinNetworkId, DmSec::kNetworkIdGba, DmSec::kUserPinNetworkIdGba,
                          DmSec::kNetwPin, DmSec::kUserNetwPin}) {
    CHECK(mac_key(sec, nothing).error().code == ErrorCode::kNotFound);
  }
  CHECK(mac_key(DmSec::kUserPinMac, nothing).error().code == ErrorCode::kUnsupported);
  DmSecret bad;
  bad.pin = "12a4";
  bad.imsi = "x";
  bad.ks_naf = SecretBytes(Bytes(16));
  CHECK(mac_key(DmSec::kUserPin, bad).error().code == ErrorCode::kMalformed);
  CHECK(mac_key(DmSec::kNetworkId, bad).error().code == ErrorCode::kMalformed);
  CHECK(mac_key(DmSec::kNetworkIdGba, bad).error().code == ErrorCode::kRange);
  bad.pin = std::string(21, '1');
  CHECK_FALSE(mac_key(DmSec::kUserPin, bad));
  DmSecret esn;
  esn.esn = "80123456";
  CHECK(mac_key(DmSec::kNetworkId, esn));
  CHECK_FALSE(mac_key(DmSec::kNetwPin, esn));  // CP knows the IMSI only
  esn.esn = std::string(17, '8');
  CHECK_FALSE(mac_key(DmSec::kNetworkId, esn));
  CHECK_FALSE(weakness_of(DmSec::kNetworkId).empty());
  CHECK_FALSE(weakness_of(DmSec::kNetwPin).empty());
  CHECK(weakness_of(DmSec::kNetworkIdGba).empty());
}

TEST_CASE("USERPINMAC: the second half of the PIN follows from the first (ProvBoot 5.4)") {
  const auto document = "030B6A004501"_h;
  const auto half = derived_pin_half(document, "12345");
  REQUIRE(half);
  CHECK(half->size() == 5);
  const crypto::Sha1Digest mac = crypto::hmac_sha1(SecretBytes(as_bytes("12345")), {document});
  for (std::size_t i = 0; i < 5; ++i) CHECK((*half)[i] - '0' == mac[i] % 10);
  CHECK(is_userpinmac_pin(document, "12345" + *half) == true);
  CHECK(is_userpinmac_pin("030B6A004502"_h, "12345" + *half) == false);
  CHECK(is_userpinmac_pin(document, "12346" + *half) == false);
  for (const char* bad : {"", "1234", "12345", "12345678", "123456789", "1234a12345"}) CHECK_FALSE(is_userpinmac_pin(document, bad));
}

TEST_CASE("Content type as text (DM_Security 5.7.2.1)") {
  const DmContentType type{std::string(kDmMediaType), DmSec::kUserPinNetworkIdGba, kMac};
  CHECK(to_text(type) == "application/vnd.syncml.dm+wbxml; SEC=USERPIN_NETWORKID_GBA; MAC=" + kMac);
  CHECK(parse_content_type(to_text(type)) == type);
  CHECK(parse_content_type("Content-Type: Application/vnd.syncml.dm+wbxml;charset=utf-8;sec=\"userpin_networkid_gba\" ;mac=" + kMac) ==
        type);
  CHECK(parse_content_type("application/vnd.syncml.dm+wbxml") == DmContentType{});
  for (const std::string& bad :
       {std::string(), std::string(";"), std::string("wbxml"), std::string("a/b; SEC"), std::string("a/b; SEC=FANCY"),
        std::string("a/b; MAC=12"), "a/b; MAC=" + kMac + "00", "a/b; MAC=" + std::string(40, 'x'), "a/b; MAC=" + kMac + "; MAC=" + kMac,
        std::string("a/b; SEC=USERPIN; SEC=USERPIN"), std::string("a b/c"), std::string("a/"), std::string("/b"), std::string("a/b/c"),
        std::string("application/vnd.syncml.dm+xml; SEC=USERPIN")}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_content_type(bad));
  }
  CHECK(parse_content_type("application/vnd.syncml.dm+xml").error().code == ErrorCode::kRefused);
}

TEST_CASE("Content type in WSP's short coding, as provisioning messages carry it (WAP-230 8.4.2.24)") {
  const DmContentType cp{std::string(kCpMediaType), DmSec::kUserPin, kMac};
  const Bytes bytes = to_wsp(cp);
  CHECK(equal(BytesView(bytes).first(6), "1F2DB6918192"_h));  // the header of every OMA CP message with a user PIN
  CHECK(bytes.size() == 2 + 45);
  CHECK(parse_wsp(bytes) == cp);
  for (const auto& [sec, number] :
       {std::pair(DmSec::kNetwPin, 0x80), std::pair(DmSec::kUserNetwPin, 0x82), std::pair(DmSec::kUserPinMac, 0x83)}) {
    const Bytes coded = to_wsp({std::string(kCpMediaType), sec, ""});
    CHECK(equal(coded, Bytes{3, 0xB6, 0x91, static_cast<std::uint8_t>(number)}));
    CHECK(parse_wsp(coded)->sec == sec);
  }
  const DmContentType dm{std::string(kDmMediaType), DmSec::kNetworkIdGba, kMac};
  const Bytes dm_bytes = to_wsp(dm);
  CHECK(equal(BytesView(dm_bytes).subspan(2, 5), "C253454300"_h));  // "SEC" and the name as text
  CHECK(parse_wsp(dm_bytes) == dm);
  const DmContentType other{"application/" + std::string(200, 'x'), DmSec::kUserPin, kMac};
  CHECK(parse_wsp(to_wsp(other)) == other);
  CHECK(parse_wsp("0AB6 8181 9105 0102030405"_h).has_value() == false);  // SEC with a value of another form
  CHECK(parse_wsp("06B6 8102 0102 9181"_h).has_value() == false);        // one byte too many
  CHECK(parse_wsp("07B6 8102 0102 9181"_h)->sec == DmSec::kUserPin);     // another parameter is passed over
}

TEST_CASE("WSP content types that are refused") {
  const Bytes good = to_wsp({std::string(kDmMediaType), DmSec::kNetworkId, kMac});
  for (std::size_t cut = 0; cut < good.size(); ++cut) CHECK_FALSE(parse_wsp(BytesView(good).first(cut)));
  for (const Bytes& bad : {to_bytes("00"_h), to_bytes("01B600"_h), to_bytes("20B6"_h), to_bytes("1FFFFFFFFFFF7F"_h), to_bytes("01FF"_h),
                           to_bytes("03B69184"_h), to_bytes("02B691"_h), to_bytes("05B691819180"_h), to_bytes("04B6924100"_h),
                           to_bytes("01C3"_h), to_bytes("0100"_h), to_bytes("067F61812F6200"_h), to_bytes("0361622F00"_h),
                           to_bytes("03612F00"_h), to_bytes("03B6911F"_h), to_bytes("1F"_h)}) {
    CAPTURE(to_hex(bad));
    CHECK_FALSE(parse_wsp(bad));
  }
  CHECK(parse_wsp("01C3"_h).error().code == ErrorCode::kRefused);
}
