// SPDX-License-Identifier: Apache-2.0
// The cards that test scripts run on.
#pragma once

#include <functional>

#include "cli/card/card_option.hpp"
#include "script/suite.hpp"

namespace uicclab::cli {

struct TestCardOption {
  CardOption card;
  std::optional<std::uint64_t> seed;
  std::string keys = "default";
  bool fresh = false;
  bool restore = false;
  /// The port in front of the card in all cases, which then run one after the other on the card itself, an emulated one too.
  std::function<std::unique_ptr<CardPort>(CardPort& card)> before = {};

  void add_to(App& command);
};

class TestCards : public script::CardSource {
 public:
  /// There is a card for each case; else they share one.
  virtual bool many() const = 0;
  /// The one that they share; null if there are many.
  virtual OpenCard* shared() { return nullptr; }
};

/// Throws Exit.
std::unique_ptr<TestCards> open_test_cards(const TestCardOption& option);
/// For a rehearsal: all cases on this card, which outlives what is returned. Throws Exit.
std::unique_ptr<TestCards> cards_of_copy(CardPort& copy, const TestCardOption& option);

}  // namespace uicclab::cli
