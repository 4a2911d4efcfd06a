// SPDX-License-Identifier: Apache-2.0
// Nobody learns from the card why it refuses: whatever is wrong with what a stranger made, the answer is the same, and so is the work that
// leads to it. Clear fields (lengths, TAR, key version, suite) are the sender's own data and may differ.
#include "core/ber_tlv.hpp"
#include "core/crypto/certificate_issue.hpp"
#include "mcim/object.hpp"
#include "tests/unit/lwm2m_card/crypto_work.hpp"
#include "tests/unit/lwm2m_card/sms_bench.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

constexpr std::string_view kMcim = "F0756963636C61620301";

/// The same octets, one bit of one changed.
std::vector<Bytes> bent(const Bytes& good, std::size_t from, std::size_t step = 1) {
  std::vector<Bytes> all;
  for (std::size_t at = from; at < good.size(); at += step) {
    all.push_back(good);
    all.back()[at] ^= static_cast<std::uint8_t>(1U << (at % 8));
  }
  return all;
}

Bytes hex_of(const std::string& answer) {
  REQUIRE_MESSAGE(answer.ends_with("9000"), answer);
  return *from_hex(answer.substr(0, answer.size() - 4));
}

}  // namespace

TEST_CASE("libcrypto's work is counted") {
  SmsBench card;
  const Bytes packet = card.packet("4401"_h);
  const auto messages = card.tpdus(packet);
  const CryptoWork work = work_of([&] { CHECK(card.envelope(messages) == "9000"); });
  CHECK(work.ciphers >= 1);
  CHECK(work.cipher_bytes >= 32);
  CHECK(work.macs >= 1);
  CHECK(work.mac_bytes >= 32);
}

TEST_CASE(
    "secured packets: wrong octets, a wrong key, a low counter, no CoAP inside cost one deciphering and one checksum (TS 31.111 7.1.1.1)") {
  SmsBench card;
  const Bytes seen = card.packet("44010001"_h);
  CHECK(card.envelope(card.tpdus(seen)) == "9000");
  CHECK(card.take() == "44010001");
  const Bytes good = card.packet("44010002"_h);
  std::vector<Bytes> wrong = bent(good, 10);
  wrong.push_back(seen);
  auto other = default_keys();
  other.sent = 40;
  other.keys.kic = crypto::SecretBytes(Bytes(16, 1));
  wrong.push_back(lwm2m::protect_sms("44010002"_h, other, lwm2m::kToCard).value());
  other = default_keys();
  other.sent = 40;
  other.keys.kid = crypto::SecretBytes(Bytes(16, 1));
  wrong.push_back(lwm2m::protect_sms("44010002"_h, other, lwm2m::kToCard).value());
  std::optional<CryptoWork> all;
  for (const Bytes& packet : wrong) {
    CAPTURE(to_hex(packet));
    REQUIRE(packet.size() == good.size());
    const auto messages = card.tpdus(packet);
    const CryptoWork work = work_of([&] { CHECK(card.envelope(messages) == "9000"); });
    if (!all) all = work;
    CHECK(work == *all);
    CHECK(card.read() == "6A88");
  }
  CHECK(all->ciphers == 1);
  CHECK(all->macs == 1);
  // Also of one from another number, which is no secret, nothing is left; it costs nothing.
  const auto stranger = card.tpdus(good, ota::Address::from_number("+4999").value());
  CHECK(work_of([&] { CHECK(card.envelope(stranger) == "9000"); }).macs == 0);
  CHECK(card.envelope(card.tpdus(good)) == "9000");
  CHECK(card.take() == "44010002");
}

TEST_CASE(
    "MCIM objects: wrong octets of key block, IV, cipher text and MAC, an old version, a wrong nonce, another device: 6A80 and the same "
    "work") {
  Device device;
  REQUIRE(device.select(kMcim) == "9000");
  const auto key = crypto::PublicKey::from_der(hex_of(device.plain("80CADF2000"))).value();
  const auto begin = [&] {
    mcim::Nonce nonce;
    std::ranges::copy(hex_of(device.plain("8084000010")), nonce.begin());
    return nonce;
  };
  SeededRandom random(3);
  const auto object = [&](const mcim::Nonce& nonce, std::uint16_t version, const char* target = "") {
    mcim::Subscription subscription;
    subscription.nonce = nonce;
    subscription.imsi = "001010000000077";
    subscription.ki = crypto::SecretBytes(Bytes(16, 1));
    subscription.opc = crypto::SecretBytes(Bytes(16, 2));
    subscription.target = target;
    return mcim::wrap({mcim::Tag::kMcim, mcim::encode_subscription(subscription), version}, key, mcim::Suite::kP256, random).value();
  };
  const auto store = [&](const Bytes& bytes) {
    const Bytes message = ber::encode(0x80, bytes);
    REQUIRE(message.size() > 100);
    REQUIRE(message.size() <= 300);
    const auto block = [&](const char* p1p2, std::size_t at, std::size_t end) {
      const auto part = BytesView(message).subspan(at, end - at);
      return device.plain(p1p2 + to_hex(std::array{static_cast<std::uint8_t>(part.size())}) + to_hex(part));
    };
    REQUIRE(block("80E20000", 0, 100) == "9000");
    return block("80E28001", 100, message.size());
  };
  std::optional<CryptoWork> all;
  const auto refuses = [&](const Bytes& bytes) {
    const CryptoWork work = work_of([&] { CHECK(store(bytes) == "6A80"); });
    if (!all) all = work;
    CHECK(work == *all);
  };
  constexpr std::size_t kHeader = 12;
  const std::size_t size = object(begin(), 1).size();
  for (std::size_t at = kHeader; at < size; at += 5) {
    CAPTURE(at);
    Bytes one = object(begin(), 1);
    one[at] ^= 0x04;
    refuses(one);
  }
  for (std::uint8_t x = 0; x < 16; ++x) {  // half of these are no points
    CAPTURE(int{x});
    Bytes one = object(begin(), 1);
    one[kHeader + 1] = x;
    refuses(one);
  }
  for (const std::uint8_t form : "00010405FF"_h) {
    CAPTURE(int{form});
    Bytes one = object(begin(), 1);
    one[kHeader] = form;
    refuses(one);
  }
  mcim::Nonce wrong = begin();
  wrong[15] ^= 1;
  refuses(object(wrong, 1));
  refuses(object(begin(), 0));
  CHECK(store(object(begin(), 1, "another device")) == "6A80");  // one block longer
  CHECK(all->points == 1);
  CHECK(all->ciphers == 1);
  CHECK(all->digests >= 3);  // the key derivation and the two of an HMAC
  CHECK(store(object(begin(), 1)) == "9000");
}

TEST_CASE("MCIM objects for an RSA key, with a header and literal, and CMS for RSA and P-256: 6A80 and the same work (PKCS #1 7.1.2)") {
  static const auto rsa = crypto::PrivateKey::generate(crypto::KeyKind::kRsa);
  static const auto p256 = crypto::PrivateKey::generate(crypto::KeyKind::kP256);
  static const auto ca = crypto::PrivateKey::generate(crypto::KeyKind::kP256);
  enum class Form { kSeed, kRsa, kLiteral, kCmsRsa, kCmsP256 };
  for (const Form form : {Form::kSeed, Form::kRsa, Form::kLiteral, Form::kCmsRsa, Form::kCmsP256}) {
    CAPTURE(static_cast<int>(form));
    const bool cms = form == Form::kCmsRsa || form == Form::kCmsP256;
    const auto& pair = form == Form::kCmsP256 ? p256 : rsa;
    Device device(Protocol::kT1, changed_default([&](profile::Profile& profile) {
                    for (auto& application : profile.applications) {
                      if (application.module != "mcim") continue;
                      application.parameters.set("key", to_hex(pair.der()));
                      application.parameters.set("literal", true);
                    }
                  }));
    REQUIRE(device.select(kMcim) == "9000");
    SeededRandom random(3);
    const crypto::CertificateTerms terms{"card", {}, {}, crypto::CertificateUse::kEncryption, true};
    const Bytes certificate = *crypto::issue_certificate(pair.public_key(), terms, ca, {}, random);
    const auto object = [&](std::uint16_t version) {
      mcim::Subscription subscription;
      std::ranges::copy(hex_of(device.plain("8084000010")), subscription.nonce.begin());
      subscription.imsi = "001010000000077";
      subscription.ki = crypto::SecretBytes(Bytes(16, 1));
      subscription.opc = crypto::SecretBytes(Bytes(16, 2));
      const mcim::Data data{mcim::Tag::kMcim, mcim::encode_subscription(subscription), version};
      if (cms) return *mcim::wrap_cms(data, certificate);
      const auto suite = form == Form::kSeed ? mcim::Suite::kSeed : form == Form::kRsa ? mcim::Suite::kRsa : mcim::Suite::kLiteral;
      return *mcim::wrap(data, pair.public_key(), suite, random);
    };
    const auto store = [&](const Bytes& bytes) {
      const Bytes message = ber::encode(0x80, bytes);
      std::string answer;
      std::uint8_t number = 0;
      for (std::size_t at = 0; at < message.size(); at += 255, ++number) {
        const auto part = BytesView(message).subspan(at, std::min<std::size_t>(255, message.size() - at));
        const bool last = at + part.size() == message.size();
        answer = device.plain("80E2" + std::string(last ? "80" : "00") +
                              to_hex(std::array{number, static_cast<std::uint8_t>(part.size())}) + to_hex(part));
      }
      return answer;
    };
    std::optional<CryptoWork> all;
    const auto refuses = [&](const Bytes& bytes) {
      CryptoWork work = work_of([&] { CHECK(store(bytes) == "6A80"); });
      CHECK(work.ciphers >= 1);
      // OpenSSL draws the numbers that blind RSA from AES: how often depends on its pool, not on the object.
      work.ciphers = work.cipher_bytes = 0;
      if (!all) all = work;
      CHECK(work == *all);
    };
    const std::size_t size = object(1).size();
    if (!cms) {
      const std::size_t header = form == Form::kLiteral ? 0 : 12;
      // The first byte of the key block may make it larger than the modulus, which anybody can see.
      for (std::size_t at = header + 1; at < size; at += at < header + 256 ? 31 : 9) {
        CAPTURE(at);
        Bytes one = object(1);
        one[at] ^= 0x04;
        refuses(one);
      }
    } else {
      // The wrapped key and the content; not the clear structure around them.
      const Bytes sample = object(1);
      for (const std::size_t from_end : {1U, 10U, 40U, 100U}) {
        CAPTURE(from_end);
        Bytes one = object(1);
        one[one.size() - from_end] ^= 0x04;
        refuses(one);
      }
      if (form == Form::kCmsRsa) {
        // The 256 octets of the encrypted key: an OCTET STRING of that length.
        const auto place = std::ranges::search(sample, "04820100"_h);
        REQUIRE_FALSE(place.empty());
        const auto start = static_cast<std::size_t>(place.begin() - sample.begin()) + 4;
        for (std::size_t at = start + 1; at < start + 256; at += 50) {
          CAPTURE(at);
          Bytes one = object(1);
          one[at] ^= 0x04;
          refuses(one);
        }
      }
    }
    refuses(object(0));
    CHECK((form == Form::kCmsP256 ? all->points : all->decryptions) >= 1);
    CHECK(store(object(1)) == "9000");
  }
}

TEST_CASE("SCP03: a command with wrong octets anywhere, or one that came before, costs one C-MAC and ends the session (Amd D 6.2.5)") {
  Device device;
  std::optional<CryptoWork> all;
  const auto forged = [&](const auto& change) {
    REQUIRE(device.select(kPkcs15).ends_with("9000"));
    REQUIRE(device.open(scp03::Level::kAll) == "");
    Bytes command = *from_hex("84E2900020" + std::string(64, '0'));
    change(command);
    const std::string text = to_hex(command);
    const CryptoWork work = work_of([&] { CHECK(device.plain(text) == "6982"); });
    if (!all) all = work;
    CHECK(work == *all);
    CHECK(device.plain(text) == "6985");
  };
  for (std::size_t at = 5; at < 37; ++at) {
    CAPTURE(at);
    forged([&](Bytes& command) { command[at] ^= 0xA5; });
  }
  forged([](Bytes& command) { command[2] = 0x00; });
  forged([](Bytes& command) { command[1] = 0xD6; });
  CHECK(all->macs == 1);
  CHECK(all->ciphers == 0);
}
