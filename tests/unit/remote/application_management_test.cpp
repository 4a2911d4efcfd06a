// SPDX-License-Identifier: Apache-2.0
// Remote application management: ETSI TS 102 226 clause 8, through the issuer security domain of the default card.
#include "core/ber_tlv.hpp"
#include "scp03/put_key.hpp"
#include "tests/support/cap_maker.hpp"
#include "tests/unit/remote/bench.hpp"

using namespace uicclab;
using namespace uicclab::test;
using ota::ResponseStatus;

namespace {

std::string command(std::string_view header, std::string_view data) {
  const Bytes body = hex(data);
  return std::string(header) + to_hex(Bytes{static_cast<std::uint8_t>(body.size())}) + to_hex(body);
}

std::string put_keys(std::uint8_t version, const char* key) {
  const auto secret = [&] { return crypto::SecretBytes(hex(key)); };
  scp03::DekCipher dek(crypto::AesKey::from(crypto::SecretBytes(hex("303132333435363738393A3B3C3D3E3F"))).value());
  return to_hex(scp03::encode_key_set(dek, scp03::KeySet::from(KeyVersion{version}, secret(), secret(), secret()).value()));
}

struct Manager : Platform {
  Manager() { to = tar("000000"); }
};

constexpr const char* kPackage = "06F07569636301";

}  // namespace

TEST_CASE("RAM: GET DATA and GET STATUS; an answer waits for GET RESPONSE, more of it for the next command (TS 102 226 clause 8.2.1)") {
  Manager p;
  CHECK(p.answer("80CA00CF00").substr(0, 6) == "019000");
  p.to = tar("B20100");
  CHECK(p.answer(command("80F28002", "4F00")).substr(0, 4) == "0161");
  const std::string issuer = p.answer(command("80F28002", "4F00") + "00C0000000");
  CHECK(issuer.substr(0, 6) == "029000");
  CHECK(issuer.find("4F08A000000151000000") != std::string::npos);
  std::string applications = p.answer(command("80F24002", "4F00") + "00C0000000");
  CHECK(applications.substr(2, 4) == "6310");
  unsigned pages = 1;
  std::string all = applications.substr(6);
  while (applications.substr(2, 4) == "6310" && ++pages < 20) {
    applications = p.answer(command("80F24003", "4F00") + "00C0000000");
    all += applications.substr(6);
  }
  CHECK(applications.substr(2, 4) == "9000");
  CHECK(all.find("A0000000871002FF49FF0589") != std::string::npos);
  CHECK(all.find("A0000000090002FFFFFFFF89B0014100") != std::string::npos);
}

TEST_CASE("RAM: commands of secure channels, plain file commands and other classes are not for it (TS 102 226 clause 8.2)") {
  Manager p;
  CHECK(p.answer(command("80500000", "0102030405060708")) == "016D00");
  CHECK(p.answer(command("84820000", "0102030405060708")) == "016882");
  CHECK(p.answer("00A4000C023F00") == "016D00");
  CHECK(p.answer("00CA00E000") == "016E00");
  CHECK(p.answer("81CA00E000") == "016E00");
}

TEST_CASE("RAM: SET STATUS locks and unlocks an application; the life cycle of the card does not go back (TS 102 226 clause 8.2.1.2)") {
  Manager p;
  const std::string isim = "A0000000871004FF49FF0589";
  const auto select = [&] { return p.transmit("00A4040C0C" + isim); };
  CHECK(select() == "9000");
  CHECK(p.answer(command("80F04080", isim)) == "019000");
  CHECK(select() == "6A82");
  CHECK(p.answer(command("80F04000", isim)) == "019000");
  CHECK(select() == "9000");
  CHECK(p.answer(command("80F04080", "A000000087FFFF")).substr(2, 2) == "6A");
  CHECK(p.answer(command("80F08007", "A000000151000000")) == "019000");  // INITIALIZED
  CHECK(p.answer(command("80F08001", "A000000151000000")) == "016985");  // OP_READY: there is no way back
}

TEST_CASE("RAM: STORE DATA stores a data object in the domain, GET DATA returns it (TS 102 226 clauses 8.2.1.7 and 8.2.1.8)") {
  Manager p;
  CHECK(p.answer("80CA004200").substr(2) != "90004203112233");
  CHECK(p.answer(command("80E29000", "4203112233")) == "019000");
  CHECK(p.answer("80CA004200") == "0190004203112233");
  CHECK(p.answer(command("80E29000", "42051122")) == "016A80");
  CHECK(p.answer("80CA004200") == "0190004203112233");
}

TEST_CASE("RAM: PUT KEY under the third key of the version; the new version secures the next packet (TS 102 226 clause 8.2.1.5)") {
  Manager p;
  const std::string key = "0F0E0D0C0B0A09080706050403020100";
  CHECK(p.answer(command("80D80081", put_keys(0x03, key.c_str()))).substr(0, 4) == "0161");
  p.keys = ota::PacketKeys(0x32, 0x32, {aes_key(key), aes_key(key)});
  p.counter = 0;
  CHECK(p.answer("80CA00E000").substr(0, 6) == "019000");
  // A wrong key check value changes nothing.
  std::string bad = put_keys(0x04, key.c_str());
  bad.back() = bad.back() == '0' ? '1' : '0';
  p.keys = keys_2();
  p.counter = 10;
  CHECK(p.answer(command("80D80081", bad)) == "019485");
  p.keys = ota::PacketKeys(0x42, 0x42, {aes_key(key), aes_key(key)});
  CHECK(p.send("80CA00E000").por->packet.status == ResponseStatus::kUnidentifiedSecurityError);
}

TEST_CASE(
    "RAM: the version that secures the packets is replaced; the response still comes under the old keys (TS 102 226 clause 8.2.1.5)") {
  Manager p;
  p.counter = 99;
  const Bytes old = p.packet("80CA00E000");
  CHECK(p.answer(command("80D80281", put_keys(0x02, "0F0E0D0C0B0A09080706050403020100"))).substr(0, 4) == "0161");
  CHECK(p.send_packet(old).status == sw::kNoPreciseDiagnosis);  // its CC is wrong now
  p.keys = ota::PacketKeys(0x22, 0x22, {aes_key("0F0E0D0C0B0A09080706050403020100"), aes_key("0F0E0D0C0B0A09080706050403020100")});
  p.counter = 0;
  CHECK(p.answer("80CA00E000").substr(0, 6) == "019000");
}

TEST_CASE(
    "RAM: a CAP file is loaded over several packets, one of them twice, is registered and deleted (TS 102 226 clauses 8.2.1.3, 8.2.1.4)") {
  Manager p;
  CHECK(p.answer(command("80E60200", std::string(kPackage) + "00000000")).substr(0, 4) == "0161");
  const Bytes file = ber::encode(0xC4, CapMaker{}.build_sound());
  constexpr std::size_t kBlock = 60;
  std::uint8_t number = 0;
  for (std::size_t at = 0; at < file.size(); at += kBlock, ++number) {
    const BytesView block = BytesView(file).subspan(at, std::min(kBlock, file.size() - at));
    const bool last = at + kBlock >= file.size();
    const std::string header = std::string("80E8") + (last ? "80" : "00") + to_hex(Bytes{number});
    ++p.counter;
    const Bytes packet = p.packet(command(header, to_hex(block)));
    const Told told = p.send_packet(packet);
    REQUIRE(told.por->packet.status == ResponseStatus::kOk);
    CHECK(told.por->packet.data[1] == (last ? 0x61 : 0x90));
    CHECK(p.send_packet(packet).por->packet.status == ResponseStatus::kCntrLow);
  }
  CHECK(number > 3);
  CHECK(p.answer(command("80F22002", std::string("4F") + kPackage) + "00C0000000").find("F07569636301") != std::string::npos);
  CHECK(p.answer(command("80E40080", std::string("4F") + kPackage)).substr(0, 4) == "0161");
  CHECK(p.answer(command("80F22002", std::string("4F") + kPackage)) == "016A88");
}

TEST_CASE("RAM: what a session of the terminal began is not what a packet began, and the other way round") {
  Manager p;
  CHECK(p.answer(command("80E60200", std::string(kPackage) + "00000000")).substr(0, 4) == "0161");
  CHECK(p.transmit("00A4040008A000000151000000").substr(0, 2) == "61");
  CHECK(p.transmit("80E8800002C400") == "6982");
  CHECK(p.transmit("00A4040C07A0000000871002") == "9000");
  CHECK(p.answer(command("80E80000", "C48200")) == "019000");
}

TEST_CASE("RAM: an instance that INSTALL gives a TAR and a minimum security level is reached by them (TS 102 226 clause 8.2.1.3.2.2)") {
  Manager p;
  // Remote file management of the USIM's ADF, with all rights there and none elsewhere: TAR B00177, minimum 02.
  gp::UiccParameters uicc;
  uicc.toolkit.emplace();
  uicc.toolkit->minimum_spi1 = 0x02;
  uicc.toolkit->tars = {tar("B00177")};
  uicc.access = {{Aid::from(hex("A0000000871002FF49FF0589")).value(), {0x00}, {}}};
  const std::string parameters = "C900" + to_hex(ber::encode(0xEA, uicc.encoded()));
  const std::string aid = "10A0000000090002FFFFFFFF89B0017700";
  const std::string install =
      "0EA0000000090002FFFFFFFF89B001"
      "0FA0000000090002FFFFFFFF89B00100" +
      aid + "0100" + to_hex(Bytes{static_cast<std::uint8_t>(parameters.size() / 2)}) + parameters + "00";
  CHECK(p.answer(command("80E60C00", install)) == "016101");
  p.to = tar("B00177");
  CHECK(p.answer("00A4000C026F07"
                 "00B0000009")
            .substr(0, 6) == "029000");
  CHECK(p.answer("00A4000C023F00"
                 "00A4000C022FE2"
                 "00B000000A") == "036982");
  p.spi = {0x14, 0x00};
  CHECK(p.send("00A4000C026F07").status == sw::kNoPreciseDiagnosis);
  p.spi = {0x16, 0x19};
  p.to = tar("000000");
  CHECK(p.answer(command("80E40000", "4F" + aid)).substr(0, 4) == "0161");
  p.to = tar("B00177");
  CHECK(p.send("00A4000C026F07").por->packet.status == ResponseStatus::kTarUnknown);
}
