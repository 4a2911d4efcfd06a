// SPDX-License-Identifier: Apache-2.0
// MCIM objects at the card: 3GPP TR 33.812 clauses 5.1.3.7.1 and 5.1.3.7.3.3; commands of ours (docs/formats/mcim.md).
#include "applet/mcim/module.hpp"
#include "core/ber_tlv.hpp"
#include "core/crypto/certificate_issue.hpp"
#include "core/crypto/tuak.hpp"
#include "core/crypto/xor_auth.hpp"
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
  std::string store(BytesView object, std::size_t block = 255, std::uint8_t tag = 0x80) {
    const Bytes message = ber::encode(tag, object);
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
  CHECK(card.plain("80CADF2300") == "6A88");
  CHECK(card.plain("8084010010") == "6A86");
  CHECK(card.plain("80AA000000") != "9000");
}

namespace {

/// The default card with other parameters of its module mcim.
std::shared_ptr<const emulator::CardImage> image_with(const std::function<void(applet::Parameters&)>& set) {
  return test::changed_default([&](profile::Profile& profile) {
    for (auto& application : profile.applications) {
      if (application.module == "mcim") set(application.parameters);
    }
  });
}
const std::shared_ptr<const emulator::CardImage>& rsa_image() {
  static const auto key = crypto::PrivateKey::generate(crypto::KeyKind::kRsa);
  static const auto image = image_with([](applet::Parameters& p) { p.set("key", to_hex(key.der())); });
  return image;
}

mcim::Subscription part(mcim::Tag tag, const mcim::Nonce& nonce) {
  mcim::Subscription out;
  out.tag = tag;
  out.nonce = nonce;
  out.algorithm = mcim::Algorithm::kKept;
  return out;
}
Bytes wrapped(const mcim::Subscription& what, std::uint16_t version, const crypto::PublicKey& key, mcim::Suite suite) {
  SeededRandom random(version);
  return mcim::wrap({what.tag, mcim::encode_subscription(what), version}, key, suite, random).value();
}

constexpr std::string_view kOldK = "465B5CE8B199B49FAA5F0A2EE238A6BC";
constexpr std::string_view kOldOpc = "CD63CB71954A9F4E48A5994E37A02BAF";

struct NewBench : Bench {
  using Bench::Bench;

  std::string install(const mcim::Subscription& what, std::uint16_t version, mcim::Suite suite = mcim::Suite::kP256) {
    return store(wrapped(what, version, key(), suite));
  }
  mcim::Subscription fresh(mcim::Tag tag) {
    REQUIRE(select(kMcim) == "9000");
    return part(tag, begin());
  }
  /// A vector of this algorithm and sequence number: "fresh", "used" or "no".
  std::string challenge(crypto::AuthAlgorithm& algorithm, std::uint64_t sqn, std::string_view aid = kUsim) {
    crypto::Rand rand{};
    rand.fill(0x23);
    crypto::Sqn number{};
    for (std::size_t i = 0; i < 6; ++i) number[i] = static_cast<std::uint8_t>(sqn >> (8 * (5 - i)));
    const auto autn = crypto::make_autn(algorithm, rand, number, crypto::Amf{0x80, 0x00});
    REQUIRE(select(aid).ends_with("9000"));
    const std::string answer = plain(
        "0088008122"
        "10" +
        to_hex(rand) + "10" + to_hex(autn) + "00");
    return answer.starts_with("DB") ? "fresh" : answer.starts_with("DC") ? "used" : "no";
  }
  std::string file(std::string_view aid, std::string_view fid) {
    REQUIRE(select(aid).ends_with("9000"));
    REQUIRE(plain("00A4000C02" + std::string(fid)) == "9000");
    return plain("00B0000000");
  }
};

crypto::Milenage milenage(std::string_view k, std::string_view opc) {
  return *crypto::Milenage::from(crypto::SecretBytes(*from_hex(k)), crypto::SecretBytes(*from_hex(opc)));
}

}  // namespace

TEST_CASE("an RSA card takes suites 1 and 2 and CMS, a P-256 card suite 4 and CMS; none takes the other's") {
  const auto cms = [](const crypto::PublicKey& key, const mcim::Subscription& what, std::uint16_t version, bool identifier) {
    SeededRandom random(7);
    const auto ca = crypto::PrivateKey::generate(crypto::KeyKind::kP256);
    const crypto::CertificateTerms terms{"card", {}, {}, crypto::CertificateUse::kEncryption, identifier};
    const Bytes certificate = *crypto::issue_certificate(key, terms, ca, {}, random);
    return *mcim::wrap_cms({what.tag, mcim::encode_subscription(what), version}, certificate);
  };
  const auto imsi = [](mcim::Subscription one, const char* value) {
    one.imsi = value;
    return one;
  };
  for (const bool rsa : {true, false}) {
    CAPTURE(rsa);
    NewBench card(Protocol::kT1, rsa ? rsa_image() : test::card_image());
    REQUIRE(card.select(kMcim) == "9000");
    const auto key = card.key();
    CHECK(key.kind() == (rsa ? crypto::KeyKind::kRsa : crypto::KeyKind::kP256));
    std::uint16_t version = 0;
    for (const mcim::Suite suite : {mcim::Suite::kSeed, mcim::Suite::kRsa, mcim::Suite::kP256}) {
      const auto what = imsi(card.fresh(mcim::Tag::kUpdate), "001010000000077");
      if ((suite == mcim::Suite::kP256) == rsa) continue;
      CHECK(card.store(wrapped(what, ++version, key, suite)) == "9000");
    }
    for (const bool identifier : {true, false}) {
      CHECK(card.store(cms(key, imsi(card.fresh(mcim::Tag::kUpdate), "001010000000077"), ++version, identifier)) == "9000");
    }
    CHECK(card.imsi() == kNewImsi);
    // What is for another kind of key, and for another key.
    const auto other = crypto::PrivateKey::generate(rsa ? crypto::KeyKind::kP256 : crypto::KeyKind::kRsa).public_key();
    const auto what = imsi(card.fresh(mcim::Tag::kUpdate), "001010000000078");
    CHECK(card.store(wrapped(what, ++version, other, rsa ? mcim::Suite::kP256 : mcim::Suite::kRsa)) == "6A80");
    CHECK(card.store(cms(other, what, version, true)) == "6A80");
    CHECK(card.imsi() == kNewImsi);
  }
}

TEST_CASE("key_kind = rsa: the card makes an RSA key pair at its first use") {
  NewBench card(Protocol::kT1, image_with([](applet::Parameters& p) { p.set("key_kind", "rsa"); }));
  REQUIRE(card.select(kMcim) == "9000");
  const auto key = card.key();
  CHECK(key.bits() == 2048);
  card.power_on();
  REQUIRE(card.select(kMcim) == "9000");
  CHECK(card.key() == key);
}

TEST_CASE("the literal form: only for a card whose profile says so (a downgrade otherwise)") {
  for (const bool told : {false, true}) {
    for (const bool rsa : {false, true}) {
      CAPTURE(told);
      CAPTURE(rsa);
      static const auto pair = crypto::PrivateKey::generate(crypto::KeyKind::kRsa);
      NewBench card(Protocol::kT1, image_with([&](applet::Parameters& p) {
                      p.set("literal", told);
                      if (rsa) p.set("key", to_hex(pair.der()));
                    }));
      auto what = card.fresh(mcim::Tag::kUpdate);
      what.imsi = "001010000000077";
      CHECK(card.install(what, 1, mcim::Suite::kLiteral) == (told ? "9000" : "6A80"));
      CHECK(card.imsi() == (told ? kNewImsi : kOldImsi));
    }
  }
}

TEST_CASE("update: another IMSI under the same keys, and the sequence numbers go on") {
  NewBench card;
  auto old = milenage(kOldK, kOldOpc);
  CHECK(card.challenge(old, 1024) == "fresh");
  auto what = card.fresh(mcim::Tag::kUpdate);
  what.imsi = "001010000000077";
  REQUIRE(card.install(what, 1) == "9000");
  CHECK(card.imsi() == kNewImsi);
  CHECK(card.challenge(old, 1024) == "used");
  CHECK(card.challenge(old, 2048) == "fresh");
}

TEST_CASE("update: other keys under the same IMSI, and the sequence numbers start again") {
  NewBench card;
  auto old = milenage(kOldK, kOldOpc);
  CHECK(card.challenge(old, 4096) == "fresh");
  auto what = card.fresh(mcim::Tag::kUpdate);
  what.algorithm = mcim::Algorithm::kMilenage;
  what.ki = crypto::SecretBytes(Bytes(16, 7));
  what.opc = crypto::SecretBytes(Bytes(16, 8));
  REQUIRE(card.install(what, 1) == "9000");
  CHECK(card.imsi() == kOldImsi);
  CHECK(card.challenge(old, 8192) == "no");
  auto made = milenage("07070707070707070707070707070707", "08080808080808080808080808080808");
  CHECK(card.challenge(made, 32) == "fresh");
}

TEST_CASE("algorithm: the same Ki under TUAK and XOR, with constants; the sequence numbers go on; OPc alone") {
  NewBench card;
  auto old = milenage(kOldK, kOldOpc);
  CHECK(card.challenge(old, 4096) == "fresh");
  const crypto::SecretBytes k(*from_hex(kOldK));
  auto what = card.fresh(mcim::Tag::kAlgorithm);
  what.algorithm = mcim::Algorithm::kTuak;
  what.opc = crypto::SecretBytes(Bytes(32, 9));
  what.constants = to_bytes("03 08 08 10 10"_h);
  REQUIRE(card.install(what, 1) == "9000");
  CHECK(card.challenge(old, 8192) == "no");
  auto tuak = *crypto::Tuak::from(k, crypto::SecretBytes(Bytes(32, 9)), {.iterations = 3});
  CHECK(card.challenge(tuak, 4096) == "used");
  CHECK(card.challenge(tuak, 8192) == "fresh");
  auto other = *crypto::Tuak::from(k, crypto::SecretBytes(Bytes(32, 9)), {});
  CHECK(card.challenge(other, 16384) == "no");

  what = card.fresh(mcim::Tag::kAlgorithm);
  what.algorithm = mcim::Algorithm::kXor;
  REQUIRE(card.install(what, 2) == "9000");
  auto by_xor = *crypto::XorAuth::from(k, 16);
  CHECK(card.challenge(by_xor, 16384) == "fresh");

  what = card.fresh(mcim::Tag::kAlgorithm);
  what.algorithm = mcim::Algorithm::kMilenage;
  what.opc = crypto::SecretBytes(*from_hex(kOldOpc));
  REQUIRE(card.install(what, 3) == "9000");
  CHECK(card.challenge(old, 32768) == "fresh");
}

TEST_CASE("the PIN that AUTHENTICATE asks for stays that of the card (TS 31.102 7.1.1)") {
  NewBench card(Protocol::kT1, test::changed_default([](profile::Profile& profile) {
                  for (auto& application : profile.applications) {
                    if (application.module == "usim") application.parameters.set("pin", std::int64_t{2});  // nobody verified it
                  }
                }));
  const std::string challenge = "00880081221000112233445566778899AABBCCDDEEFF1000112233445566778899AABBCCDDEEFF00";
  REQUIRE(card.select(kUsim).ends_with("9000"));
  REQUIRE(card.plain(challenge) == "6982");
  auto what = card.fresh(mcim::Tag::kMcim);
  what.imsi = "001010000000077";
  what.algorithm = mcim::Algorithm::kXor;
  what.ki = crypto::SecretBytes(Bytes(16, 5));
  REQUIRE(card.install(what, 1) == "9000");
  REQUIRE(card.select(kUsim).ends_with("9000"));
  CHECK(card.plain(challenge) == "6982");
}

TEST_CASE("MCIM with a Ki of 32 bytes for TUAK; an algorithm object for a kept Ki of 32 bytes that it cannot use is refused whole") {
  NewBench card;
  auto what = card.fresh(mcim::Tag::kMcim);
  what.imsi = "001010000000077";
  what.algorithm = mcim::Algorithm::kTuak;
  what.ki = crypto::SecretBytes(Bytes(32, 5));
  what.opc = crypto::SecretBytes(Bytes(32, 9));
  REQUIRE(card.install(what, 1) == "9000");
  auto tuak = *crypto::Tuak::from(crypto::SecretBytes(Bytes(32, 5)), crypto::SecretBytes(Bytes(32, 9)), {});
  CHECK(card.challenge(tuak, 64) == "fresh");
  what = card.fresh(mcim::Tag::kAlgorithm);
  what.algorithm = mcim::Algorithm::kMilenage;
  what.opc = crypto::SecretBytes(Bytes(16, 9));
  CHECK(card.install(what, 2) == "6A80");
  CHECK(card.challenge(tuak, 128) == "fresh");
}

TEST_CASE("token: later objects must carry it, also across a reset; it is replaced by the next") {
  NewBench card;
  const auto give = [&](std::string_view token, std::string_view current, std::uint16_t version) {
    auto what = card.fresh(mcim::Tag::kToken);
    what.new_token = crypto::SecretBytes(as_bytes(token));
    what.token = crypto::SecretBytes(as_bytes(current));
    return card.install(what, version);
  };
  const auto update = [&](std::string_view token, std::uint16_t version) {
    auto what = card.fresh(mcim::Tag::kUpdate);
    what.imsi = "001010000000077";
    what.token = crypto::SecretBytes(as_bytes(token));
    return card.install(what, version);
  };
  REQUIRE(give("first", "", 1) == "9000");
  card.power_on();
  CHECK(update("", 2) == "6A80");
  CHECK(update("other", 2) == "6A80");
  CHECK(card.imsi() == kOldImsi);
  CHECK(give("second", "", 2) == "6A80");
  CHECK(give("second", "first", 2) == "9000");
  CHECK(update("first", 3) == "6A80");
  CHECK(update("second", 3) == "9000");
  CHECK(card.imsi() == kNewImsi);
}

TEST_CASE("the ISIM follows when asked: EF_IMPI, EF_DOMAIN, EF_IMPU, EF_AD and its keys (TS 31.103 4.2; TS 23.003 13)") {
  constexpr std::string_view kIsim = "A0000000871004FF49FF0589";
  const auto text = [](std::string_view value) {
    return to_hex(std::array{std::uint8_t{0x80}, static_cast<std::uint8_t>(value.size())}) + to_hex(as_bytes(value)) + "FF";
  };
  NewBench card;
  const std::string before = card.file(kIsim, "6F02");
  auto made = milenage("07070707070707070707070707070707", "08080808080808080808080808080808");
  const auto mcim_of = [&](std::uint8_t digits) {
    auto what = card.fresh(mcim::Tag::kMcim);
    what.imsi = "310410000000077";
    what.algorithm = mcim::Algorithm::kMilenage;
    what.ki = crypto::SecretBytes(Bytes(16, 7));
    what.opc = crypto::SecretBytes(Bytes(16, 8));
    what.mnc_digits = digits;
    return what;
  };
  REQUIRE(card.install(mcim_of(0), 1) == "9000");
  CHECK(card.file(kIsim, "6F02") == before);
  CHECK(card.challenge(made, 64, kIsim) == "no");
  CHECK(card.file(kUsim, "6FAD").substr(6, 2) == "02");
  REQUIRE(card.install(mcim_of(3), 2) == "9000");
  CHECK(card.file(kUsim, "6FAD").substr(6, 2) == "03");
  CHECK(card.file(kIsim, "6F02").starts_with(text("310410000000077@ims.mnc410.mcc310.3gppnetwork.org")));
  CHECK(card.file(kIsim, "6F03").starts_with(text("ims.mnc410.mcc310.3gppnetwork.org")));
  REQUIRE(card.plain("00A4000C026F04") == "9000");
  CHECK(card.plain("00B2010400").starts_with(text("sip:310410000000077@ims.mnc410.mcc310.3gppnetwork.org")));
  CHECK(card.plain("00B2020400") == std::string(160, 'F') + "9000");
  CHECK(card.challenge(made, 64, kIsim) == "fresh");
}

TEST_CASE("the card's certificate: a request with its proof, stored if it is of its key, kept across a reset") {
  NewBench card;
  REQUIRE(card.select(kMcim) == "9000");
  CHECK(card.plain("80CADF2200") == "6A88");
  const auto request = crypto::read_certificate_request(card.ask("80CADF2100"));
  REQUIRE(request);
  CHECK(request->key == card.key());
  CHECK(request->common_name == "uicclab mcim");
  SeededRandom random(3);
  const auto ca = crypto::PrivateKey::generate(crypto::KeyKind::kP256);
  const crypto::CertificateTerms terms{"card", {}, {}, crypto::CertificateUse::kEncryption, true};
  const Bytes good = *crypto::issue_certificate(request->key, terms, ca, {}, random);
  const Bytes other = *crypto::issue_certificate(ca.public_key(), terms, ca, {}, random);
  CHECK(card.store(other, 255, 0x82) == "6A80");
  CHECK(card.store(Bytes(20), 255, 0x82) == "6A80");
  CHECK(card.plain("80CADF2200") == "6A88");
  CHECK(card.store(good, 255, 0x82) == "9000");
  CHECK(card.ask("80CADF2200") == good);
  card.power_on();
  REQUIRE(card.select(kMcim) == "9000");
  CHECK(card.ask("80CADF2200") == good);
  CHECK(card.store(other, 255, 0x82) == "6A80");
  CHECK(card.ask("80CADF2200") == good);
}

TEST_CASE("under T=0 a request that was answered 6Cxx is the same when the terminal comes back (TS 102 221 7.3.1.1)") {
  for (int i = 0; i < 20; ++i) {  // a signature on P-256 has 70 to 72 bytes, by chance
    NewBench card(Protocol::kT0);
    REQUIRE(card.select(kMcim) == "9000");
    const auto raw = [&](const std::string& command) { return to_hex(*card.terminal.card.transmit(*from_hex(command))); };
    const std::string first = raw("80CADF2100");
    REQUIRE(first.starts_with("6C"));
    CHECK(raw("80CADF21" + first.substr(2)).ends_with("9000"));
  }
}

TEST_CASE("key pair and certificate at personalisation; what does not fit is refused by name") {
  static const auto pair = crypto::PrivateKey::generate(crypto::KeyKind::kP256);
  SeededRandom random(3);
  const crypto::CertificateTerms terms{"card", {}, {}, crypto::CertificateUse::kEncryption, true};
  const Bytes certificate = *crypto::issue_certificate(pair.public_key(), terms, pair, {}, random);
  NewBench card(Protocol::kT1, image_with([&](applet::Parameters& p) {
                  p.set("key", to_hex(pair.der()));
                  p.set("certificate", to_hex(certificate));
                }));
  REQUIRE(card.select(kMcim) == "9000");
  CHECK(card.key() == pair.public_key());
  CHECK(card.ask("80CADF2200") == certificate);
  const applet::mcim::McimModule module;
  const auto refusal = [&](std::initializer_list<std::pair<const char*, applet::ParameterValue>> values) {
    applet::Parameters parameters;
    for (const auto& [name, value] : values) parameters.set(name, value);
    const auto made = module.personalise(parameters);
    return made ? std::string() : made.error().text;
  };
  CHECK(refusal({{"certificate", to_hex(certificate)}}).starts_with("certificate needs key"));
  CHECK(refusal({{"key", "0011"}}) == "key must be a private key in PKCS #8");
  CHECK(refusal({{"key", to_hex(pair.der())}, {"key_kind", "p256"}}) == "key and key_kind exclude each other");
  CHECK(refusal({{"key_kind", "dsa"}}) == "key_kind must be p256 or rsa");
  CHECK(refusal({{"key", to_hex(crypto::PrivateKey::generate(crypto::KeyKind::kP256).der())}, {"certificate", to_hex(certificate)}}) ==
        "certificate must be an X.509 certificate of key");
  CHECK(refusal({{"literal", "yes"}}) != "");
}

TEST_CASE("power cut at every write of an update with the ISIM: all of it or nothing, for RSA too") {
  constexpr std::string_view kIsim = "A0000000871004FF49FF0589";
  for (const bool rsa : {false, true}) {
    int cuts = 0;
    for (std::uint32_t at = 1;; ++at) {
      REQUIRE(at < 100);
      CAPTURE(at);
      NewBench card(Protocol::kT1, rsa ? rsa_image() : test::card_image());
      emulator::PowerCutPort fault(card.terminal.card);
      const std::string old_impi = card.file(kIsim, "6F02");
      auto what = card.fresh(mcim::Tag::kUpdate);
      what.imsi = "001010000000077";
      what.mnc_digits = 2;
      const Bytes object = wrapped(what, 1, card.key(), rsa ? mcim::Suite::kRsa : mcim::Suite::kP256);
      fault.arm(at);
      (void)card.store(object);
      const bool cut = fault.was_cut();
      fault.arm(0);
      if (cut) {
        ++cuts;
        card.power_on();
      }
      const bool is_new = card.imsi() == kNewImsi;
      CHECK((card.file(kIsim, "6F02") == old_impi) == !is_new);
      REQUIRE(card.select(kMcim) == "9000");
      CHECK(card.store(object) == (is_new ? "6A80" : "9000"));
      CHECK(card.imsi() == kNewImsi);
      if (!cut) break;
    }
    CHECK(cuts >= 6);
  }
}

TEST_CASE("power cut at every write of a certificate and of a token: kept or not, and the next one is taken") {
  for (const bool token : {false, true}) {
    for (std::uint32_t at = 1;; ++at) {
      REQUIRE(at < 50);
      CAPTURE(at);
      NewBench card;
      emulator::PowerCutPort fault(card.terminal.card);
      auto what = card.fresh(mcim::Tag::kToken);
      what.new_token = crypto::SecretBytes("C0FFEE"_h);
      SeededRandom random(3);
      const crypto::CertificateTerms terms{"card", {}, {}, crypto::CertificateUse::kEncryption, true};
      static const auto ca = crypto::PrivateKey::generate(crypto::KeyKind::kP256);
      const Bytes message =
          token ? wrapped(what, 1, card.key(), mcim::Suite::kP256) : *crypto::issue_certificate(card.key(), terms, ca, {}, random);
      const std::uint8_t tag = token ? 0x80 : 0x82;
      fault.arm(at);
      (void)card.store(message, 255, tag);
      const bool cut = fault.was_cut();
      fault.arm(0);
      if (cut) card.power_on();
      REQUIRE(card.select(kMcim) == "9000");
      if (token) {
        auto update = part(mcim::Tag::kUpdate, card.begin());
        update.imsi = "001010000000077";
        const std::string without = card.install(update, 2);
        if (!cut) CHECK(without == "6A80");
        auto again = part(mcim::Tag::kToken, card.begin());
        again.new_token = crypto::SecretBytes("AA"_h);
        if (without == "6A80") again.token = crypto::SecretBytes("C0FFEE"_h);
        CHECK(card.install(again, 3) == "9000");
      } else {
        const std::string kept = card.plain("80CADF2200");
        CHECK((kept == "6A88" || kept == to_hex(message) + "9000"));
        if (!cut) CHECK(kept != "6A88");
        CHECK(card.store(message, 255, tag) == "9000");
      }
      if (!cut) break;
    }
  }
}
