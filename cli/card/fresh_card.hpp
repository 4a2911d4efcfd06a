// SPDX-License-Identifier: Apache-2.0
// A card for test benches that cannot copy it, because it sits in a reader: run --fresh.
#pragma once

#include "emulator/card.hpp"

namespace uicclab::cli {

/// A copy of a card that returns to the card's memory when it is reset three times with no command between: what a test
/// bench does before each case, and hardly a terminal at another time (PC/SC resets a card twice to switch it on cold). Everything else is
/// the copy's.
class FreshCard final : public CardPort {
 public:
  /// Both outlive this object; `card` stays off.
  FreshCard(const emulator::Card& card, Random& random) : m_original(card), m_random(random), m_card(card.clone(random)) {}

  Result<Atr> reset() override {
    if (++m_resets >= kResets) m_card = m_original.clone(m_random);
    return m_card->reset();
  }
  Result<Bytes> transmit(BytesView command) override {
    m_resets = 0;
    return m_card->transmit(command);
  }
  void power_off() override { m_card->power_off(); }
  Result<void> select_protocol(Protocol protocol) override { return m_card->select_protocol(protocol); }
  Protocol protocol() const override { return m_card->protocol(); }

 private:
  static constexpr unsigned kResets = 3;

  const emulator::Card& m_original;
  Random& m_random;
  std::unique_ptr<emulator::Card> m_card;
  unsigned m_resets = 0;  ///< since the last command
};

}  // namespace uicclab::cli
