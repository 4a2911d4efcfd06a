// SPDX-License-Identifier: Apache-2.0
// The card's SMS security between a device and a server that shares the session keys: docs/formats/lwm2m-sms.md.
#pragma once

#include "core/reader.hpp"
#include "lwm2m/secured_sms.hpp"
#include "ota/sms_download.hpp"
#include "ota/sms_tpdu.hpp"
#include "tests/unit/lwm2m_card/bench.hpp"

namespace uicclab::test {

inline constexpr std::string_view kSms = "F0756963636C61620401";
inline const std::string kServerNumber = "+491710000000";

/// The keys of the default card's bootstrap file, as they are before the first message.
inline lwm2m::SessionKeyRecord default_keys() {
  lwm2m::SessionKeyRecord record;
  record.generation = 1;
  record.keys = {crypto::SecretBytes("707172737475767778797A7B7C7D7E7F"_h), crypto::SecretBytes("808182838485868788898A8B8C8D8E8F"_h)};
  return record;
}

struct SmsBench : Device {
  explicit SmsBench(std::shared_ptr<const emulator::CardImage> image = card_image()) : Device(Protocol::kT1, std::move(image)) {
    REQUIRE(plain("8010000004FFFFFFFF") == "9000");
    REQUIRE(select(kSms) == "9000");
  }

  void power_on() {
    (void)terminal.card.reset();
    terminal.card.session()->protocol = Protocol::kT1;
    port.close();
    REQUIRE(plain("8010000004FFFFFFFF") == "9000");
    REQUIRE(select(kSms) == "9000");
  }

  /// The server's next packet.
  Bytes packet(BytesView coap) { return lwm2m::protect_sms(coap, server, to_card).value(); }

  static std::vector<Bytes> tpdus(BytesView packet, const ota::Address& from, std::uint8_t pid = 0x7F, std::uint8_t dcs = 0xF6) {
    std::vector<Bytes> out;
    static std::uint8_t reference = 0;
    const auto parts = ota::split({{{ota::iei::kCommandPacket, {}}}, to_bytes(packet)}, reference++).value();
    for (const ota::UserData& part : parts) {
      ota::SmsDeliver message;
      message.originator = from;
      message.body.pid = pid;
      message.body.dcs = dcs;
      REQUIRE(message.body.set_user_data(part));
      out.push_back(message.build().value());
    }
    return out;
  }
  static std::vector<Bytes> tpdus(BytesView packet) { return tpdus(packet, ota::Address::from_number(kServerNumber).value()); }

  /// Each in an ENVELOPE; the last answer.
  std::string envelope(const std::vector<Bytes>& messages) {
    std::string answer;
    for (const Bytes& tpdu : messages) {
      const Bytes data = ota::SmsPpDownload{{}, tpdu, {}}.build();
      answer = plain("80C20000" + to_hex(std::array{static_cast<std::uint8_t>(data.size())}) + to_hex(data));
    }
    return answer;
  }
  /// STORE DATA in blocks of 200 bytes; the last answer.
  std::string store(BytesView data, std::uint8_t kind = 0) {
    std::string answer;
    std::uint8_t number = 0;
    for (std::size_t at = 0; at < data.size() || number == 0; at += 200, ++number) {
      const auto part = data.subspan(at, std::min<std::size_t>(200, data.size() - at));
      const auto p1 = static_cast<std::uint8_t>(kind | (at + part.size() == data.size() ? 0x80 : 0));
      answer = plain("80E2" + to_hex(std::array{p1, number, static_cast<std::uint8_t>(part.size())}) + to_hex(part));
      if (!answer.starts_with("9")) break;
    }
    return answer;
  }
  std::string hand_over(const std::vector<Bytes>& messages) {
    std::string answer;
    for (const Bytes& tpdu : messages) answer = store(tpdu, 0x02);
    return answer;
  }
  static Bytes to_server(BytesView coap, std::string_view number = kServerNumber) {
    ByteWriter out;
    ota::write_address(out, ota::Address::from_number(number).value());
    return out.u8(0x05).u16(static_cast<std::uint16_t>(coap.size())).bytes(coap).take();
  }

  /// All blocks of the oldest message; the status word if there is none.
  std::string read(std::uint8_t p1 = 0x01) {
    std::string whole;
    for (std::uint8_t block = 0;; ++block) {
      const std::string answer = plain("80CA" + to_hex(std::array{p1, block}) + "00");
      if (!answer.ends_with("9000")) return block == 0 ? answer : whole;
      whole += answer.substr(0, answer.size() - 4);
    }
  }
  /// The CoAP message of the oldest one, which is removed; the status word if there is none.
  std::string take() {
    const std::string whole = read();
    if (whole.size() <= 4) return whole;
    REQUIRE(plain("80E4010000") == "9000");
    const Bytes bytes = *from_hex(whole);
    ByteReader in(bytes);
    CHECK(ota::read_address(in)->text() == kServerNumber);
    CHECK(in.u8() == 0x05);
    const auto size = in.u16();
    REQUIRE(size == in.remaining());
    return to_hex(in.rest());
  }

  /// What the terminal sends for the card, `result` being what it answers.
  std::vector<ota::SmsSubmit> sent(std::string_view result = "00") {
    std::vector<ota::SmsSubmit> out;
    for (;;) {
      const std::string answer = plain("8012000000");
      if (!answer.ends_with("9000")) return out;
      const auto command = ota::SendShortMessage::parse(*from_hex(answer.substr(0, answer.size() - 4)));
      REQUIRE(command);
      out.push_back(ota::SmsSubmit::parse(command->tpdu).value());
      CHECK(plain("801400000C8103011300020282810301" + std::string(result)).starts_with("9"));
    }
  }
  /// The CoAP message that the server finds in short messages from the card; what was wrong else.
  std::string at_server(const std::vector<ota::SmsSubmit>& messages) {
    Bytes packet;
    for (const ota::SmsSubmit& message : messages) append(packet, message.body.parsed_user_data()->payload);
    const auto coap = lwm2m::open_sms(packet, server, from_card);
    return coap ? to_hex(*coap) : coap.error().text;
  }

  lwm2m::SessionKeyRecord server = default_keys();
  Tar to_card = lwm2m::kToCard;
  Tar from_card = lwm2m::kToServerFromCard;
};

}  // namespace uicclab::test
