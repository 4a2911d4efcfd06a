// SPDX-License-Identifier: Apache-2.0
// MCIM objects at the card: 3GPP TR 33.812 clauses 5.1.3.7.1 and 5.1.3.7.3.3; commands of ours (docs/formats/mcim.md).
#include "core/ber_tlv.hpp"
#include "emulator/power_cut_port.hpp"
#include "gba/identity.hpp"
#include "mcim/object.hpp"
#include "tests/support/gba_network.hpp"
#include "tests/unit/lwm2m_card/bench.hpp"

using namespace uicclab;

namespace {

constexpr std::string_view kMcim = "F0756963636C61620301";
constexpr std::string_view kUsim = "A0000000871002FF49FF0589";

struct Bench : test::Device {
  using Device::Device;

  Bytes ask(std::string_view command) {
    const std::string answer = plain(command);
    REQUIRE_MESSAGE(answer.ends_with("9000"), answer);
    return *from_hex(answer.substr(0, answer.size() - 4));
  }
  crypto::PublicKey key() {
    auto made = crypto::PublicKey::from_der(ask("80CADF2000"));
    REQUIRE(made);
    return *made;
  }
  mcim::Nonce begin() {
    mcim::Nonce nonce;
    std::ranges::copy(ask("8084000010"), nonce.begin());
    return nonce;
  }
  Bytes object(const mcim::Nonce& nonce, std::uint16_t version = 1) {
    mcim::Subscription subscription;
    subscription.nonce = nonce;
    subscription.imsi = "001010000000077";
    subscription.ki = crypto::SecretBytes("00112233445566778899AABBCCDDEEFF"_h);
    subscription.opc = crypto::SecretBytes("0F0E0D0C0B0A09080706050403020100"_h);
    return mcim::wrap({mcim::Tag::kMcim, mcim::encode_subscription(subscription), version}, key(), mcim::Suite::kP256, random).value();
  }
  std::string store(BytesView object, std::size_t block = 255) {
    const Bytes message = ber::encode(0x80, object);
    std::string answer;
    std::uint8_t number = 0;
    for (std::size_t at = 0; at < message.size(); at += block, ++number) {
      const auto part = BytesView(message).subspan(at, std::min(block, message.size() - at));
      const bool last = at + part.size() == message.size();
      answer = plain("80E2" + std::string(last ? "80" : "00") + to_hex(std::array{number, static_cast<std::uint8_t>(part.size())}) +
                     to_hex(part));
      if (answer != "9000") break;
    }
    return answer;
  }
  void power_on() {
    (void)terminal.card.reset();
    terminal.card.session()->protocol = Protocol::kT1;
  }
  /// The USIM takes an authentication vector made with these keys (Milenage).
  bool knows(std::string_view k, std::string_view opc) {
    test::PushNetwork network(*from_hex(k), *from_hex(opc), 32, "impi");
    const auto info = network.push(gba::PushMode::kMe, gba::naf_id_of("naf"), 60, "", random).info;
    REQUIRE(select(kUsim).ends_with("9000"));
    const std::string answer = plain(
        "0088008122"
        "10" +
        to_hex(info.rand) + "10" + to_hex(info.autn) + "00");
    REQUIRE((answer == "9862" || answer.starts_with("D")));
    return answer.starts_with("D");
  }
  std::string imsi() {
    REQUIRE(select(kUsim).ends_with("9000"));
    REQUIRE(plain("00A4000C026F07") == "9000");
    return plain("00B0000009");
  }
};

const std::string kOldImsi = "0809101000000000109000";
const std::string kNewImsi = "0809101000000000779000";

}  // namespace

TEST_CASE("an object makes the card another subscriber's, at once") {
  Bench card;
  CHECK(card.imsi() == kOldImsi);
  REQUIRE(card.select(kMcim) == "9000");
  const auto nonce = card.begin();
  REQUIRE(card.store(card.object(nonce), 100) == "9000");
  CHECK(card.imsi() == kNewImsi);
}

TEST_CASE("one nonce, one object; a version never back; the same key pair after power-off") {
  Bench card;
  REQUIRE(card.select(kMcim) == "9000");
  const auto key = card.key();
  const auto first = card.begin();
  const Bytes object = card.object(first, 5);
  REQUIRE(card.store(object) == "9000");
  CHECK(card.store(object) == "6A80");
  CHECK(card.store(card.object(card.begin(), 5)) == "6A80");
  CHECK(card.store(card.object(card.begin(), 4)) == "6A80");
  CHECK(card.store(card.object(card.begin(), 6)) == "9000");
  card.power_on();
  REQUIRE(card.select(kMcim) == "9000");
  CHECK(card.key() == key);
  CHECK(card.store(card.object(card.begin(), 6)) == "6A80");
}

TEST_CASE("every error is answered 6A80, nothing changes, and the third try ends the registration, also across a reset") {
  Bench card;
  REQUIRE(card.select(kMcim) == "9000");
  CHECK(card.store("00"_h) == "6A80");  // no registration
  const auto nonce = card.begin();
  const Bytes good = card.object(nonce);
  for (const std::size_t at : {std::size_t{0}, std::size_t{5}, good.size() / 2, good.size() - 1}) {
    (void)card.begin();
    const auto fresh = card.begin();
    Bytes bent = card.object(fresh);
    bent[at] ^= 1;
    CHECK(card.store(bent) == "6A80");
    CHECK(card.store(BytesView(bent).first(at)) == "6A80");
  }
  const auto last = card.begin();
  const Bytes right = card.object(last);
  Bytes bent = right;
  bent.back() ^= 1;
  CHECK(card.store(bent) == "6A80");
  card.power_on();
  REQUIRE(card.select(kMcim) == "9000");
  CHECK(card.store(bent) == "6A80");
  CHECK(card.store(bent) == "6A80");
  CHECK(card.store(right) == "6A80");
  CHECK(card.imsi() == kOldImsi);
}

TEST_CASE("power cut at every write of an installation: one subscriber or the other, whole, and each object at most once") {
  int cuts = 0;
  for (std::uint32_t at = 1;; ++at) {
    REQUIRE(at < 100);
    CAPTURE(at);
    Bench card;
    emulator::PowerCutPort fault(card.terminal.card);
    REQUIRE(card.select(kMcim) == "9000");
    const Bytes object = card.object(card.begin());
    fault.arm(at);
    (void)card.store(object);
    const bool cut = fault.was_cut();
    fault.arm(0);
    if (cut) {
      ++cuts;
      card.power_on();
    }
    const bool is_new = card.imsi() == kNewImsi;
    if (!is_new) CHECK(card.imsi() == kOldImsi);
    CHECK(card.knows("465B5CE8B199B49FAA5F0A2EE238A6BC", "CD63CB71954A9F4E48A5994E37A02BAF") == !is_new);
    CHECK(card.knows("00112233445566778899AABBCCDDEEFF", "0F0E0D0C0B0A09080706050403020100") == is_new);
    // The same object once more: the try was counted, and the registration holds as long as nothing is installed.
    REQUIRE(card.select(kMcim) == "9000");
    CHECK(card.store(object) == (is_new ? "6A80" : "9000"));
    CHECK(card.imsi() == kNewImsi);
    CHECK(card.knows("00112233445566778899AABBCCDDEEFF", "0F0E0D0C0B0A09080706050403020100"));
    if (!cut) {
      CHECK(is_new);
      break;
    }
  }
  CHECK(cuts >= 6);
}

TEST_CASE("STORE DATA: blocks in order and no more than 8192 bytes; other commands") {
  Bench card;
  REQUIRE(card.select(kMcim) == "9000");
  CHECK(card.plain("80E2000101AA") == "6A80");
  CHECK(card.plain("80E2000001AA") == "9000");
  CHECK(card.plain("80E2000201AA") == "6A80");
  CHECK(card.plain("80E2010001AA") == "6A86");
  CHECK(card.plain("80CADF2100") == "6A88");
  CHECK(card.plain("8084010010") == "6A86");
  CHECK(card.plain("80AA000000") != "9000");
}
