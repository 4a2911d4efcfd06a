// SPDX-License-Identifier: Apache-2.0
// Every SPI against every pair of algorithms and both formats, at a card that sets no minimum; then every bit of packets flipped. The right
// status, executed or not, and the counter right (ETSI TS 102 225 clauses 5.1.1 to 5.1.4, 5.2).
#include "core/reader.hpp"
#include "emulator/registry/domain_keys.hpp"
#include "tests/unit/remote/bench.hpp"

using namespace uicclab;
using namespace uicclab::test;
using ota::Check;
using ota::CounterMode;
using ota::PorMode;
using ota::ResponseStatus;

namespace {

std::shared_ptr<const emulator::CardImage> open_image() {
  profile::Profile profile = profile::default_profile().value();
  for (profile::ApplicationSpec& application : profile.applications) {
    if (application.module == "rfm") application.parameters.set("minimum_security", std::string("00"));
  }
  return image_of(profile);
}

constexpr const char* kCompact =
    "00A4000C026F82"
    "8032000003000001";
constexpr const char* kExpanded =
    "AA13"
    "2207"
    "00A4000C026F82"
    "2208"
    "8032000003000001";

/// How often the script was executed.
unsigned long executed(Platform& p) {
  p.transmit("00A4040C07A0000000871002");
  p.transmit("00A4000C026F82");
  return std::stoul(p.transmit("00B2010403").substr(0, 6), nullptr, 16);
}

std::uint64_t counter_of(Platform& p, std::uint8_t version, bool authenticated) {
  const auto domain = *p.card.session()->runtime().registry().issuer_domain();
  const auto bytes = p.card.nvm().read(emulator::packet_counter_object(domain, KeyVersion{version}, authenticated));
  return bytes ? ByteReader(*bytes).number(ota::Cntr::kSize).value() : 0;
}

/// Can KID be used for this check, with a key of version 1 (3DES) or 2 (AES)?
bool names(std::uint8_t kid, Check check) {
  const unsigned algorithm = kid & 0x0FU;
  if (check == Check::kRc) return algorithm == 0x0 || algorithm == 0x1 || algorithm == 0x5;
  if (check == Check::kCc) return algorithm == 0x0 || algorithm == (kid >> 4 == 1 ? 0x5U : 0x2U);
  return check == Check::kNone;
}

}  // namespace

TEST_CASE("the whole of SPI1 and SPI2 with each pair of KIc and KID, compact and expanded: status, execution, counter, protection") {
  Platform p(open_image());
  struct Pair {
    std::uint8_t kic;
    std::uint8_t kid;
  };
  std::size_t packets = 0;
  unsigned long times = executed(p);
  std::uint64_t counter = 0;
  for (const Pair pair : {Pair{0x15, 0x15}, Pair{0x10, 0x10}, Pair{0x22, 0x22}, Pair{0x20, 0x20}, Pair{0x22, 0x25}, Pair{0x15, 0x11}}) {
    const std::uint8_t version = pair.kid >> 4;
    for (unsigned spi = 0; spi < 0x20U * 0x40U; ++spi) {
      const ota::Spi both{static_cast<std::uint8_t>(spi >> 6), static_cast<std::uint8_t>(spi & 0x3F)};
      if (both.check() == Check::kDs || !names(pair.kid, both.check())) continue;  // cannot be built; security_test.cpp
      p.keys = version == 1 ? keys_1(pair.kic, pair.kid) : keys_2(pair.kic, pair.kid);
      p.spi = both;
      p.counter = ++counter;
      const Bytes packet = p.packet(spi % 2 == 0 ? kCompact : kExpanded);
      // The bench reads what it can with its keys; a DS for the response it cannot ask for.
      const bool answerable = both.por() == PorMode::kNever || (both.por() != PorMode::kReserved && names(pair.kid, both.por_check()));
      const bool authenticated = both.check() == Check::kCc;
      const std::uint64_t before = counter_of(p, version, authenticated);
      CAPTURE(to_hex(Bytes{both.first, both.second, pair.kic, pair.kid}));
      if (!answerable) p.spi.second = 0x01;  // refused with a bare status, if at all
      const Told told = p.send_packet(packet);
      p.spi = both;
      ++packets;
      const unsigned long now = executed(p);
      const bool counts = both.counter_mode() >= CounterMode::kHigher;
      // "Exactly one higher" holds for counters of its own; others have moved in between.
      const bool jumps = both.counter_mode() == CounterMode::kOneHigher && before + 1 != counter;
      const bool good = answerable && !jumps;
      REQUIRE(now == times + (good ? 1 : 0));
      times = now;
      REQUIRE(counter_of(p, version, authenticated) == (good && counts ? counter : before));
      const bool due = both.por() == PorMode::kAlways || (both.por() == PorMode::kOnError && !good);
      REQUIRE(told.report.empty() != due);
      REQUIRE(told.status == (due || good ? sw::kOk : sw::kNoPreciseDiagnosis));
      if (!due || !answerable) {
        if (due && !both.por_by_submit()) CHECK(told.por->packet.status == ResponseStatus::kUnidentifiedSecurityError);
        while (p.fetch()) {
        }
        continue;
      }
      std::optional<ota::ReceivedResponse> por = told.por;
      if (both.por_by_submit()) {
        REQUIRE(told.por->packet.status == ResponseStatus::kBySubmit);
        const auto message = p.fetch();
        REQUIRE(message);
        por = ota::parse_response(message->body.parsed_user_data()->payload, both, p.keys).value();
      }
      REQUIRE(por);
      CHECK(por->packet.cntr.value == counter);
      CHECK(por->packet.tar == p.to);
      CHECK(por->packet.status == (good ? ResponseStatus::kOk : ResponseStatus::kCntrHigh));
      if (good) CHECK(por->protected_as_asked);
    }
  }
  CHECK(packets > 6000);
}

TEST_CASE("any bit of a packet with a CC flipped: nothing is executed, and the counter stays") {
  Platform p(open_image());
  const unsigned long times = executed(p);
  for (const std::uint8_t first : std::initializer_list<std::uint8_t>{0x12, 0x16, 0x1E, 0x02, 0x06}) {
    for (const bool aes : {false, true}) {
      p.keys = aes ? keys_2() : keys_1();
      p.spi = {first, 0x00};
      p.counter = 1;
      const Bytes packet = p.packet(kCompact);
      for (std::size_t bit = 0; bit < packet.size() * 8; ++bit) {
        Bytes bent = packet;
        bent[bit / 8] ^= static_cast<std::uint8_t>(1 << (bit % 8));
        // The response that SPI2 may ask for now is not looked at here.
        const auto parts = p.parts(bent);
        const Bytes data = ota::SmsPpDownload{{}, Platform::message(parts.front()).build().value(), {}}.build();
        const apdu::Command command{0x80, 0xC2, 0, 0, data, 256, false};
        REQUIRE(p.card.transmit(apdu::encode(command)));
      }
      CHECK(executed(p) == times);
      for (const std::uint8_t version : std::initializer_list<std::uint8_t>{1, 2}) {
        CHECK(counter_of(p, version, true) == 0);
        CHECK(counter_of(p, version, false) == 0);
      }
    }
  }
}
