// The cards that test scripts run on.
#pragma once

#include "cli/card_option.hpp"
#include "script/suite.hpp"

namespace uicclab::cli {

struct TestCardOption {
  CardOption card;
  std::optional<std::uint64_t> seed;
  std::string keys = "default";
  bool fresh = false;
  bool restore = false;
  bool yes_i_know = false;

  void add_to(CLI::App& command);
};

class TestCards : public script::CardSource {
 public:
  /// There is a card for each case; else they share one.
  virtual bool many() const = 0;
};

/// Throws Exit.
std::unique_ptr<TestCards> open_test_cards(const TestCardOption& option);

}  // namespace uicclab::cli
