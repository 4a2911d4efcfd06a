// SPDX-License-Identifier: Apache-2.0
// An emulated card that was made of a real one.
#pragma once

#include "bench/clone.hpp"
#include "cli/card/card_option.hpp"
#include "core/crypto/random.hpp"

namespace uicclab::cli {

/// PINs out of NAME=VALUE, values as pin_value() takes them. Throws Exit.
std::vector<bench::CloneOptions::Pin> pins_of(const std::vector<std::string>& given);

/// Assumes that the first presented value of an unknown PIN is right, and says so.
class ClonedCard final : public OpenCard {
 public:
  /// Reads all of `card`. Throws Exit.
  explicit ClonedCard(CardPort& card);
  ~ClonedCard() override;
  CardPort& port() override;
  emulator::Card* emulated() override { return m_card.get(); }

 private:
  class Trusting;
  SystemClock m_clock;
  crypto::SystemRandom m_random;
  std::unique_ptr<emulator::Card> m_card;
  std::unique_ptr<Trusting> m_port;
};

}  // namespace uicclab::cli
