// SPDX-License-Identifier: Apache-2.0
// The management client at our card, with somebody in between who counts and bends what goes by.
#pragma once

#include "gp/host/manager.hpp"
#include "tests/unit/issuer_sd/bench.hpp"

namespace uicclab::test {

/// Remembers every command; `bend` may change an answer, or lose it.
class Between final : public CardPort {
 public:
  explicit Between(CardPort& card) : m_card(card) {}
  Result<Atr> reset() override {
    ++resets;
    return m_card.reset();
  }
  Result<Bytes> transmit(BytesView command) override {
    commands.push_back(to_bytes(command));
    if (lost && lost(commands.back())) return fail(ErrorCode::kIo, "the card was pulled out");
    auto answer = m_card.transmit(command);
    if (answer && bend) bend(commands.back(), *answer);
    return answer;
  }
  void power_off() override { m_card.power_off(); }

  std::size_t count(std::uint8_t ins) const {
    return static_cast<std::size_t>(std::ranges::count_if(commands, [&](const Bytes& one) { return one[1] == ins; }));
  }

  std::vector<Bytes> commands;
  std::function<bool(const Bytes&)> lost;
  std::function<void(const Bytes&, Bytes&)> bend;
  unsigned resets = 0;

 private:
  CardPort& m_card;
};

inline gp::host::KeyMaterial material(std::string_view hex = kTestKey, std::uint8_t version = 0) {
  auto keys = gp::host::KeyMaterial::from_one("mine", crypto::SecretBytes(*from_hex(hex)));
  keys.version = KeyVersion{version};
  return keys;
}

/// A card, somebody in between, and a client that is connected.
struct Client {
  explicit Client(const DomainOptions& card = {}, gp::host::Manager::Options options = {}, Protocol protocol = Protocol::kT1)
      : terminal(domain_image(card), protocol), between(terminal.card), manager(between, random, std::move(options)) {
    const auto connected = manager.connect();
    REQUIRE_MESSAGE(connected, connected.error().text);
    information = *connected;
  }
  /// Empty if that works, else what was wrong.
  std::string open(const gp::host::KeyMaterial& keys = material()) {
    const auto opened = manager.open(keys, [this](const gp::host::Opening& opening) -> Result<void> {
      told.push_back(opening);
      return {};
    });
    return opened ? "" : opened.error().text;
  }

  Terminal terminal;
  Between between;
  SeededRandom random{7};
  gp::host::Manager manager;
  gp::host::CardInformation information;
  std::vector<gp::host::Opening> told;
};

/// Empty for a success, else the error's text.
template <typename T>
std::string text_of(const Result<T>& result) {
  return result ? "" : result.error().text;
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace uicclab::test
