// SPDX-License-Identifier: Apache-2.0
// Random APDUs against the small and the default card for as long as asked: card_soak --apdus 2000000 --seed 1. After a number of commands
// a new card takes its place, as most cards end terminated, blocked or full. Meant to run under the sanitizers; what must hold is in
// tests/support/apdu_sequence.hpp. It fails as well if it does not come where it should: no suspended card resumed in a run of some length.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "applet/builtin.hpp"
#include "profile/build.hpp"
#include "profile/default.hpp"
#include "tests/support/apdu_sequence.hpp"
#include "tests/support/small_card.hpp"

using namespace uicclab;

int main(int argc, char** argv) {
  std::uint64_t apdus = 20000;
  std::uint64_t seed = 1;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    std::uint64_t& value = option == "--seed" ? seed : apdus;
    if (option != "--seed" && option != "--apdus") {
      std::fprintf(stderr, "card_soak [--apdus NUMBER] [--seed NUMBER]\n");
      return 2;
    }
    value = std::strtoull(argv[i + 1], nullptr, 10);
  }
  constexpr std::uint64_t kCommandsPerCard = 500;
  const auto small = test::small_image();
  const auto whole = *profile::build_image(*profile::default_profile(), applet::builtin_modules());
  std::array<std::uint64_t, 256> seen{};
  std::uint64_t cards = 0;
  std::uint64_t terminated = 0;
  std::uint64_t suspended = 0;
  std::uint64_t resumed = 0;
  for (std::uint64_t done = 0, number = 0; done < apdus; ++number) {
    SeededRandom choice(seed * 1000003 + number);
    SeededRandom random(number);
    ManualClock clock;
    emulator::Card card(number % 2 == 0 ? small : whole, random, clock);
    std::uint64_t left = std::min(kCommandsPerCard, apdus - done);
    test::ApduSequence sequence(card, [&]() -> std::optional<std::uint8_t> { return static_cast<std::uint8_t>(choice.next()); });
    for (; left > 0 && sequence.step(); --left) ++done;
    for (std::size_t sw1 = 0; sw1 < seen.size(); ++sw1) seen[sw1] += sequence.seen()[sw1];
    ++cards;
    terminated += card.session()->terminated ? 1 : 0;
    suspended += card.session()->suspended ? 1 : 0;
    resumed += sequence.resumed();
  }
  for (std::size_t sw1 = 0; sw1 < seen.size(); ++sw1) {
    if (seen[sw1] != 0) std::printf("%02zX.. %llu\n", sw1, static_cast<unsigned long long>(seen[sw1]));
  }
  const auto print = [](const char* what, std::uint64_t number) {
    std::printf("%s %llu\n", what, static_cast<unsigned long long>(number));
  };
  print("cards", cards);
  print("  ended terminated", terminated);
  print("  ended suspended", suspended);
  print("resumed", resumed);
  constexpr std::uint64_t kEnough = 20000;
  return apdus >= kEnough && resumed == 0 ? 1 : 0;
}
