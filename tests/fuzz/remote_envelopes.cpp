// SPDX-License-Identifier: Apache-2.0
// The input as a sequence of resets, envelopes and toolkit commands to a card with remote management: packets that are right, packets that
// were bent, parts that come in any order, raw messages, cell broadcasts. What must hold: the counter of a key version never goes back, a
// packet that was bent is not executed, none is executed twice, and every answer is one of the standard.
#include <set>

#include "applet/builtin.hpp"
#include "core/hex.hpp"
#include "core/reader.hpp"
#include "emulator/card.hpp"
#include "emulator/registry/domain_keys.hpp"
#include "ota/secured_packet_response.hpp"
#include "ota/sms_download.hpp"
#include "ota/sms_tpdu.hpp"
#include "profile/build.hpp"
#include "profile/default.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using test::require;

namespace {

ota::OtaKey aes_key(const char* text) {
  return crypto::AesKey::from(crypto::SecretBytes(*from_hex(text))).value();
}

class Sequence {
 public:
  Sequence(std::shared_ptr<const emulator::CardImage> image, BytesView input)
      : m_card(std::move(image), m_random, m_clock),
        m_in(input),
        m_keys(0x22, 0x22, {aes_key("101112131415161718191A1B1C1D1E1F"), aes_key("202122232425262728292A2B2C2D2E2F")}) {
    restart();
  }

  void run() {
    while (!m_in.empty()) {
      switch (byte() % 8) {
        case 0:
          restart();
          break;
        case 1:
          m_clock.advance(std::chrono::seconds(byte() * 8));
          break;
        case 2:
          transmit(Bytes{0x80, 0x12, 0x00, 0x00, 0x00});
          transmit(*from_hex("801400000C810301130002028281830100"));
          break;
        case 3:
          envelope(ota::SmsPpDownload{{}, chunk(), {}}.build());
          break;
        case 4:
          broadcast();
          break;
        case 5:
          deliver({{{byte(), chunk(20)}}, chunk()});
          break;
        default:
          packet();
          break;
      }
      check_counter();
    }
  }

 private:
  std::uint8_t byte() { return m_in.u8().value_or(0); }
  Bytes chunk(std::size_t most = 120) {
    const std::size_t size = std::min<std::size_t>(byte() % (most + 1), m_in.remaining());
    return to_bytes(*m_in.bytes(size));
  }

  void restart() {
    require(m_card.reset() && m_card.select_protocol(Protocol::kT1), "a reset answers");
    transmit(*from_hex("8010000004FFFFFFFF"));
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

  apdu::Response envelope(const Bytes& data) {
    if (data.size() > 255) return {};
    apdu::Command command{0x80, 0xC2, 0, 0, data, 256, false};
    return transmit(apdu::encode(command));
  }

  apdu::Response deliver(const ota::UserData& part) {
    ota::SmsDeliver message;
    message.originator = ota::Address::from_number("+491710000000").value();
    if (!message.body.set_user_data(part)) return {};
    return envelope(ota::SmsPpDownload{{}, message.build().value(), {}}.build());
  }

  void broadcast() {
    const auto total = static_cast<std::uint8_t>(1 + byte() % 15);
    const ota::CellBroadcastPage page{
        byte(), static_cast<std::uint16_t>(0x1070 + byte()), 0x55, static_cast<std::uint8_t>(1 + byte() % total), total, chunk(82)};
    if (const auto bytes = page.build()) envelope(ota::CellBroadcastDownload{*bytes, {}}.build());
  }

  void packet() {
    static constexpr std::array<Tar, 6> kTars{{{{0xB0, 0x01, 0x20}},
                                               {{0xB0, 0x01, 0x40}},
                                               {{0xB0, 0x01, 0x43}},
                                               {{0x00, 0x00, 0x00}},
                                               {{0xB2, 0x01, 0x00}},
                                               {{0xB0, 0xFF, 0xFF}}}};
    const Tar tar = kTars[byte() % kTars.size()];
    const auto counter = static_cast<std::uint64_t>(static_cast<std::int64_t>(m_counter) + static_cast<std::int8_t>(byte()));
    // Always with a CC and a counter that is looked at, so that nothing may be executed twice.
    const ota::Spi spi{static_cast<std::uint8_t>(0x12 | (byte() & 0x0C)), byte()};
    auto built = ota::build_command({{spi, 0x22, 0x22, tar}, {counter & ota::Cntr::kMax}, chunk(255)}, m_keys);
    if (!built) return;
    const std::uint8_t bend = byte();
    const bool bent = bend % 4 == 0;
    if (bent) (*built)[5 + byte() % (built->size() - 5)] ^= static_cast<std::uint8_t>(1 << (bend >> 5));
    const auto parts = ota::split({{{ota::iei::kCommandPacket, {}}}, *built}, m_reference++);
    if (!parts) return;
    const std::uint8_t order = byte();
    const std::uint64_t before = stored();
    for (std::size_t i = 0; i < parts->size(); ++i) {
      if (order % 7 == 1 && i == 0) continue;  // lost
      const std::size_t pick = order % 2 == 0 ? i : parts->size() - 1 - i;
      deliver((*parts)[pick]);
      if (order % 5 == 0) deliver((*parts)[pick]);
    }
    const std::uint64_t after = stored();
    require(!bent || after == before, "a bent packet changes nothing");
    if (after == before) return;
    require(after == (counter & ota::Cntr::kMax), "the counter is that of the packet");
    require(m_taken.insert(after).second, "no counter is taken twice");
  }

  std::uint64_t stored() {
    const auto domain = *m_card.session()->runtime().registry().issuer_domain();
    const auto bytes = m_card.nvm().read(emulator::packet_counter_object(domain, KeyVersion{2}, true));
    return bytes ? ByteReader(*bytes).number(ota::Cntr::kSize).value() : 0;
  }

  void check_counter() {
    const std::uint64_t now = stored();
    require(now >= m_counter, "the counter never goes back");
    m_counter = now;
  }

  SeededRandom m_random{1};
  ManualClock m_clock;
  emulator::Card m_card;
  ByteReader m_in;
  ota::PacketKeys m_keys;
  std::uint64_t m_counter = 0;
  std::uint8_t m_reference = 0;
  std::set<std::uint64_t> m_taken;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto image = profile::build_image(profile::default_profile().value(), applet::builtin_modules()).value();
  Sequence(image, {data, size}).run();
  return 0;
}
