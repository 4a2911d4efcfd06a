// SPDX-License-Identifier: Apache-2.0
// SCP02: our card speaks SCP03 only, so a small card that speaks nothing but SCP02 is made here of the card end in scp03/.
#include "tests/unit/gp_host/bench.hpp"

using namespace uicclab;
using namespace uicclab::test;
using namespace uicclab::gp::host;
using scp03::Level;
using namespace uicclab::scp03::legacy;

namespace {

class OldCard final : public CardPort, private Scp02Counter {
 public:
  Result<Atr> reset() override { return Atr{0x3B, 0x00}; }
  void power_off() override {}
  Result<Bytes> transmit(BytesView bytes) override {
    const auto command = apdu::parse(bytes);
    Bytes out;
    StatusWord status = sw::kInsNotSupported;
    seen.push_back(command->ins);
    switch (command->ins) {
      case 0xA4:
        out = to_bytes("6F108408A000000151000000A5049F6501FF"_h);
        status = sw::kOk;
        break;
      case 0xCA:
        status = sw::kReferencedDataNotFound;
        if (command->p1p2() == 0x0066) {
          out = gp::encode_recognition_data({{0x02, i}});
          status = sw::kOk;
        }
        break;
      case 0x50: {
        const auto keys = material().scp02_keys({}, KeyVersion{0x20});
        status = m_session.initialize_update(*command, {}, *keys, *this, m_random, out);
        break;
      }
      case 0x82:
        status = m_session.external_authenticate(*command, *this);
        break;
      default: {
        const auto plain = m_session.unwrap(*command);
        if (!plain) return Bytes{plain.error().sw1(), plain.error().sw2()};
        longest = std::max(longest, plain->data.size());
        status = plain->ins == 0xF2 ? sw::kReferencedDataNotFound : sw::kOk;
      }
    }
    out.insert(out.end(), {status.sw1(), status.sw2()});
    return out;
  }
  std::uint8_t i = 0x15;
  std::vector<std::uint8_t> seen;
  std::size_t longest = 0;

 private:
  std::optional<std::uint16_t> current() override { return m_counter; }
  bool advance() override { return ++m_counter != 0; }

  Scp02CardSession m_session{Scp02Allowed()};
  SeededRandom m_random{3};
  std::uint16_t m_counter = 1;
};

Manager::Options with_scp02() {
  Manager::Options options;
  options.scp02 = Scp02Allowed();
  return options;
}

bool was_sent(const OldCard& card, std::uint8_t ins) {
  return std::ranges::find(card.seen, ins) != card.seen.end();
}

}  // namespace

TEST_CASE("host session: SCP02 only when it was asked for, at levels 01 and 03, with blocks as long as they can be (GP annex E)") {
  SeededRandom random{1};
  for (const auto& [level, largest] : {std::pair{Level::kCMac, 247U}, std::pair{Level::kCMacCEnc, 239U}}) {
    OldCard card;
    Manager::Options options = with_scp02();
    options.level = level;
    Manager manager(card, random, options);
    REQUIRE(manager.connect());
    CHECK(text_of(manager.open(material(), nullptr)).empty());
    CHECK(manager.opening().protocol == gp::SecureChannelProtocol{0x02, 0x15});
    CHECK(manager.max_command_data() == largest);
    CHECK(text_of(manager.store_data(Bytes(1000), 0x10, {})).empty());
    CHECK(card.longest == largest);
    CHECK(text_of(manager.put_key_set(KeyVersion{0x20}, KeyVersion{0x20}, scp03::KeyType::kDes, material())).empty());
  }
  OldCard card;
  Manager manager(card, random, {});
  REQUIRE(manager.connect());
  CHECK(contains(text_of(manager.open(material(), nullptr)), "has to be asked for"));
  CHECK_FALSE(was_sent(card, 0x82));
}

TEST_CASE("host session: SCP02 with wrong keys ends before EXTERNAL AUTHENTICATE; unsupported levels and options are refused") {
  SeededRandom random{1};
  OldCard card;
  Manager manager(card, random, with_scp02());
  REQUIRE(manager.connect());
  CHECK(contains(text_of(manager.open(material("00112233445566778899AABBCCDDEEFF"), nullptr)), "What fits: the public default keys"));
  Manager::Options options = with_scp02();
  options.level = Level::kAll;
  Manager too_high(card, random, options);
  REQUIRE(too_high.connect());
  CHECK(contains(text_of(too_high.open(material(), nullptr)), "protect no responses"));
  card.i = 0x0A;
  REQUIRE(manager.connect());
  CHECK(contains(text_of(manager.open(material(), nullptr)), "i=0A"));
  CHECK_FALSE(was_sent(card, 0x82));
}
