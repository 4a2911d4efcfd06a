// SPDX-License-Identifier: Apache-2.0
// The PKCS #15 application of the default card: OMA-TS-LightweightM2M_Core appendix G (files, and how a device finds them) and appendix H
// (the secure channel before them).
#include "lwm2m/bootstrap_file.hpp"
#include "lwm2m/pkcs15_directory.hpp"
#include "lwm2m/validation.hpp"
#include "tests/unit/lwm2m_card/bench.hpp"

using namespace uicclab;
using test::Device;
using test::kPkcs15;

namespace {

const std::string kBlank = std::string(2 * 96, 'F');

Bytes data_of(const std::string& answer) {
  REQUIRE_MESSAGE(answer.ends_with("9000"), answer);
  return *from_hex(answer.substr(0, answer.size() - 4));
}

/// A card whose bootstrap file, too, is read only through a full secure channel.
std::shared_ptr<const emulator::CardImage> closed_image() {
  static const auto image = test::changed_default([](profile::Profile& profile) {
    const auto file = std::ranges::find(profile.files, "ADF.PKCS15/6432", &profile::FileSpec::path);
    REQUIRE(file != profile.files.end());
    file->header.security.value = to_bytes("6F0603"_h);
  });
  return image;
}

}  // namespace

TEST_CASE("the files lead from EF_DIR to a bootstrap file that no device refuses (appendix G.3)") {
  Device device;
  (void)device.plain("00A4000C022F00");
  CHECK(device.plain("00B2030426").starts_with("61174F0C" + std::string(kPkcs15) + "5007504B4353233135"));
  CHECK(device.select(kPkcs15).ends_with("9000"));
  CHECK(device.plain("00A4080C047FFF5031") == "9000");
  const auto directories = lwm2m::parse_odf(data_of(device.plain("00B0000000")));
  REQUIRE(directories);
  // One: GnuPG's scdaemon never ends at a second, and the nRF client takes the last.
  REQUIRE(directories->size() == 1);
  CHECK(to_hex(directories->front()) == "6430");
  CHECK(device.plain("00A4080C047FFF6430") == "9000");
  const auto object = lwm2m::find_bootstrap(data_of(device.plain("00B0000000")));
  REQUIRE(object);
  CHECK(object->coding == lwm2m::OidCoding::kCorrect);
  CHECK(to_hex(object->path) == "6432");
  CHECK(device.plain("00A4080C047FFF6432") == "9000");
  Bytes content = data_of(device.plain("00B0000000"));
  append(content, data_of(device.plain("00B0010000")));
  const auto file = lwm2m::parse_bootstrap_file(content);
  REQUIRE_MESSAGE(file, file.error().text);
  for (const lwm2m::Refusal& refusal : lwm2m::validate(*file)) {
    CHECK_MESSAGE(refusal.severity == lwm2m::Refusal::Severity::kWarning, refusal.path << ": " << refusal.reason);
  }
  const lwm2m::BootstrapObject* security = file->find(lwm2m::kSecurityObject);
  REQUIRE(security != nullptr);
  CHECK(to_hex(*security->instances.front().value(lwm2m::security::kSmsKeyParameters)) == "121216B20203");
  CHECK(to_hex(*security->instances.front().value(lwm2m::security::kSecretKey)) == "000102030405060708090A0B0C0D0E0F");
}

// sdk-nrf, lib/uicc_lwm2m: a path from the MF that begins with 7FFF, one READ BINARY for up to 128 bytes, and exactly 9000.
TEST_CASE("the commands of the nRF client on its own channel: each answered 9000, a short file shorter than asked") {
  for (const Protocol protocol : {Protocol::kT0, Protocol::kT1}) {
    CAPTURE(static_cast<int>(protocol));
    Device device(protocol);
    CHECK(device.plain("0070000001") == "019000");
    const std::string fcp = device.plain("01A404040CA000000063504B43532D313500");
    CHECK(fcp.starts_with("62"));
    CHECK(fcp.find("840C" + std::string(kPkcs15)) != std::string::npos);
    CHECK(fcp.ends_with("9000"));
    const std::pair<const char*, std::size_t> files[] = {{"5031", 32}, {"6430", 128}, {"6432", 128}};
    for (const auto& [fid, size] : files) {
      CAPTURE(fid);
      const std::string found = device.plain("01A40804047FFF" + std::string(fid) + "00");
      CHECK(found.find("8302" + std::string(fid)) != std::string::npos);
      CHECK(found.ends_with("9000"));
      CHECK(device.plain("01B0000080").size() == 2 * size + 4);
    }
    CHECK(device.plain("01708001").starts_with("9000"));
  }
}

TEST_CASE("appendix H: SELECT, INITIALIZE UPDATE, EXTERNAL AUTHENTICATE with P1 = 33, then the files through the channel") {
  for (const Protocol protocol : {Protocol::kT0, Protocol::kT1}) {
    CAPTURE(static_cast<int>(protocol));
    Device device(protocol, closed_image());
    CHECK(device.select(kPkcs15).ends_with("9000"));
    CHECK(device.plain("00A4080C047FFF6432") == "9000");
    CHECK(device.plain("00B0000000") == "6982");
    REQUIRE(device.open(scp03::Level::kAll) == "");
    CHECK(device.send("00A40804047FFF503100").ends_with("9000"));
    CHECK(lwm2m::parse_odf(data_of(device.send("00B0000000"))));
    CHECK(device.send("00A4080C047FFF6432") == "9000");
    // R-ENCRYPTION and R-MAC leave 239 bytes of 256.
    Bytes content = data_of(device.send("00B0000000"));
    CHECK(content.size() == 239);
    CHECK(data_of(device.send("00B00000F0")).size() == 239);  // Le is a limit in the channel (ISO/IEC 7816-3 clause 12.1)
    while (content.size() < 512) {
      const auto size = static_cast<std::uint16_t>(content.size());
      append(
          content,
          data_of(device.send("00B0" + to_hex(std::array{static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)}) + "00")));
    }
    CHECK(lwm2m::parse_bootstrap_file(content));
  }
}

TEST_CASE("the secure channel works on any logical channel, and only there") {
  Device device(Protocol::kT1, closed_image());
  for (const char* channel : {"01", "02", "03", "04", "05"}) CHECK(device.plain("0070000001") == channel + std::string("9000"));
  CHECK(device.plain("41A404000CA000000063504B43532D313500").ends_with("9000"));
  REQUIRE(device.open(scp03::Level::kAll, kPkcs15, test::kTestKey, 5) == "");
  CHECK(device.send("41A4080C047FFF6432") == "9000");
  CHECK(device.send("41B0000010").ends_with("9000"));
  CHECK(device.plain("02A404000CA000000063504B43532D313500").ends_with("9000"));
  CHECK(device.plain("02A4080C047FFF6432") == "9000");
  CHECK(device.plain("02B0000010") == "6982");
  CHECK(device.send("41B0000010").ends_with("9000"));
}

TEST_CASE("session keys are read only at level 33, whatever PIN or ADM is verified") {
  for (const scp03::SecurityLevel level :
       {scp03::Level::kAuthenticated, scp03::Level::kCMac, scp03::Level::kCMacCEnc, scp03::Level::kCMacRMac, scp03::Level::kCMacCEncRMac}) {
    CAPTURE(level.value());
    Device device;
    CHECK(device.select(kPkcs15).ends_with("9000"));
    CHECK(device.plain("0020000A083838383838383838") == "9000");
    CHECK(device.plain("00A4080C047FFF6433") == "9000");
    CHECK(device.plain("00B0000000") == "6982");
    REQUIRE(device.open(level) == "");
    CHECK(device.send("00A4080C047FFF6433") == "9000");
    CHECK(device.send("00B0000000") == "6982");
  }
  Device device;
  CHECK(device.select(kPkcs15).ends_with("9000"));
  REQUIRE(device.open(scp03::Level::kAll) == "");
  CHECK(device.send("00A4080C047FFF6433") == "9000");
  CHECK(device.send("00B0000060") == kBlank + "9000");
  CHECK(device.send("00D600000100") == "6982");  // reading is not writing
}

TEST_CASE("a secure channel ends with its application session, with the first bad command, and with a plain selection slipped in") {
  Device device;
  CHECK(device.select(kPkcs15).ends_with("9000"));
  CHECK(device.plain("84B0000008AABBCCDDEEFF001100") == "6882");  // none was ever opened
  const auto open = [&] {
    CHECK(device.select(kPkcs15).ends_with("9000"));
    REQUIRE(device.open(scp03::Level::kAll) == "");
    CHECK(device.send("00A4080C047FFF6433") == "9000");
    CHECK(device.send("00B0000060").ends_with("9000"));
  };
  const std::string forged = "04B0000008AABBCCDDEEFF001100";
  open();
  CHECK(device.plain(forged) == "6982");
  CHECK(device.plain(forged) == "6985");
  CHECK(device.send("00B0000060") != kBlank + "9000");
  open();
  CHECK(device.plain("00A4080C047FFF6432") == "6982");
  CHECK(device.plain(forged) == "6985");
  open();
  CHECK(device.plain("80F200000C").starts_with("6"));  // STATUS of the terminal leaves it alone
  CHECK(device.plain("8010000002FFFF") == "9000");     // and so does the toolkit
  CHECK(device.send("00B0000060") == kBlank + "9000");
  CHECK(device.select(kPkcs15).ends_with("9000"));
  CHECK(device.plain(forged) == "6882");
  open();
  CHECK(device.send("00A404000CA000000063504B43532D313500").ends_with("9000"));
  CHECK(device.plain(forged) == "6882");
}

TEST_CASE("wrong keys, a key version that is not there, and applications that offer no secure channel") {
  Device device;
  CHECK(device.select(kPkcs15).ends_with("9000"));
  CHECK(device.open(scp03::Level::kAll, kPkcs15, "404142434445464748494A4B4C4D4E40") != "");
  CHECK(device.plain("8050310008000102030405060700") == "6A88");
  CHECK(device.plain("8050010008000102030405060700") == "6A88");  // DES keys of secured packets
  CHECK(device.plain("80500000070001020304050600") == "6700");
  CHECK(device.plain("84823300100000000000000000AABBCCDDEEFF0011") == "6985");
  CHECK(device.plain("8050000008000102030405060700").size() == 2 * 32 + 4);
  CHECK(device.plain("84823300100000000000000000AABBCCDDEEFF0011") == "6300");
  CHECK(device.plain("80CA006600") == "6D00");
  CHECK(device.select("A0000000871002FF49FF0589").ends_with("9000"));
  CHECK(device.plain("8050000008000102030405060700") == "6D00");
  CHECK(device.plain("84823300100000000000000000AABBCCDDEEFF0011") == "6882");
}
