// SPDX-License-Identifier: Apache-2.0
// Who may send what, and what is answered: ETSI TS 102 225 clauses 5.1 and 5.2 and table 5; 3GPP TS 31.115 clause 4.4; 3GPP TS 31.111
// clause 7.1.1.1.
#include "emulator/nvm/open_writes.hpp"
#include "emulator/registry/domain_keys.hpp"
#include "tests/unit/remote/bench.hpp"

using namespace uicclab;
using namespace uicclab::test;
using ota::ResponseStatus;

namespace {

constexpr const char* kReadSpn =
    "00A4000C026F46"
    "00B0000002";
constexpr const char* kWriteSpn =
    "00A4000C026F46"
    "00D600000201AA";

/// The packet was refused with this status, nothing was executed, and the counter did not move.
void check_refused(Platform& p, const Told& told, ResponseStatus status) {
  REQUIRE(told.por);
  CHECK(told.status == sw::kOk);
  CHECK(told.por->packet.status == status);
  CHECK(told.por->packet.data.empty());
  CHECK(p.transmit("00A40804047FFF6F46") != "9000");
}

std::string spn(Platform& p) {
  p.transmit("00A4040C07A0000000871002");
  p.transmit("00A4000C026F46");
  return p.transmit("00B0000002");
}

}  // namespace

TEST_CASE("a CC that is wrong: no response, nothing executed, the counter stays (TS 31.111 clause 7.1.1.1)") {
  Platform p;
  const std::string before = spn(p);
  p.counter = 1;
  Bytes bad = p.packet(kWriteSpn);
  bad.back() ^= 1;
  const Told told = p.send_packet(bad);
  CHECK(told.status == sw::kNoPreciseDiagnosis);
  CHECK(told.report.empty());
  CHECK(spn(p) == before);
  CHECK(p.send_packet(p.packet(kReadSpn)).por->packet.status == ResponseStatus::kOk);  // with the same counter
}

TEST_CASE("status 02: a packet that was taken is not taken again, after a reset neither (TS 102 225 clause 5.1.4)") {
  Platform p;
  p.counter = 5;
  const Bytes packet = p.packet(kWriteSpn);
  CHECK(p.send_packet(packet).por->packet.status == ResponseStatus::kOk);
  check_refused(p, p.send_packet(packet), ResponseStatus::kCntrLow);
  p.restart();
  check_refused(p, p.send_packet(packet), ResponseStatus::kCntrLow);
  p.counter = 4;
  check_refused(p, p.send_packet(p.packet(kWriteSpn)), ResponseStatus::kCntrLow);
}

TEST_CASE("status 03: exactly one higher may not jump; 04: a counter at its end is blocked for good (TS 102 225 clause 5.1.4)") {
  Platform p;
  p.spi = {0x1E, 0x19};
  p.counter = 1;
  CHECK(p.send_packet(p.packet(kReadSpn)).por->packet.status == ResponseStatus::kOk);
  p.counter = 3;
  check_refused(p, p.send_packet(p.packet(kWriteSpn)), ResponseStatus::kCntrHigh);
  p.counter = 2;
  CHECK(p.send_packet(p.packet(kReadSpn)).por->packet.status == ResponseStatus::kOk);
  p.spi = {0x16, 0x19};
  p.counter = ota::Cntr::kMax;
  CHECK(p.send_packet(p.packet(kReadSpn)).por->packet.status == ResponseStatus::kOk);
  check_refused(p, p.send_packet(p.packet(kWriteSpn)), ResponseStatus::kCntrBlocked);
  p.restart();
  check_refused(p, p.send_packet(p.packet(kWriteSpn)), ResponseStatus::kCntrBlocked);
}

TEST_CASE("status 06: keys that the domain does not have, a DS, single DES (TS 102 225 clauses 5.1.1 to 5.1.3)") {
  Platform p;
  p.counter = 1;
  SUBCASE("another version") {
    p.keys = keys_2(0x72, 0x72);
  }
  SUBCASE("two versions") {
    p.keys = ota::PacketKeys(0x12, 0x22, {aes_key("404142434445464748494A4B4C4D4E4F"), aes_key("202122232425262728292A2B2C2D2E2F")});
  }
  SUBCASE("an algorithm of another key") {
    p.keys = ota::PacketKeys(0x25, 0x25, {des_key("404142434445464748494A4B4C4D4E4F"), des_key("505152535455565758595A5B5C5D5E5F")});
  }
  SUBCASE("single DES") {
    p.keys = ota::PacketKeys(0x11, 0x11, {des_key("4041424344454647"), des_key("5051525354555657")}, {true, false});
  }
  check_refused(p, p.send_packet(p.packet(kWriteSpn)), ResponseStatus::kUnidentifiedSecurityError);
}

TEST_CASE("status 09: an unknown TAR, answered without keys (TS 102 225 table 5)") {
  Platform p;
  p.to = tar("B0FFFF");
  const Told told = p.send(kWriteSpn);
  check_refused(p, told, ResponseStatus::kTarUnknown);
  CHECK_FALSE(told.por->protected_as_asked);
}

TEST_CASE("status 0A: every field of the minimum security level counts (TS 102 226 clause 8.2.1.3.2.4.2)") {
  Platform p;
  for (const std::uint8_t spi1 : std::initializer_list<std::uint8_t>{0x00, 0x01, 0x04, 0x05, 0x10, 0x14}) {
    CAPTURE(spi1);
    p.spi = {spi1, 0x01};
    p.keys = keys_2(0x22, spi1 % 4 == 1 ? 0x25 : 0x22);
    const Told told = p.send(kWriteSpn);
    check_refused(p, told, ResponseStatus::kInsufficientSecurityLevel);
  }
  p.keys = keys_2();
  p.spi = {0x02, 0x09};
  CHECK(p.send(kReadSpn).por->packet.status == ResponseStatus::kOk);
  // Remote application management also wants a counter that is higher.
  p.to = tar("B20100");
  p.spi = {0x0A, 0x09};
  check_refused(p, p.send("80CA00E000"), ResponseStatus::kInsufficientSecurityLevel);
}

TEST_CASE("PoR: never, always, on error; bare, with CC, ciphered (TS 102 225 clause 5.1.1)") {
  Platform p;
  p.spi = {0x16, 0x00};
  Told told = p.send(kReadSpn);
  CHECK(told.status == sw::kOk);
  CHECK(told.report.empty());
  told = p.send_packet(p.packet(kReadSpn));  // a replay
  CHECK(told.status == sw::kNoPreciseDiagnosis);
  CHECK(told.report.empty());
  p.spi = {0x16, 0x02};
  told = p.send(kReadSpn);
  CHECK(told.status == sw::kOk);
  CHECK(told.report.empty());
  CHECK(p.send_packet(p.packet(kReadSpn)).por->packet.status == ResponseStatus::kCntrLow);
  for (const std::uint8_t spi2 : std::initializer_list<std::uint8_t>{0x01, 0x09, 0x11, 0x19}) {
    CAPTURE(spi2);
    p.spi = {0x16, spi2};
    CHECK(p.answer(kReadSpn).substr(0, 6) == "029000");
  }
}

TEST_CASE("PoR by SMS-SUBMIT: 0B at once, then the response, in parts if it is long (TS 31.115 clause 4.4)") {
  Platform p;
  p.spi = {0x16, 0x39};
  Told told = p.send(kReadSpn);
  REQUIRE(told.por);
  CHECK(told.por->packet.status == ResponseStatus::kBySubmit);
  const auto message = p.fetch();
  REQUIRE(message);
  CHECK(message->destination.text() == "+491710000000");
  const auto data = message->body.parsed_user_data().value();
  REQUIRE(data.find(ota::iei::kResponsePacket) != nullptr);
  CHECK(ota::parse_response(data.payload, p.spi, p.keys)->packet.status == ResponseStatus::kOk);
  CHECK_FALSE(p.fetch());

  // More than the report of a message holds: EF_ADN's records through READ RECORD are short, so all of EF_UST and what follows it.
  told = p.send(
      "00A40004023F00"
      "00C0000000");
  std::vector<ota::SmsSubmit> parts;
  while (const auto part = p.fetch()) parts.push_back(*part);
  CHECK(parts.size() == 1);

  // Without a toolkit session of the terminal there is only the report.
  REQUIRE(p.card.reset());
  REQUIRE(p.card.select_protocol(Protocol::kT1));
  CHECK(p.answer(kReadSpn).substr(0, 6) == "029000");
}

TEST_CASE(
    "the counters of a key version: apart for packets without CC, apart from secure channel sessions, kept by PUT KEY of the same KID") {
  Platform p;
  emulator::InstanceKeys keys(p.card.nvm(), p.card.session()->runtime().registry(),
                              *p.card.session()->runtime().registry().issuer_domain());
  const std::uint32_t domain = keys.holder();
  p.counter = 41;
  CHECK(p.send(kReadSpn).por->packet.status == ResponseStatus::kOk);
  const auto stored = [&] { return p.card.nvm().read(emulator::packet_counter_object(domain, KeyVersion{2}, true)); };
  REQUIRE(stored());
  CHECK(to_hex(*stored()) == "000000002A");
  CHECK(keys.list().size() == 9);
  CHECK(keys.advance_sequence_counter(KeyVersion{2}) == 1U);
  CHECK(to_hex(*stored()) == "000000002A");

  const auto put = [&](std::uint8_t id, const char* value) {
    emulator::OpenWrites writes(p.card.nvm());
    keys.put({KeyVersion{2}, gp::KeyId{id}, gp::kAesKey, crypto::SecretBytes(hex(value))});
    writes.commit();
  };
  put(3, "00000000000000000000000000000000");
  put(1, "101112131415161718191A1B1C1D1E1F");
  put(2, "202122232425262728292A2B2C2D2E2F");
  CHECK(stored());
  put(2, "202122232425262728292A2B2C2D2E30");
  CHECK_FALSE(stored());
}
