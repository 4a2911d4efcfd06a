// SPDX-License-Identifier: Apache-2.0
// The card's SMS security between a server that has the session keys, a device, and somebody who sends whatever he likes. What must hold:
// the device reads only messages that the server sent, each once and in order; the server can open whatever the card sends, and no counter
// is used twice; every answer is one of the standard.
#include <deque>

#include "applet/builtin.hpp"
#include "core/hex.hpp"
#include "core/reader.hpp"
#include "emulator/card.hpp"
#include "lwm2m/secured_sms.hpp"
#include "ota/sms_download.hpp"
#include "ota/sms_tpdu.hpp"
#include "profile/build.hpp"
#include "profile/default.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using test::require;

namespace {

constexpr std::string_view kServer = "+491710000000";

class Sequence {
 public:
  Sequence(std::shared_ptr<const emulator::CardImage> image, BytesView input) : m_card(std::move(image), m_random, m_clock), m_in(input) {
    m_server.keys = {crypto::SecretBytes("707172737475767778797A7B7C7D7E7F"_h), crypto::SecretBytes("808182838485868788898A8B8C8D8E8F"_h)};
    restart();
  }

  void run() {
    for (int steps = 0; !m_in.empty() && steps < 60; ++steps) {
      switch (byte() % 8) {
        case 0:
          restart();
          break;
        case 1: {
          const std::uint8_t p1 = byte();
          const std::uint8_t p2 = byte();
          store(p1, p2, chunk());
          break;
        }
        case 2:
          command(byte() % 2 == 0 ? 0xCA : 0xE4);
          break;
        case 3:
          hand_over(chunk(200));
          break;
        case 4:
          envelope(chunk(200));
          break;
        case 5:
          to_server();
          break;
        case 6:
          read_all();
          break;
        default:
          to_card();
          break;
      }
    }
    read_all();
  }

 private:
  std::uint8_t byte() { return m_in.u8().value_or(0); }
  Bytes chunk(std::size_t most = 120) {
    const std::size_t size = byte() % (most + 1);
    return to_bytes(*m_in.bytes(std::min(size, m_in.remaining())));
  }

  void restart() {
    require(m_card.reset() && m_card.select_protocol(Protocol::kT1), "a reset answers");
    transmit(*from_hex("8010000004FFFFFFFF"));
    require(transmit(*from_hex("00A404000AF0756963636C61620401")).status == sw::kOk, "the application is there");
    m_sent.clear();
  }

  apdu::Response transmit(const Bytes& command) {
    const auto answer = m_card.transmit(command);
    require(answer && answer->size() >= 2, "a powered card answers");
    const auto response = apdu::parse_response(*answer).value();
    const std::uint8_t sw1 = response.status.sw1();
    require((sw1 >= 0x61 && sw1 <= 0x6F) || (sw1 >= 0x90 && sw1 <= 0x9F), "a status word of the standard");
    require(response.data.empty() || response.status.is_success(), "an error has no data");
    return response;
  }
  void command(std::uint8_t ins) {
    const std::uint8_t p1 = byte();
    transmit(Bytes{0x80, ins, p1, byte(), 0x00});
  }
  apdu::Response store(std::uint8_t p1, std::uint8_t p2, BytesView data) {
    return transmit(apdu::encode({0x80, 0xE2, p1, p2, data, std::nullopt, false}));
  }
  apdu::Response store_all(std::uint8_t kind, BytesView data) {
    std::uint8_t number = 0;
    for (; data.size() > 200; data = data.subspan(200)) store(kind, number++, data.first(200));
    return store(kind | 0x80, number, data);
  }
  void envelope(const Bytes& tpdu) {
    const Bytes data = ota::SmsPpDownload{{}, tpdu, {}}.build();
    if (data.size() <= 255) transmit(apdu::encode({0x80, 0xC2, 0, 0, data, 256, false}));
  }
  void hand_over(const Bytes& tpdu) { store_all(0x02, tpdu); }

  /// The server's next packet, right or bent, in parts that come in this order or that.
  void to_card() {
    Bytes coap = chunk(250);
    coap.push_back(m_number++);  // no two are the same
    auto packet = lwm2m::protect_sms(coap, m_server, lwm2m::kToCard).value();
    const std::uint8_t bend = byte();
    if (bend % 4 == 0) {
      packet[bend % packet.size()] ^= static_cast<std::uint8_t>(1 << (bend >> 5));
    } else {
      m_coap.push_back(coap);
    }
    const auto parts = ota::split({{{ota::iei::kCommandPacket, {}}}, packet}, m_reference++).value();
    const std::uint8_t order = byte();
    for (std::size_t i = 0; i < parts.size(); ++i) {
      ota::SmsDeliver message;
      message.originator = ota::Address::from_number(kServer).value();
      require(message.body.set_user_data(parts[order % 2 == 0 ? i : parts.size() - 1 - i]).has_value(), "a part fits");
      const Bytes tpdu = message.build().value();
      for (int times = order % 5 == 0 ? 2 : 1; times > 0; --times) order % 3 == 0 ? hand_over(tpdu) : envelope(tpdu);
    }
  }

  void to_server() {
    const Bytes coap = chunk(250);
    ByteWriter message;
    message.u8(0x00).u8(0x91).u8(lwm2m::kCoapTag).u16(static_cast<std::uint16_t>(coap.size())).bytes(coap);
    if (!store_all(0x00, message.view()).status.is_success()) return;
    m_sent.push_back(coap);
    Bytes packet;
    while (!m_sent.empty()) {
      const auto fetched = transmit(*from_hex("8012000000"));
      if (!fetched.status.is_success()) break;
      const auto command = ota::SendShortMessage::parse(fetched.data);
      require(command.has_value(), "a proactive command that can be read");
      const auto part = ota::SmsSubmit::parse(command->tpdu).value().body.parsed_user_data().value();
      append(packet, part.payload);
      transmit(*from_hex("801400000C810301130002028281030100"));
      const auto opened = lwm2m::open_sms(packet, m_server, lwm2m::kToServerFromCard);
      if (!opened) continue;  // more parts
      require(*opened == m_sent.front(), "the server gets what the device gave");
      m_sent.pop_front();
      packet.clear();
    }
    require(m_sent.empty(), "what the card takes, it sends");
  }

  void read_all() {
    for (;;) {
      Bytes whole;
      for (std::uint8_t block = 0;; ++block) {
        const auto answer = transmit(Bytes{0x80, 0xCA, 0x01, block, 0x00});
        if (!answer.status.is_success()) break;
        append(whole, answer.data);
      }
      if (whole.empty()) return;
      ByteReader in(whole);
      const auto from = ota::read_address(in);
      const auto tag = in.u8();
      const auto size = in.u16();
      require(from && from->text() == kServer && tag == lwm2m::kCoapTag && size == in.remaining(), "TP-OA, tag, length");
      while (!m_coap.empty() && !equal(m_coap.front(), in.rest())) m_coap.pop_front();  // lost on the way
      require(!m_coap.empty(), "a message from the server, once and in order");
      m_coap.pop_front();
      require(transmit(Bytes{0x80, 0xE4, 0x01, 0x00, 0x00}).status == sw::kOk, "it can be removed");
    }
  }

  SeededRandom m_random{1};
  ManualClock m_clock;
  emulator::Card m_card;
  ByteReader m_in;
  lwm2m::SessionKeyRecord m_server;
  std::deque<Bytes> m_coap;  ///< on their way to the device
  std::deque<Bytes> m_sent;  ///< on their way to the server
  std::uint8_t m_reference = 0;
  std::uint8_t m_number = 0;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto image = profile::build_image(profile::default_profile().value(), applet::builtin_modules()).value();
  Sequence(image, {data, size}).run();
  return 0;
}
