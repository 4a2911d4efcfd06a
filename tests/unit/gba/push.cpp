// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "core/crypto/gba.hpp"
#include "core/reader.hpp"
#include "gba/user_equipment.hpp"
#include "tests/support/gba_network.hpp"

using namespace uicclab;
using namespace uicclab::gba;
using crypto::SecretBytes;

namespace {

constexpr auto kK = "465B5CE8B199B49FAA5F0A2EE238A6BC"_h;
constexpr auto kOpc = "CD63CB71954A9F4E48A5994E37A02BAF"_h;
constexpr std::string_view kImpi = "001010000000001@ims.mnc001.mcc001.3gppnetwork.org";

SecretBytes secret(BytesView bytes) {
  return SecretBytes(bytes);
}

/// A card with Milenage and the simplest rule for sequence numbers: higher than the last.
class SmallCard final : public GbaCard {
 public:
  Answer<AkaKeys> authenticate(const crypto::Rand& rand, BytesView autn) override {
    auto checked = check(rand, autn, false);
    if (auto* keys = std::get_if<AkaKeys>(&checked)) return std::move(*keys);
    return checked;
  }
  Answer<std::monostate> bootstrap(const crypto::Rand& rand, BytesView autn_star) override {
    auto checked = check(rand, autn_star, true);
    if (auto* sync = std::get_if<SyncFailure>(&checked)) return *sync;
    auto* keys = std::get_if<AkaKeys>(&checked);
    if (keys == nullptr) return NotAuthenticated{};
    m_ks = crypto::gba_ks(keys->ck, keys->ik);
    m_rand = rand;
    return std::monostate{};
  }
  Answer<SecretBytes> derive(BytesView naf_id, BytesView impi) override {
    if (m_ks.empty()) return NotAuthenticated{};
    ++derived;
    m_internal = crypto::naf_key(m_ks, crypto::NafKey::kInternal, m_rand, impi, naf_id);
    return crypto::naf_key(m_ks, crypto::NafKey::kExternal, m_rand, impi, naf_id);
  }
  /// What never leaves a real one.
  const SecretBytes& internal() const { return m_internal; }
  std::uint64_t sqn = 0;
  int derived = 0;  ///< NAF keys

 private:
  Answer<AkaKeys> check(const crypto::Rand& rand, BytesView autn, bool star) {
    crypto::Sqn concealed;
    std::copy_n(autn.begin(), 6, concealed.begin());
    crypto::Answer answer = m_milenage.answer(rand, concealed, {autn[6], autn[7]});
    Bytes expected = to_bytes(answer.xmac);
    const auto mask = crypto::gba_mac_mask(answer.keys.ik);
    for (std::size_t i = 0; star && i < 8; ++i) expected[i] ^= mask[i];
    if (!equal(expected, autn.subspan(8))) return NotAuthenticated{};
    const std::uint64_t number = *ByteReader(answer.sqn).number(6);
    if (number <= sqn) {
      crypto::Sqn mine;
      for (std::size_t i = 0; i < 6; ++i) mine[i] = static_cast<std::uint8_t>(sqn >> (8 * (5 - i)));
      return SyncFailure{to_bytes(crypto::make_auts(m_milenage, rand, mine))};
    }
    sqn = number;
    return AkaKeys{std::move(answer.keys.ck), std::move(answer.keys.ik)};
  }

  crypto::Milenage m_milenage = *crypto::Milenage::from(secret(kK), secret(kOpc));
  SecretBytes m_ks;
  SecretBytes m_internal;
  crypto::Rand m_rand{};
};

test::PushNetwork bsf(std::uint64_t sqn = 0) {
  return {kK, kOpc, sqn, kImpi};
}
auto receive(BytesView gpi, GbaCard& card) {
  return receive_push(gpi, card, as_bytes(kImpi));
}
const Bytes kNaf = naf_id_of("lwm2m.example.com");

PushInfo info() {
  PushInfo out;
  out.mode = PushMode::kUicc;
  out.rand.fill(0x11);
  out.autn.fill(0x22);
  out.p_tid = "p";
  out.application = "lwm2m";
  out.naf_id = kNaf;
  out.lifetime = 300;
  return out;
}

}  // namespace

TEST_CASE("GPI byte by byte (docs/formats/gba-push-info.md)") {
  const SecretBytes key(Bytes(32, 7));
  const Bytes bytes = encode_push(info(), key);
  const auto head = "475049 01 010101 0210 11111111111111111111111111111111 0310 22222222222222222222222222222222 040170 05056C776D326D"_h;
  CHECK(equal(BytesView(bytes).first(head.size()), head));
  const auto push = parse_push(bytes);
  REQUIRE(push);
  CHECK(push->info == info());
  CHECK(is_authentic(*push, key));
  CHECK_FALSE(is_authentic(*push, SecretBytes(Bytes(32, 8))));
}

TEST_CASE("GPI: each cut and each change is refused, by the reader or by the check value") {
  const SecretBytes key(Bytes(32, 7));
  const Bytes good = encode_push(info(), key);
  for (std::size_t i = 0; i < good.size(); ++i) {
    CHECK_FALSE(parse_push(BytesView(good).first(i)));
    for (const std::uint8_t bit : std::initializer_list<std::uint8_t>{0x01, 0x80}) {
      Bytes bad = good;
      bad[i] ^= bit;
      const auto push = parse_push(bad);
      CHECK((!push || !is_authentic(*push, key)));
    }
  }
  CHECK(parse_push(concat({good, "00"_h})).error().code == ErrorCode::kTrailing);
  CHECK(parse_push("47504902"_h).error().code == ErrorCode::kUnsupported);
  CHECK(parse_push("47504A01"_h).error().code == ErrorCode::kMalformed);
  PushInfo no_naf = info();
  no_naf.naf_id = to_bytes("0300000004"_h);
  CHECK(parse_push(encode_push(no_naf, key)).error().code == ErrorCode::kMalformed);
  PushInfo no_text = info();
  no_text.application = "\xFF";
  CHECK(parse_push(encode_push(no_text, key)).error().code == ErrorCode::kMalformed);
  PushInfo too_long = info();
  too_long.p_tid = std::string(256, 'a');
  CHECK_THROWS_AS(encode_push(too_long, key), SystemError);
}

TEST_CASE("GBA_ME and GBA_U: both ends have the same key (TS 33.223 5.1, TS 33.220 B.3)") {
  SeededRandom random(1);
  test::PushNetwork network = bsf();
  SmallCard card;
  const auto me = network.push(PushMode::kMe, kNaf, 300, "lwm2m", random);
  const auto received = receive(me.gpi, card);
  REQUIRE(received);
  CHECK(received->ks_naf == me.ks_naf);
  CHECK(received->info == me.info);

  const auto uicc = network.push(PushMode::kUicc, kNaf, 300, "lwm2m", random);
  const auto in_card = receive(uicc.gpi, card);
  REQUIRE(in_card);
  CHECK(card.internal() == uicc.ks_naf);
  CHECK(card.derived == 1);                     // one NAF key of each Ks (TS 33.223 3.1, disposable Ks)
  CHECK_FALSE(in_card->ks_naf == uicc.ks_naf);  // what the device gets is another key
  CHECK_FALSE(me.ks_naf == uicc.ks_naf);
  CHECK(network.sqn() == 64);
}

TEST_CASE("A replayed GPI ends in AUTS, which brings network and card together again (TS 33.102 6.3.5)") {
  SeededRandom random(2);
  test::PushNetwork network = bsf();
  SmallCard card;
  for (const PushMode mode : {PushMode::kMe, PushMode::kUicc}) {
    const auto push = network.push(mode, kNaf, 0, "", random);
    CHECK(receive(push.gpi, card));
    const auto again = receive(push.gpi, card);
    REQUIRE_FALSE(again);
    CHECK(again.error().reason == PushRefusal::Reason::kReplayed);
    CHECK(again.error().auts.size() == 14);
  }
  // A network that has lost its sequence number.
  test::PushNetwork restored = bsf(0);
  const auto old = restored.push(PushMode::kMe, kNaf, 0, "", random);
  const auto refused = receive(old.gpi, card);
  REQUIRE_FALSE(refused);
  CHECK_FALSE(restored.resynchronise(crypto::Rand{}, refused.error().auts));
  CHECK_FALSE(restored.resynchronise(old.info.rand, BytesView(refused.error().auts).first(13)));
  CHECK(restored.resynchronise(old.info.rand, refused.error().auts));
  CHECK(restored.sqn() == card.sqn);
  CHECK(receive(restored.push(PushMode::kMe, kNaf, 0, "", random).gpi, card));
}

TEST_CASE("Pushes that lead to no keys (TS 33.223 5.1.3)") {
  SeededRandom random(3);
  test::PushNetwork network = bsf();
  SmallCard card;
  CHECK(receive("4750"_h, card).error().reason == PushRefusal::Reason::kMalformed);

  // A changed label passes the card and fails at the check value.
  const auto push = network.push(PushMode::kMe, kNaf, 300, "lwm2m", random);
  Bytes forged = push.gpi;
  const auto label = std::ranges::search(forged, as_bytes("lwm2m"));
  REQUIRE_FALSE(label.empty());
  label.front() = 'x';
  CHECK(receive(forged, card).error().reason == PushRefusal::Reason::kWrongIntegrity);

  // The mode turned round: an AUTN with the other kind of MAC.
  for (const PushMode mode : {PushMode::kMe, PushMode::kUicc}) {
    Bytes turned = network.push(mode, kNaf, 300, "", random).gpi;
    turned[6] ^= 0x01;
    CHECK(receive(turned, card).error().reason == PushRefusal::Reason::kRefused);
  }
  // Another subscriber's, another NAF's, another IMPI's.
  test::PushNetwork other(Bytes(16, 1), kOpc, 1000, kImpi);
  CHECK(receive(other.push(PushMode::kMe, kNaf, 0, "", random).gpi, card).error().reason == PushRefusal::Reason::kRefused);
  const auto good = network.push(PushMode::kMe, kNaf, 300, "", random);
  const std::uint64_t before = card.sqn;
  CHECK(receive_push(good.gpi, card, as_bytes(kImpi), naf_id_of("other.example.com")).error().reason == PushRefusal::Reason::kOtherNaf);
  CHECK(card.sqn == before);  // the push is not spent
  CHECK(receive_push(good.gpi, card, as_bytes(kImpi), kNaf));
  const auto good2 = network.push(PushMode::kUicc, kNaf, 300, "", random);
  CHECK(receive_push(good2.gpi, card, as_bytes("else")).error().reason == PushRefusal::Reason::kWrongIntegrity);
  CHECK_THROWS_AS(bsf((std::uint64_t{1} << 48) - 20).push(PushMode::kMe, kNaf, 0, "", random), SystemError);
}

TEST_CASE("NAF_Id and IMPI (TS 33.220 B.3, TS 23.003 13.3)") {
  CHECK(equal(naf_id_of("dm.example.com"), "646D2E6578616D706C652E636F6DFF00000001"_h));
  CHECK(impi_of("001010123456789", 2) == "001010123456789@ims.mnc001.mcc001.3gppnetwork.org");
  CHECK(impi_of("310410123456789", 3) == "310410123456789@ims.mnc410.mcc310.3gppnetwork.org");
  for (const char* bad : {"", "00101", "0010101234567890", "00101a123456789"}) CHECK_FALSE(impi_of(bad, 2));
  CHECK_FALSE(impi_of("001010123456789", 4));
}
