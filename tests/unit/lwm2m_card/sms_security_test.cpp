// SPDX-License-Identifier: Apache-2.0
// The SMS security of LwM2M on the card: OMA-TS-LightweightM2M 1.0 clauses 7.2.2.2 and 7.2.2.3; commands of ours
// (docs/formats/lwm2m-sms.md).
#include "ota/secured_packet_command.hpp"
#include "tests/unit/lwm2m_card/sms_bench.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

const Bytes kCoap = to_bytes("4401000105060708B172640568656C6C6F"_h);
const std::string kNone = "6A88";

Bytes long_message(std::size_t size) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(i * 7);
  return out;
}

ota::Address number(std::string_view text) {
  return ota::Address::from_number(text).value();
}

ota::Address with_type(ota::Address address, std::uint8_t type) {
  address.type = type;
  return address;
}

/// 204, or 1 as the SMS session-key CR wrote it.
std::shared_ptr<const emulator::CardImage> device_image(std::int64_t mode) {
  return changed_account([mode](lwm2m::ObjectInstance& account) {
    account.set(lwm2m::security::kSmsMode, mode);
    account.set(lwm2m::security::kSmsKeyParameters, "121216BFFF01"_h);
  });
}

/// As many octets of the command's data as it takes to see that it is about keys: the secured packet with the parameters given.
Bytes packet_with(const lwm2m::SessionKeyRecord& keys, ota::PacketHeader header, std::uint64_t counter, BytesView data) {
  constexpr crypto::ExposeSecret kTest{"a test makes packets of its own"};
  const auto aes = [&](const crypto::SecretBytes& key) { return crypto::AesKey::from(crypto::SecretBytes(key.expose(kTest))).value(); };
  ota::PacketKeys packet_keys(header.kic, header.kid, {aes(keys.keys.kic), aes(keys.keys.kid)});
  return ota::build_command({header, {counter}, to_bytes(data)}, packet_keys).value();
}

}  // namespace

TEST_CASE("a message from the server comes in an ENVELOPE and is read by GET DATA as TP-OA, tag, length, CoAP (clause 7.2.2.2)") {
  SmsBench card;
  CHECK(card.read() == kNone);
  CHECK(card.envelope(card.tpdus(card.packet(kCoap))) == "9000");
  const std::string whole = "0C91947101000000050011" + to_hex(kCoap);
  CHECK(card.read() == whole);
  CHECK(card.read() == whole);  // until it is removed
  CHECK(card.plain("80E4010000") == "9000");
  CHECK(card.read() == kNone);
  CHECK(card.plain("80E4010000") == kNone);
}

TEST_CASE("a message to the server leaves in SEND SHORT MESSAGE, secured, to the number of the account (clause 7.2.2.2)") {
  SmsBench card;
  CHECK(card.store(card.to_server(kCoap)).starts_with("91"));
  const auto messages = card.sent();
  REQUIRE(messages.size() == 1);
  CHECK(messages.front().destination == number(kServerNumber));
  CHECK(messages.front().body.pid == 0x7F);
  CHECK(messages.front().body.dcs == 0xF6);
  CHECK(std::ranges::search(messages.front().body.user_data, kCoap).empty());
  CHECK(card.at_server(messages) == to_hex(kCoap));
  CHECK(card.at_server(messages) == "a repeated message");
  // A destination without digits is the server's number.
  CHECK(card.store(*from_hex("0091050001AA")).starts_with("91"));
  CHECK(card.at_server(card.sent()) == "AA");
}

TEST_CASE("long messages: concatenated both ways, one part after the other") {
  SmsBench card;
  const Bytes coap = long_message(1000);
  const auto down = card.tpdus(card.packet(coap));
  REQUIRE(down.size() == 8);
  CHECK(card.envelope(down) == "9000");
  CHECK(card.plain("80CA010500") == "6B00");
  CHECK(card.plain("80CA010300").size() == 2 * 224 + 4);
  CHECK(card.take() == to_hex(coap));
  CHECK(card.store(card.to_server(coap)).starts_with("91"));
  CHECK(card.store(card.to_server(kCoap)).starts_with("9"));  // waits for the first
  auto up = card.sent();
  REQUIRE(up.size() == 9);
  CHECK(card.at_server({up.begin(), up.end() - 1}) == to_hex(coap));
  CHECK(card.at_server({up.back()}) == to_hex(kCoap));
}

TEST_CASE("a part that the terminal cannot send: the rest of its packet is not sent, the next packet is") {
  SmsBench card;
  CHECK(card.store(card.to_server(long_message(400))).starts_with("91"));
  CHECK(card.store(card.to_server(kCoap)).starts_with("9"));
  const auto messages = card.sent("21");  // network unable to process
  REQUIRE(messages.size() == 2);
  CHECK(card.at_server({messages.back()}) == to_hex(kCoap));
}

TEST_CASE("a terminal without a profile, or one that never asks: what cannot be sent uses no counter") {
  SmsBench card;
  (void)card.terminal.card.reset();
  card.terminal.card.session()->protocol = Protocol::kT1;
  REQUIRE(card.select(kSms) == "9000");
  CHECK(card.store(card.to_server(kCoap)) == "6985");
  CHECK(card.plain("8010000004FFFFFFFF") == "9000");
  int taken = 0;
  while (card.store(card.to_server(long_message(900))).starts_with("91")) ++taken;
  CHECK(taken == 4);
  CHECK(card.store(card.to_server(long_message(900))) == "9300");
  CHECK(card.sent().size() == 32);
  CHECK(card.store(card.to_server(kCoap)).starts_with("91"));
  card.server.received = 4;
  CHECK(card.at_server(card.sent()) == to_hex(kCoap));
  CHECK(card.server.received == 5);
}

TEST_CASE("the server's number in other types and plans is the server's; any other is dropped in silence") {
  SmsBench card;
  const std::vector<ota::Address> same{with_type(number("491710000000"), 0x81), with_type(number("491710000000"), 0x80),
                                       with_type(number("491710000000"), 0x90), number("00491710000000"),
                                       with_type(number("491710000000"), 0x99)};
  for (const ota::Address& from : same) {
    CAPTURE(from.text());
    CHECK(card.envelope(card.tpdus(card.packet(kCoap), from)) == "9000");
    CHECK(card.take() == to_hex(kCoap));
  }
  ota::Address name;
  name.type = 0xD0;
  name.semi_octets = 4;
  name.value = {0x41, 0x42};
  const std::vector<ota::Address> others{number("+491710000001"),
                                         number("+4917100000000"),
                                         number("+49171000000"),
                                         number("01710000000"),
                                         with_type(number("+491710000000"), 0xD1),
                                         name};
  for (const ota::Address& from : others) {
    CAPTURE(from.text());
    CHECK(card.envelope(card.tpdus(card.packet(kCoap), from)) == "9000");
    CHECK(card.read() == kNone);
  }
  CHECK(card.store(card.to_server(kCoap, "+491710000001")) == "6A80");
}

TEST_CASE("a wrong packet is answered 9000 and not stored; the counter does not move") {
  SmsBench card;
  const auto good = card.packet(kCoap);
  const auto keys = default_keys();
  ota::PacketHeader header{{0x16, 0x00}, 0x12, 0x12, lwm2m::kToCard};
  const Bytes data = *from_hex("0511" + to_hex(kCoap));
  std::vector<Bytes> wrong;
  for (std::size_t at = 2; at < good.size(); ++at) {
    if (at >= 7 && at < 10) continue;  // TAR: another application's business
    wrong.push_back(good);
    wrong.back()[at] ^= 0x01;
  }
  for (const std::uint8_t spi1 : "000206120E"_h) {
    auto weak = header;
    weak.spi.first = spi1;
    wrong.push_back(packet_with(keys, weak, 5, data));
  }
  auto other = default_keys();
  other.keys.kic = crypto::SecretBytes(Bytes(16, 1));
  wrong.push_back(packet_with(other, header, 5, data));
  wrong.push_back(packet_with(keys, header, 0, data));
  for (const Bytes& packet : wrong) {
    CAPTURE(to_hex(packet));
    CHECK(card.envelope(card.tpdus(packet)) == "9000");
    CHECK(card.hand_over(card.tpdus(packet)) == "9000");
    CHECK(card.read() == kNone);
  }
  CHECK(card.envelope(card.tpdus(good)) == "9000");
  CHECK(card.take() == to_hex(kCoap));
}

TEST_CASE("a packet that came before, one with a lower counter, and what the card itself sent, brought back") {
  SmsBench card;
  const auto first = card.packet(kCoap);
  const auto second = card.packet(long_message(5));
  CHECK(card.envelope(card.tpdus(second)) == "9000");
  CHECK(card.take() == to_hex(long_message(5)));
  for (const Bytes& packet : {second, first}) {
    CHECK(card.envelope(card.tpdus(packet)) == "9000");
    CHECK(card.read() == kNone);
  }
  card.power_on();
  CHECK(card.envelope(card.tpdus(second)) == "9000");
  CHECK(card.read() == kNone);
  for (int i = 0; i < 5; ++i) {
    CHECK(card.store(card.to_server(kCoap)).starts_with("91"));
    const auto sent = card.sent();
    const Bytes own = sent.front().body.parsed_user_data()->payload;
    CHECK(card.envelope(card.tpdus(own)) != "");
    CHECK(card.hand_over(card.tpdus(own)) == "9000");
    Bytes turned = own;
    std::ranges::copy(lwm2m::kToCard.value, turned.begin() + 7);
    CHECK(card.envelope(card.tpdus(turned)) == "9000");
    CHECK(card.read() == kNone);
  }
}

TEST_CASE("a secured packet without a CoAP message uses its counter up and leaves nothing else") {
  SmsBench card;
  const auto keys = default_keys();
  const ota::PacketHeader header{{0x16, 0x00}, 0x12, 0x12, lwm2m::kToCard};
  std::uint64_t counter = 0;
  for (const char* data : {"", "06024401", "0511AA", "050144FF", "05"}) {
    CHECK(card.envelope(card.tpdus(packet_with(keys, header, ++counter, *from_hex(data)))) == "9000");
    CHECK(card.read() == kNone);
  }
  CHECK(card.envelope(card.tpdus(packet_with(keys, header, counter, *from_hex("05024401")))) == "9000");
  CHECK(card.read() == kNone);
  CHECK(card.envelope(card.tpdus(packet_with(keys, header, counter + 1, *from_hex("05024401")))) == "9000");
  CHECK(card.take() == "4401");
}

TEST_CASE("the inbox keeps the order and outlives power-off; while it is full the network is asked to come again") {
  SmsBench card;
  for (std::uint8_t i = 0; i < 8; ++i) CHECK(card.envelope(card.tpdus(card.packet(Bytes{0x44, i}))) == "9000");
  card.power_on();
  const auto ninth = card.tpdus(card.packet(Bytes{0x44, 8}));
  CHECK(card.envelope(ninth) == "9300");
  CHECK(card.hand_over(ninth) == "9300");
  CHECK(card.envelope(card.tpdus(Bytes(40, 0), number("+4999"))) != "9000");  // no packet, no matter
  CHECK(card.take() == "4400");
  CHECK(card.envelope(ninth) == "9000");
  for (std::uint8_t i = 1; i < 9; ++i) CHECK(card.take() == to_hex(Bytes{0x44, i}));
  CHECK(card.read() == kNone);
  // Bytes count as well as messages.
  for (int i = 0; i < 4; ++i) CHECK(card.envelope(card.tpdus(card.packet(long_message(1900)))) == "9000");
  CHECK(card.envelope(card.tpdus(card.packet(kCoap))) == "9300");
}

TEST_CASE("the device may hand over what its terminal did not: parts in any order") {
  SmsBench card;
  const Bytes coap = long_message(300);
  auto messages = card.tpdus(card.packet(coap));
  std::ranges::reverse(messages);
  CHECK(card.hand_over(messages) == "9000");
  CHECK(card.take() == to_hex(coap));
  CHECK(card.hand_over(card.tpdus(card.packet(kCoap), number(kServerNumber), 0x7D, 0xF5)) == "9000");  // for another end-point
  CHECK(card.read() == kNone);
  CHECK(card.hand_over({Bytes{0x01, 0x02}}) == "6A80");
}

namespace {

void play_device_end_point(std::int64_t mode) {
  SmsBench card(device_image(mode));
  card.to_card = lwm2m::kToDevice;
  card.from_card = lwm2m::kToServer;
  const auto for_device = [&](BytesView coap) { return card.tpdus(card.packet(coap), number(kServerNumber), 0x7D, 0xF5); };
  CHECK(card.hand_over(for_device(long_message(200))) == "9000");
  CHECK(card.take() == to_hex(long_message(200)));
  CHECK(card.hand_over(card.tpdus(card.packet(kCoap))) == "9000");  // class 2
  CHECK(card.read() == kNone);
  card.to_card = lwm2m::kToCard;  // the TAR of the other end-point
  CHECK(card.envelope(card.tpdus(card.packet(kCoap))) == "9000");
  CHECK(card.hand_over(for_device(kCoap)) == "9000");
  CHECK(card.read() == kNone);

  CHECK(card.read(0x02) == kNone);
  CHECK(card.store(card.to_server(long_message(300))) == "9000");  // nothing for the terminal
  CHECK(card.sent().empty());
  std::vector<ota::SmsSubmit> messages;
  while (card.read(0x02) != kNone) {
    messages.push_back(ota::SmsSubmit::parse(*from_hex(card.read(0x02))).value());
    CHECK(card.plain("80E4020000") == "9000");
  }
  REQUIRE(messages.size() == 3);
  CHECK(messages.front().body.pid == 0x7D);
  CHECK(messages.front().body.dcs == 0xF5);
  CHECK(card.at_server(messages) == to_hex(long_message(300)));
  CHECK(card.plain("80E4020000") == kNone);
  // What is lost at power-off is not said again under the same counter.
  CHECK(card.store(card.to_server(kCoap)) == "9000");
  card.power_on();
  CHECK(card.read(0x02) == kNone);
  CHECK(card.store(card.to_server(kCoap)) == "9000");
  CHECK(card.at_server({ota::SmsSubmit::parse(*from_hex(card.read(0x02))).value()}) == to_hex(kCoap));
  CHECK(card.server.received == 3);
}

}  // namespace

TEST_CASE(
    "end-point in the device, modes 204 and 1: class 1 and PID 7D handed over, packets to the server given back (SMS session-key CR "
    "7.2.2.1)") {
  play_device_end_point(204);
  play_device_end_point(1);
}

TEST_CASE("no packet to the server with the TAR of packets to the card: it would come back as the server's") {
  const auto image = changed_default([](profile::Profile& profile) {
    const auto sms = std::ranges::find(profile.applications, "lwm2m-sms", &profile::ApplicationSpec::module);
    REQUIRE(sms != profile.applications.end());
    sms->parameters.set("server_tar", "B20203");
  });
  SmsBench card(image);
  CHECK(card.store(card.to_server(kCoap)) == "6985");
  CHECK(card.envelope(card.tpdus(card.packet(kCoap))) == "9000");
  CHECK(card.take() == to_hex(kCoap));
}

TEST_CASE("without an account, with invalid keys, or with a damaged session-key file: nothing is accepted and nothing sent") {
  const auto image_with = [](std::uint16_t id, const Bytes& value) {
    return changed_account([&](lwm2m::ObjectInstance& account) { account.set(id, BytesView(value)); });
  };
  const Bytes weak_des = concat({Bytes(16, 0x11), Bytes(8, 0x22), Bytes(8, 0x31), Bytes(8, 0x52), Bytes(8, 0x73)});
  // 1 with a TAR that is not of the device is DTLS.
  for (const auto& image : {image_with(lwm2m::security::kSmsMode, {3}), image_with(lwm2m::security::kSmsMode, {1}),
                            image_with(lwm2m::security::kSmsNumber, to_bytes("4B6F"_h)),
                            image_with(lwm2m::security::kSmsKeyParameters, to_bytes("1219165A5A5A"_h)),
                            image_with(lwm2m::security::kSmsKeys, Bytes(31, 1)), image_with(lwm2m::security::kSmsKeys, weak_des)}) {
    SmsBench card(image);
    CHECK(card.envelope(card.tpdus(card.packet(kCoap))) == "9000");
    CHECK(card.read() == kNone);
    CHECK(card.store(card.to_server(kCoap)) == "6985");
  }
  SmsBench card;
  CHECK(card.envelope(card.tpdus(card.packet(kCoap))) == "9000");
  CHECK(card.take() == to_hex(kCoap));
  REQUIRE(card.select(kPkcs15).ends_with("9000"));
  REQUIRE(card.plain("0020000A083838383838383838") == "9000");
  REQUIRE(card.plain("00A4080C047FFF6433") == "9000");
  REQUIRE(card.plain("00D6000003010030") == "9000");
  REQUIRE(card.select(kSms) == "9000");
  CHECK(card.envelope(card.tpdus(card.packet(kCoap))) == "9000");
  CHECK(card.read() == kNone);
  CHECK(card.store(card.to_server(kCoap)) == "6985");
}

TEST_CASE("commands: blocks in order, one kind of message, no more than 2048 bytes; what is no message") {
  SmsBench card;
  CHECK(card.plain("80E2000101AA") == "6A80");
  CHECK(card.plain("80E2000001AA") == "9000");
  CHECK(card.plain("80E2020101AA") == "6A80");
  CHECK(card.plain("80E2040001AA") == "6A86");
  CHECK(card.store(Bytes(2049, 0)) == "6A80");
  for (const char* data : {"", "0C91947101000000", "0C9194710100000005", "0C919471010000000500", "0C91947101000000050000",
                           "0C91947101000000050002AA", "0C91947101000000050001AABB", "0C91947101000000060001AA", "FF91"}) {
    CAPTURE(data);
    CHECK(card.store(*from_hex(data)) == "6A80");
  }
  CHECK(card.plain("80CA030000") == "6A86");
  CHECK(card.plain("80CA010001AA") == "6700");
  CHECK(card.plain("80E4010100") == "6A86");
  CHECK(card.plain("80E4030000") == "6A86");
  CHECK(card.plain("80DA010000") == "6D00");
  CHECK(card.plain("84E2800001AA") == "6882");
  CHECK(card.plain("00CA010000") != "9000");
}

TEST_CASE("with secure_channel every command needs level 33 (appendix H)") {
  const auto image = changed_default([](profile::Profile& profile) {
    const auto sms = std::ranges::find(profile.applications, "lwm2m-sms", &profile::ApplicationSpec::module);
    sms->parameters.set("secure_channel", true);
  });
  SmsBench card(image);
  CHECK(card.envelope(card.tpdus(card.packet(kCoap))) == "9000");
  for (const char* command : {"80CA010000", "80E4010000", "80E2800001AA"}) CHECK(card.plain(command) == "6982");
  REQUIRE(card.open(scp03::Level::kCMac, kSms) == "");
  CHECK(card.send("80CA010000") == "6982");
  REQUIRE(card.select(kSms) == "9000");
  REQUIRE(card.open(scp03::Level::kAll, kSms) == "");
  CHECK(card.send("80CA010000").ends_with(to_hex(kCoap) + "9000"));
  CHECK(card.send("80E4010000") == "9000");
  CHECK(card.send("80CA010000") == kNone);
}
