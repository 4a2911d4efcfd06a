// SPDX-License-Identifier: Apache-2.0
#include "cli/card/cloned_card.hpp"

#include <algorithm>
#include <array>
#include <iostream>
#include <set>

#include "applet/builtin.hpp"
#include "cli/card/pin_option.hpp"
#include "core/apdu.hpp"
#include "core/visible.hpp"
#include "emulator/card.hpp"
#include "emulator/security/pin.hpp"
#include "profile/build.hpp"
#include "script/file_names.hpp"

namespace uicclab::cli {
namespace {

constexpr std::size_t kPinSize = 8;
/// VERIFY, DISABLE, ENABLE and CHANGE PIN, whose data begins with the value (ETSI TS 102 221 clause 11.1).
constexpr std::array<std::uint8_t, 4> kWithPin{0x20, 0x24, 0x26, 0x28};

}  // namespace

std::vector<bench::CloneOptions::Pin> pins_of(const std::vector<std::string>& given) {
  std::vector<bench::CloneOptions::Pin> out;
  for (const std::string& one : given) {
    const auto equals = one.find('=');
    const auto reference = equals == std::string::npos ? std::nullopt : script::pin_reference(one.substr(0, equals));
    if (!reference) throw Exit{kUsage, "--pin " + one.substr(0, equals) + ": NAME=VALUE, where NAME is PIN1, PIN2, ADM1 and so on"};
    const auto value = pin_value(one.substr(equals + 1), one.substr(0, equals));
    out.push_back({*reference,
                   to_bytes(value.expose(crypto::ExposeSecret{"PINs for the clone are sent to the card, and written into the profile"}))});
  }
  return out;
}

class ClonedCard::Trusting final : public CardPort {
 public:
  explicit Trusting(emulator::Card& card) : m_card(card) {}
  Result<Atr> reset() override { return m_card.reset(); }
  void power_off() override { m_card.power_off(); }
  Result<void> select_protocol(Protocol protocol) override { return m_card.select_protocol(protocol); }
  Protocol protocol() const override { return m_card.protocol(); }
  Result<Bytes> transmit(BytesView command) override {
    const bool has_value = command.size() >= 5 + kPinSize && std::ranges::find(kWithPin, command[1]) != kWithPin.end();
    if (has_value && m_trusted.insert(command[3]).second) trust(command[3], command.subspan(5, kPinSize));
    return m_card.transmit(command);
  }

 private:
  void trust(std::uint8_t reference, BytesView value) {
    emulator::Nvm& nvm = m_card.nvm();
    for (const auto& [id, bytes] : nvm.image().objects()) {
      if (id.space() != emulator::Space::kPin || id.index() != reference) continue;
      auto pin = emulator::decode_pin(nvm.read(id).value_or(bytes));
      if (!pin || equal(pin->value, value)) continue;
      std::ranges::copy(value, pin->value.begin());
      nvm.write_now(id, emulator::encode_pin(*pin));
      std::cerr << "  (the value of " << script::pin_name(reference)
                << " is assumed to be right; if it is not, the card counts a wrong try)\n";
    }
  }

  emulator::Card& m_card;
  std::set<std::uint8_t> m_trusted;
};

ClonedCard::ClonedCard(CardPort& card) {
  const auto clone = bench::clone_card(card, {});
  if (!clone) throw failed(clone.error(), kCheckFailed, "the card cannot be copied: ");
  const auto image = profile::build_image(clone->profile, applet::builtin_modules());
  if (!image) throw Exit{kCheckFailed, "the card cannot be copied: " + image.error().text};
  for (const std::string& remark : clone->remarks) std::cerr << "  (copy: " << visible(remark) << ")\n";
  m_card = std::make_unique<emulator::Card>(*image, m_random, m_clock);
  m_port = std::make_unique<Trusting>(*m_card);
}

ClonedCard::~ClonedCard() = default;

CardPort& ClonedCard::port() {
  return *m_port;
}

}  // namespace uicclab::cli
