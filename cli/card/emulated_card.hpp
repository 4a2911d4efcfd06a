// SPDX-License-Identifier: Apache-2.0
// Emulated cards for the subcommands: from a profile, with or without state on disk.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/environment.hpp"
#include "emulator/card.hpp"
#include "store/sqlite_store.hpp"

namespace uicclab::cli {

/// Readers of one service (PCSCLITE_MAX_READERS_CONTEXTS of pcsclite.h).
constexpr unsigned kMaxReaders = 16;

/// The image of a profile, a package or a dump. What the card does not have of it goes to standard error. Throws Exit with what is wrong.
std::shared_ptr<const emulator::CardImage> load_image(const std::string& profile);

/// Several cards, each over the image of its profile; cards of one profile share it.
class EmulatedCards {
 public:
  struct Options {
    std::vector<std::string> profiles;  ///< one: of every card; several: of one card each; none: the built-in test card
    std::string state;                  ///< SQLite file; empty: memory
    std::optional<unsigned> count;      ///< without it a card for each profile
    std::optional<std::uint64_t> seed;  ///< fixed randomness, for repeatable runs
  };
  /// Throws Exit.
  explicit EmulatedCards(const Options& options);
  ~EmulatedCards();

  std::size_t size() const { return m_cards.size(); }
  emulator::Card& operator[](std::size_t i) { return *m_cards[i]; }
  const emulator::Card& operator[](std::size_t i) const { return *m_cards[i]; }
  const emulator::CardImage& image(std::size_t i) const { return *m_images[i]; }

 private:
  std::vector<std::shared_ptr<const emulator::CardImage>> m_images;  // of each card; shared: cards of one profile use the same
  SystemClock m_clock;
  std::unique_ptr<emulator::SqliteState> m_state;
  std::vector<std::unique_ptr<Random>> m_random;
  std::vector<std::unique_ptr<emulator::Card>> m_cards;
};

}  // namespace uicclab::cli
