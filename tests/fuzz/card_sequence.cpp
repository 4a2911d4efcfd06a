// SPDX-License-Identifier: Apache-2.0
// The input as a sequence of resets, protocol changes and commands to the small card (tests/support/apdu_sequence.hpp).
#include "tests/support/apdu_sequence.hpp"
#include "tests/support/small_card.hpp"

using namespace uicclab;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto image = test::small_image();
  SeededRandom random{1};
  ManualClock clock;
  emulator::Card card(image, random, clock);
  std::size_t at = 0;
  test::ApduSequence sequence(card, [&]() -> std::optional<std::uint8_t> { return at < size ? std::optional(data[at++]) : std::nullopt; });
  while (sequence.step()) {
  }
  return 0;
}
