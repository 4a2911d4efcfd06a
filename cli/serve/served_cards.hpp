// SPDX-License-Identifier: Apache-2.0
// The cards that uicclab run serves: emulated cards or another card, directly or over the air, and with faults.
#pragma once

#include <functional>

#include "cli/card/bench_card.hpp"
#include "cli/card/card_option.hpp"
#include "cli/card/emulated_card.hpp"
#include "cli/card/fresh_card.hpp"
#include "cli/ota/over_the_air.hpp"
#include "core/crypto/random.hpp"
#include "fault/faulty_port.hpp"

namespace uicclab::cli {

struct ServedCardsOption {
  EmulatedCards::Options cards;
  std::string card;  ///< as --card of the host commands; empty: emulated ones
  /// A card that a subcommand opens itself, instead of all others.
  struct Given {
    std::function<std::unique_ptr<OpenCard>(Atr& atr)> open;
    std::string description;
  };
  std::optional<Given> given;
  ViaOption via;
  bool fresh = false;                ///< emulated cards return to their initial state when they are reset three times
  std::vector<std::string> faults;   ///< rules for every card
  std::vector<std::string> applets;  ///< CAP files for every emulated card (cli/applet_files.hpp)

  void add_to(App& command);
  /// Without --via and what belongs to it.
  void add_cards_to(App& command);
};

class ServedCards {
 public:
  /// Throws Exit.
  explicit ServedCards(const ServedCardsOption& option);
  ~ServedCards();

  const std::vector<CardPort*>& ports() const { return m_ports; }
  /// Of each port: what goes wrong with it.
  fault::FaultyPort& faults(std::size_t i) const { return *m_faults[i]; }
  /// The card behind a port, to be changed from outside; null if it is not emulated, or is replaced at times.
  BenchCard* bench(std::size_t i) const { return i < m_bench.size() ? m_bench[i].get() : nullptr; }
  /// For people: "1 card of profile "default"".
  const std::string& description() const { return m_description; }
  /// Those that --applet has on the cards.
  const std::vector<Aid>& applets() const { return m_applets; }
  /// Of each port.
  const std::vector<Atr>& atrs() const { return m_atrs; }

 private:
  void install_applets(const ServedCardsOption& option);
  void add_faults(const std::vector<std::string>& rules);

  crypto::SystemRandom m_random;
  std::optional<EmulatedCards> m_emulated;
  std::vector<std::unique_ptr<FreshCard>> m_fresh;
  std::vector<std::unique_ptr<BenchCard>> m_bench;
  std::unique_ptr<OpenCard> m_opened;
  std::vector<std::unique_ptr<OverTheAir>> m_over_the_air;
  std::vector<std::unique_ptr<fault::FaultyPort>> m_faults;
  std::vector<CardPort*> m_ports;
  std::string m_description;
  std::vector<Aid> m_applets;
  std::vector<Atr> m_atrs;
};

}  // namespace uicclab::cli
