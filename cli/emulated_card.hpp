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

/// The image of a profile, a package or a dump. What the card does not have of it goes to standard error. Throws Exit with what is wrong.
std::shared_ptr<const emulator::CardImage> load_image(const std::string& profile);

/// Several cards over one image, and what they stand on.
class EmulatedCards {
 public:
  struct Options {
    std::string profile;
    std::string state;  ///< SQLite file; empty: memory
    unsigned count = 1;
    std::optional<std::uint64_t> seed;  ///< fixed randomness, for repeatable runs
  };
  explicit EmulatedCards(const Options& options);
  ~EmulatedCards();

  std::size_t size() const { return m_cards.size(); }
  emulator::Card& operator[](std::size_t i) { return *m_cards[i]; }
  const emulator::Card& operator[](std::size_t i) const { return *m_cards[i]; }
  const emulator::CardImage& image() const { return *m_image; }

 private:
  std::shared_ptr<const emulator::CardImage> m_image;  // shared: all cards stand on it
  SystemClock m_clock;
  std::unique_ptr<emulator::SqliteState> m_state;
  std::vector<std::unique_ptr<Random>> m_random;
  std::vector<std::unique_ptr<emulator::Card>> m_cards;
};

}  // namespace uicclab::cli
