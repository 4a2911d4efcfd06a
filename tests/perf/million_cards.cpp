// SPDX-License-Identifier: Apache-2.0
// How much memory many cards take: cards of the built-in profile over one image, never used, then after each has written a file of eleven
// bytes and counted a PIN try, then powered. Prints bytes per card as malloc counts them; judges nothing. Argument: the number of cards.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include <malloc.h>

#include "applet/builtin.hpp"
#include "emulator/card.hpp"
#include "profile/build.hpp"
#include "profile/default.hpp"
#include "profile/toml.hpp"

using namespace uicclab;

namespace {

std::size_t allocated() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

void expect(emulator::Card& card, BytesView command, std::string_view answer) {
  const auto got = card.transmit(command);
  if (got && to_hex(*got) == answer) return;
  std::printf("the card answers %s to %s\n", got ? to_hex(*got).c_str() : got.error().text.c_str(), to_hex(command).c_str());
  std::exit(1);
}

/// Bytes and microseconds per card since the last call.
class Meter {
 public:
  explicit Meter(std::size_t cards) : m_cards(static_cast<double>(cards)) {}
  void print(const char* what) {
    const auto now = std::chrono::steady_clock::now();
    const std::size_t bytes = allocated();
    std::printf("%-46s %8.0f bytes %8.2f us\n", what, (static_cast<double>(bytes) - static_cast<double>(m_bytes)) / m_cards,
                std::chrono::duration<double>(now - m_time).count() * 1e6 / m_cards);
    m_bytes = bytes;
    m_time = now;
  }

 private:
  double m_cards;
  std::size_t m_bytes = allocated();
  std::chrono::steady_clock::time_point m_time = std::chrono::steady_clock::now();
};

}  // namespace

int main(int argc, char** argv) {
  const std::size_t count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'000'000;
  const auto profile = profile::parse_profile(std::string(profile::default_profile_text()), "default.toml");
  const auto image = profile::build_image(*profile, applet::builtin_modules()).value();
  SeededRandom random(1);
  ManualClock clock;
  std::printf("%zu cards of profile \"%s\", %u files; per card:\n", count, image->settings().name.c_str(), image->file_count());

  Meter meter(count);
  std::vector<std::optional<emulator::Card>> cards(count);
  for (auto& card : cards) card.emplace(image, random, clock);
  meter.print("never used, off");
  for (auto& card : cards) {
    if (!card->reset()) return 1;
    expect(*card, "00A4040C07A0000000871002"_h, "9000");
    expect(*card, "00D68B000B0102030405060708090A0B"_h, "9000");  // EF_LOCI
    expect(*card, "002000810831323334FFFFFFFF"_h, "63C2");
    card->power_off();
  }
  meter.print("+ a file of 11 bytes and a PIN try, off again");
  const std::size_t powered = std::min<std::size_t>(count, 10'000);
  Meter some(powered);
  for (std::size_t i = 0; i < powered; ++i) {
    if (!cards[i]->reset()) return 1;
    expect(*cards[i], "00A4040C07A0000000871002"_h, "9000");
  }
  some.print("+ powered, USIM selected (of 10000 cards)");
}
