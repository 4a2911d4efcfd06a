// SPDX-License-Identifier: Apache-2.0
// A card management client over the air: its secure channel ends at the gateway, its commands go on in secured packets.
#include "core/transceive.hpp"
#include "ota/ota_port.hpp"
#include "scp03/gateway_port.hpp"
#include "scp03/put_key.hpp"
#include "scp03/secure_channel_port.hpp"
#include "tests/unit/remote/bench.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

constexpr auto kDomain = "A000000151000000"_h;

scp03::KeySet channel_keys(std::uint8_t version = 0x30) {
  const auto key = [] { return crypto::SecretBytes(hex("404142434445464748494A4B4C4D4E4F")); };
  return scp03::KeySet::from(KeyVersion{version}, key(), key(), key()).value();
}

/// The third key of the version that secures the packets.
std::unique_ptr<scp03::KeyCipher> kik() {
  return std::make_unique<scp03::DekCipher>(crypto::AesKey::from(crypto::SecretBytes(hex("303132333435363738393A3B3C3D3E3F"))).value());
}

struct Stack {
  explicit Stack(bool puts_keys = true)
      : gateway(port, {channel_keys(), {}, Aid::from(kDomain).value(), puts_keys ? kik() : nullptr}, random) {
    REQUIRE(gateway.reset());
    CHECK(transceive(client, hex("00A4040000")).value().status == sw::kOk);
  }

  SeededRandom random{1};
  ManualClock clock;
  emulator::Card card{default_image(), random, clock};
  ota::MemoryCounters counters;
  ota::PacketSender sender{
      {{{0x16, 0x39}, 0x22, 0x22, Tar{}}, ota::Address::from_number("+491710000000").value(), {}, 8, 1, {}}, keys_2(), counters};
  std::vector<std::string> sent;
  ota::OtaPort port{card,
                    sender,
                    {ota::CommandSet::kApplications, ota::ScriptFormat::kCompact, to_bytes(kDomain), {}},
                    [this](BytesView command, const ota::Delivery&) { sent.push_back(to_hex(command)); }};
  scp03::GatewayPort gateway;
  scp03::SecureChannelPort client{gateway, random};

  Result<void> open(std::uint8_t level, std::uint8_t version = 0x30) {
    scp03::HostSession::Options options;
    options.level = scp03::SecurityLevel::from(level).value();
    return client.open(std::move(options), channel_keys(version));
  }
  apdu::Response send(std::string_view command) { return transceive(client, hex(command)).value(); }
};

}  // namespace

TEST_CASE("GET STATUS through a secure channel that ends before the air, at every level (Amd D 7.1, TS 102 226 8.2)") {
  for (const std::uint8_t level : {std::uint8_t{0x01}, std::uint8_t{0x03}, std::uint8_t{0x11}, std::uint8_t{0x33}}) {
    CAPTURE(level);
    Stack stack;
    REQUIRE(stack.open(level));
    const apdu::Response status = stack.send("80F28002024F0000");
    CHECK(status.status == sw::kOk);
    CHECK(to_hex(status.data).starts_with("E3264F08A000000151000000"));
    CHECK(stack.send("80F24002024F0000").status.is_success());
    CHECK(stack.send("80E40000084F06A00000000001 00").status == sw::kReferencedDataNotFound);
    // In plain over the air: what protects it there is the packet.
    REQUIRE(stack.sent.size() == 3);
    CHECK(stack.sent[0].starts_with("80F28002024F00"));
  }
}

TEST_CASE("Wrong keys, a wrong version and a broken session get no further than the gateway") {
  Stack stack;
  CHECK_FALSE(stack.open(0x33, 0x31));
  scp03::HostSession::Options options;
  options.level = scp03::Level::kCMac;
  const auto wrong = [] { return crypto::SecretBytes(Bytes(16, 0x00)); };
  CHECK_FALSE(stack.client.open(std::move(options), scp03::KeySet::from(KeyVersion{0x30}, wrong(), wrong(), wrong()).value()));
  REQUIRE(stack.open(0x01));
  CHECK(stack.gateway.transmit(hex("84F280020A4F00 0102030405060708")).value() == hex("6982"));
  CHECK(stack.sent.empty());
}

TEST_CASE(
    "PUT KEY: deciphered for the client's session, ciphered for the packet; without the key for that it is refused (TS 102 226 8.2.1.5)") {
  const auto key = crypto::SecretBytes(hex("0F0E0D0C0B0A09080706050403020100"));
  const auto put = [&](Stack& stack) {
    REQUIRE(stack.open(0x33));
    const auto dek = crypto::AesKey::from(crypto::SecretBytes(hex("404142434445464748494A4B4C4D4E4F"))).value();
    scp03::DekCipher cipher(dek);
    Bytes data{0x03};
    for (int i = 0; i < 3; ++i) append(data, scp03::encode_key(cipher, scp03::KeyType::kAes, key).value());
    const apdu::Command command{.cla = 0x80, .ins = 0xD8, .p1 = 0, .p2 = 0x81, .data = data, .le = 256};
    return transceive(stack.client, command).value();
  };
  Stack stack;
  const apdu::Response answer = put(stack);
  CHECK(answer.status == sw::kOk);
  CHECK(answer.data.size() == 10);
  REQUIRE(stack.sent.size() == 1);
  // They are the card's keys now: the next packet comes under them.
  ota::PacketSender next(
      {{{0x16, 0x39}, 0x32, 0x32, Tar{}}, ota::Address::from_number("+491710000000").value(), {}, 8, 1, {}},
      ota::PacketKeys(0x32, 0x32, {aes_key("0F0E0D0C0B0A09080706050403020100"), aes_key("0F0E0D0C0B0A09080706050403020100")}),
      stack.counters);
  ota::OtaPort port(stack.card, next, {ota::CommandSet::kApplications, ota::ScriptFormat::kCompact, to_bytes(kDomain), {}});
  REQUIRE(port.reset());
  CHECK(transceive(port, hex("80F28002024F0000")).value().status.is_success());

  Stack without(false);
  CHECK(put(without).status == sw::kConditionsNotSatisfied);
  CHECK(without.sent.empty());
  REQUIRE(stack.open(0x01));
  CHECK(stack.send("80D8000103300102").status == sw::kIncorrectData);
  CHECK(stack.sent.size() == 1);
}
