// SPDX-License-Identifier: Apache-2.0
// SCP02 on the card, for old clients: only where a profile asks for it (GP appendix E).
#include "scp03/legacy_scp02.hpp"
#include "tests/unit/issuer_sd/commands.hpp"

using namespace uicclab;
using namespace uicclab::test;
using namespace uicclab::scp03::legacy;

namespace {

Scp02KeySet des_keys(std::string_view key, std::uint8_t version) {
  const auto secret = [&] { return crypto::SecretBytes(*from_hex(key)); };
  return Scp02KeySet::from(KeyVersion{version}, secret(), secret(), secret()).value();
}

/// Empty if the session is open, else what was wrong.
std::string open_scp02(Management& m, std::uint8_t version, scp03::SecurityLevel level, std::string_view key = kTestKey,
                       bool check_challenge = false) {
  m.port.close();
  m.select(kIssuer);
  Scp02HostSession::Options options{KeyVersion{version}, level};
  if (check_challenge) options.aid = *Aid::from(*from_hex(kIssuer));
  const auto opened = m.port.open(std::make_unique<Scp02HostSession>(Scp02Allowed{}, options, des_keys(key, version)));
  return opened ? "" : opened.error().text;
}

DomainOptions with_scp02(std::uint8_t i) {
  DomainOptions options;
  options.scp02 = i;
  return options;
}

/// Data of PUT KEY with one DES key three times.
std::string put_des_keys(Management& m, std::string_view key, std::uint8_t version) {
  const auto cipher = m.port.session()->key_cipher();
  Bytes data{version};
  for (int i = 0; i < 3; ++i) append(data, *scp03::encode_key(*cipher, scp03::KeyType::kDes, crypto::SecretBytes(*from_hex(key))));
  return to_hex(data);
}

}  // namespace

TEST_CASE("SCP02: i = 15 and 55, each level, together with SCP03 on the same card (GP appendix E)") {
  for (const int i : {0x15, 0x55}) {
    Management m(with_scp02(static_cast<std::uint8_t>(i)));
    for (const auto& level : {scp03::Level::kAuthenticated, scp03::Level::kCMac, scp03::Level::kCMacCEnc}) {
      CAPTURE(i);
      CAPTURE(int{level.value()});
      REQUIRE(open_scp02(m, 0x20, level, kTestKey, i == 0x55) == "");
      CHECK(m.manage("F28002", "4F00").ends_with("9000"));
      CHECK(m.send("80CA00CF00") == "CF0A000102030405060708099000");
      CHECK(m.send("80CA123400") == "6A88");
      CHECK(m.manage("E60C00", install_domain(kDomain)) == "009000");
      CHECK(m.manage("E40000", "4F" + lv(kDomain)) == "009000");
    }
    for (const auto& level : {scp03::Level::kCMacRMac, scp03::Level::kAll}) CHECK(open_scp02(m, 0x20, level) != "");
    CHECK(m.open().empty());  // SCP03, version 30
    CHECK(m.send("80CA00C100") == "C1030000019000");
  }
}

TEST_CASE("SCP02: card data names both protocols; the answer to INITIALIZE UPDATE has 28 bytes, and its counter counts sessions") {
  Management m(with_scp02(0x55));
  m.select(kIssuer);
  CHECK(m.plain("80CA006600").find("640B06092A864886FC6B040255") != std::string::npos);
  CHECK(m.plain("80CA006600").find("640B06092A864886FC6B040370") != std::string::npos);
  CHECK(m.plain("80CA006700").find("A006800102810155") != std::string::npos);
  const std::string answer = m.plain("8050200008010203040506070800");
  CHECK(answer.size() == 2 * 30);
  CHECK(answer.substr(20, 8) == "20020000");
  CHECK(m.plain("8050200008010203040506070800").substr(24, 4) == "0000");  // no authentication took place
  REQUIRE(open_scp02(m, 0x20, scp03::Level::kCMac) == "");
  m.select(kIssuer);
  CHECK(m.plain("8050200008010203040506070800").substr(24, 4) == "0001");
  CHECK(m.plain("8050000008010203040506070800").substr(20, 6) == "300370");  // by default SCP03
}

TEST_CASE("SCP02: without the profile's word DES keys open nothing") {
  Management m;
  REQUIRE(m.open().empty());
  REQUIRE(m.manage("D80081", put_des_keys(m, kNewKey, 0x20)).ends_with("9000"));
  m.select(kIssuer);
  CHECK(m.plain("8050200008010203040506070800") == "6A88");
  CHECK(m.plain("80CA006600").find("06092A864886FC6B0402") == std::string::npos);
  REQUIRE(m.open().empty());
  CHECK(m.manage("E60C00", install(kDomainFile, kDomainModule, kDomain, "800000", "C90481020215")) == "6A80");
}

TEST_CASE("SCP02: wrong keys, a changed byte, a replay and a command in plain end the session") {
  Management m(with_scp02(0x15));
  CHECK(open_scp02(m, 0x20, scp03::Level::kCMac, kNewKey) != "");
  REQUIRE(open_scp02(m, 0x20, scp03::Level::kCMac) == "");
  CHECK(m.plain("84CA00CF08000000000000000000") == "6982");
  CHECK(m.send("80CA00CF00") == "6985");
  REQUIRE(open_scp02(m, 0x20, scp03::Level::kCMac) == "");
  CHECK(m.plain("80F28002024F0000") == "6982");
  CHECK(m.send("80CA00CF00") == "6985");
  m.select(kIssuer);
  CHECK(m.plain("8482010010" + std::string(32, '0') + "00") == "6985");
  (void)m.plain("8050200008010203040506070800");
  CHECK(m.plain("8482010010" + std::string(32, '0') + "00") == "6300");
  CHECK(m.plain("80F28002024F0000") == "6982");
}

TEST_CASE("SCP02: PUT KEY under the session's DEK, DES keys of another version open the next session") {
  Management m(with_scp02(0x55));
  REQUIRE(open_scp02(m, 0x20, scp03::Level::kCMacCEnc) == "");
  const std::string data = put_des_keys(m, kNewKey, 0x21);
  CHECK(m.manage("D80081", data).ends_with("9000"));
  CHECK(m.manage("D80081", put_des_keys(m, kNewKey, 0x21)) == "6A80");  // there already
  REQUIRE(open_scp02(m, 0x21, scp03::Level::kCMac, kNewKey) == "");
  CHECK(m.manage("D80081", data) == "9485");  // ciphered for another session
  CHECK(m.manage("E40000", "D20121") == "009000");
  CHECK(open_scp02(m, 0x21, scp03::Level::kCMac, kNewKey) != "");
}
