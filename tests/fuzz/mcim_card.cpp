// SPDX-License-Identifier: Apache-2.0
// The provisioning application of the card: blocks of STORE DATA in any order, objects that are right, bent, old, or of another
// registration, and noise. What must hold: only a right object of the registration that is open changes the subscriber, once; every other
// is refused with one answer.
#include <array>

#include "applet/builtin.hpp"
#include "core/ber_tlv.hpp"
#include "core/hex.hpp"
#include "core/reader.hpp"
#include "emulator/card.hpp"
#include "mcim/object.hpp"
#include "profile/build.hpp"
#include "profile/default.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using test::require;

namespace {

class Sequence {
 public:
  Sequence(std::shared_ptr<const emulator::CardImage> image, BytesView input) : m_card(std::move(image), m_random, m_clock), m_in(input) {
    restart();
    m_imsi = imsi();
    const auto key = crypto::PublicKey::from_der(transmit(*from_hex("80CADF2000")).data);
    require(key.has_value(), "the card has a key pair");
    m_key = *key;
  }

  void run() {
    for (int steps = 0; !m_in.empty() && steps < 30; ++steps) {
      switch (byte() % 7) {
        case 0:
          restart();
          break;
        case 1:
          begin();
          break;
        case 2:
          block();
          break;
        case 3:
          refused(chunk(255));
          break;
        case 4:
          certificate();
          break;
        default:
          object();
          break;
      }
    }
    require(imsi() == m_imsi, "nobody else became the subscriber");
  }

 private:
  std::uint8_t byte() { return m_in.u8().value_or(0); }
  Bytes chunk(std::size_t most) {
    const std::size_t size = byte() % (most + 1);
    return to_bytes(*m_in.bytes(std::min(size, m_in.remaining())));
  }

  apdu::Response transmit(const Bytes& command) {
    const auto answer = m_card.transmit(command);
    require(answer && answer->size() >= 2, "a powered card answers");
    return apdu::parse_response(*answer).value();
  }
  void restart() {
    require(m_card.reset() && m_card.select_protocol(Protocol::kT1), "a reset answers");
    require(transmit(*from_hex("00A404000AF0756963636C61620301")).status == sw::kOk, "the application is there");
  }
  Bytes imsi() {
    transmit(*from_hex("00A4040C0CA0000000871002FF49FF0589"));
    transmit(*from_hex("00A4000C026F07"));
    const Bytes content = transmit(*from_hex("00B0000009")).data;
    transmit(*from_hex("00A404000AF0756963636C61620301"));
    return content;
  }
  void begin() {
    const auto answer = transmit(*from_hex("8084000010"));
    require(answer.status == sw::kOk && answer.data.size() == m_nonce.size(), "a registration begins");
    std::ranges::copy(answer.data, m_nonce.begin());
    m_tries = 3;
    m_uncertain = false;
  }
  /// A block of its own: what it belongs to does not matter, as none of it is a right object.
  void block() {
    const std::uint8_t p1 = byte();
    const std::uint8_t p2 = byte();
    const Bytes data = chunk(255);
    const StatusWord status = transmit(apdu::encode({0x80, 0xE2, p1, p2, data, std::nullopt, false})).status;
    require(status == sw::kOk || status == sw::kIncorrectData || status == sw::kIncorrectP1P2, "three answers");
    if (status == sw::kOk) require((p1 & 0x80) == 0, "a last block without a right object is refused");
    if ((p1 & 0x80) != 0 && status == sw::kIncorrectData) m_uncertain = true;  // it may have been the last of something
  }
  StatusWord store(BytesView message) {
    StatusWord last = sw::kOk;
    for (std::uint8_t number = 0; number == 0 || !message.empty(); ++number) {
      const BytesView part = message.first(std::min<std::size_t>(200, message.size()));
      message = message.subspan(part.size());
      last =
          transmit(apdu::encode({0x80, 0xE2, static_cast<std::uint8_t>(message.empty() ? 0x80 : 0x00), number, part, std::nullopt, false}))
              .status;
    }
    return last;
  }
  void refused(BytesView message) {
    require(store(message) == sw::kIncorrectData, "one answer");
    if (m_tries > 0 && !ber::find(message, 0x82)) --m_tries;  // with that tag it is a certificate
  }
  /// What an object of this kind brings, all of it right.
  mcim::Subscription content(mcim::Tag tag) {
    mcim::Subscription out;
    out.tag = tag;
    out.nonce = m_nonce;
    out.algorithm = mcim::Algorithm::kKept;
    out.token = m_token.clone();
    if (tag == mcim::Tag::kToken) out.new_token = crypto::SecretBytes(Bytes(1 + byte() % 8, byte()));
    if (tag == mcim::Tag::kMcim || tag == mcim::Tag::kUpdate) out.imsi = "00101000000" + std::to_string(1000 + byte() % 9000);
    if (tag == mcim::Tag::kUpdate && byte() % 2 == 0) out.mnc_digits = static_cast<std::uint8_t>(2 + byte() % 2);
    if (tag == mcim::Tag::kMcim || tag == mcim::Tag::kAlgorithm) {
      const bool xor_algorithm = byte() % 2 == 0;
      out.algorithm = xor_algorithm ? mcim::Algorithm::kXor : mcim::Algorithm::kMilenage;
      if (!xor_algorithm) out.opc = crypto::SecretBytes(Bytes(16, 0x0F));
    }
    if (tag == mcim::Tag::kMcim) out.ki = crypto::SecretBytes(Bytes(16, byte()));
    return out;
  }
  void object() {
    static constexpr std::array kTags{mcim::Tag::kMcim, mcim::Tag::kUpdate, mcim::Tag::kAlgorithm, mcim::Tag::kToken};
    mcim::Subscription subscription = content(kTags[byte() % kTags.size()]);
    const auto version = static_cast<std::uint16_t>(std::max(0, m_version + 2 - byte() % 4));
    const std::uint8_t wrong = byte();
    if (wrong % 8 == 1) subscription.nonce[wrong >> 4] ^= 1;
    if (wrong % 8 == 2) subscription.target = "another";
    const bool without_token = wrong % 8 == 4 && !m_token.empty();
    if (without_token) subscription.token = {};
    const bool literal = wrong % 8 == 5;  // this card was not told to take it
    const auto suite = literal ? mcim::Suite::kLiteral : mcim::Suite::kP256;
    Bytes wrapped = mcim::wrap({subscription.tag, mcim::encode_subscription(subscription), version}, *m_key, suite, m_random).value();
    const bool bent = wrong % 8 == 3;
    if (bent) wrapped[byte() % wrapped.size()] ^= static_cast<std::uint8_t>(1 + wrong / 8);
    const bool as_it_should = !bent && !literal && !without_token && wrong % 8 != 1 && wrong % 8 != 2;
    const bool right = as_it_should && version > m_version && m_tries > 0;
    const StatusWord status = store(ber::encode(0x80, wrapped));
    require(status == sw::kOk || status == sw::kIncorrectData, "two answers");
    require(right || status == sw::kIncorrectData, "nothing but a right object of this registration is taken");
    require(!right || m_uncertain || status == sw::kOk, "a right object is taken");
    if (status != sw::kOk) {
      if (m_tries > 0) --m_tries;
      return;
    }
    m_version = version;
    m_tries = 0;
    if (!subscription.new_token.empty()) m_token = subscription.new_token.clone();
    if (subscription.imsi.empty()) {
      require(imsi() == m_imsi, "an object without an IMSI leaves it");
      return;
    }
    m_imsi = imsi();
    Bytes wanted{0x08};
    const std::string digits = "9" + subscription.imsi;  // 15 digits, an odd number
    for (std::size_t i = 0; i < digits.size(); i += 2)
      wanted.push_back(static_cast<std::uint8_t>((digits[i] - '0') | (digits[i + 1] - '0') << 4));
    require(m_imsi == wanted, "the subscriber is that of the object");
  }
  /// A message with a certificate, which is never one of the card's key: refused, and no try is used.
  void certificate() { require(store(ber::encode(0x82, chunk(255))) == sw::kIncorrectData, "no certificate of the card's key"); }

  SeededRandom m_random{1};
  ManualClock m_clock;
  emulator::Card m_card;
  ByteReader m_in;
  std::optional<crypto::PublicKey> m_key;
  mcim::Nonce m_nonce{};
  crypto::SecretBytes m_token;  ///< that objects must carry
  Bytes m_imsi;
  std::uint16_t m_version = 0;
  int m_tries = 0;
  bool m_uncertain = false;  ///< a try may have been used up by blocks of their own
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto image = profile::build_image(profile::default_profile().value(), applet::builtin_modules()).value();
  Sequence(image, {data, size}).run();
  return 0;
}
