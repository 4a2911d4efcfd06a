// SPDX-License-Identifier: Apache-2.0
// The whole card in process, all rules on: access rules, transactions, T=0 presentation. Each command stands beside the same call of a port
// that does nothing. Prints figures and ratios; judges nothing.
#include "emulator/card.hpp"

#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>

#include "applet/builtin.hpp"
#include "core/hex.hpp"
#include "profile/build.hpp"
#include "profile/default.hpp"
#include "tests/perf/challenges.hpp"

using namespace uicclab;
using Stopwatch = std::chrono::steady_clock;

namespace {

constexpr std::size_t kCommands = 1'000'000;

/// A CardPort that answers 9000 to everything: what a call costs that does nothing.
class NothingPort final : public CardPort {
 public:
  Result<Atr> reset() override { return Atr{}; }
  Result<Bytes> transmit(BytesView /*command*/) override { return Bytes{0x90, 0x00}; }
  void power_off() override {}
};

double seconds_since(Stopwatch::time_point begin) {
  return std::chrono::duration<double>(Stopwatch::now() - begin).count();
}

void must(CardPort& port, std::string_view command, std::string_view ending) {
  const auto answer = port.transmit(*from_hex(command));
  const std::string text = answer ? to_hex(*answer) : answer.error().text;
  if (!text.ends_with(ending)) {
    std::fprintf(stderr, "%.*s answered %s\n", static_cast<int>(command.size()), command.data(), text.c_str());
    std::exit(1);
  }
}

/// Best of three rounds, in commands a second.
template <typename Round>
double rate(std::size_t commands, const Round& round) {
  double best = 1e9;
  for (int i = 0; i < 3; ++i) {
    const auto begin = Stopwatch::now();
    round();
    best = std::min(best, seconds_since(begin));
  }
  return static_cast<double>(commands) / best;
}

double repeat(CardPort& port, const std::vector<Bytes>& commands, std::uint8_t sw1) {
  std::size_t good = 0;
  const double result = rate(kCommands, [&] {
    good = 0;
    for (std::size_t i = 0; i < kCommands; ++i) {
      const auto answer = port.transmit(commands[i % commands.size()]);
      good += answer && (*answer)[answer->size() - 2] == sw1 ? 1U : 0U;
    }
  });
  if (good == 0) std::printf("  (no answer as expected)\n");
  return result;
}

void print(const char* what, double ours, double nothing) {
  std::printf("%-34s %10.0f /s  %6.0f ns   %5.2f\n", what, ours, 1e9 / ours, ours / nothing);
}

std::string resident() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return line.substr(6);
  }
  return "?";
}

}  // namespace

int main() {
  const auto begin = Stopwatch::now();
  const auto profile = profile::default_profile();
  const auto image = profile::build_image(*profile, applet::builtin_modules());
  SeededRandom random(1);
  SystemClock clock;
  emulator::Card card(*image, random, clock);
  (void)card.reset();
  std::printf("profile to ATR %.2f ms; resident%s\n\n", seconds_since(begin) * 1e3, resident().c_str());

  NothingPort nothing_port;
  const Bytes read = *from_hex("00B0000009");
  const double nothing = repeat(nothing_port, {read}, 0x90);
  std::printf("%-34s %10s     %6s      %s\n", "", "ours", "", "ours / a port that does nothing");

  must(card, "00A4040C07A0000000871002", "9000");
  must(card, "0020000A083838383838383838", "9000");
  const double select = repeat(card, {*from_hex("00A40004026F07"), *from_hex("00C0000019")}, 0x90);
  print("SELECT by FID and GET RESPONSE", select, nothing);
  must(card, "00A4000C026F07", "9000");
  print("READ BINARY, 9 bytes, PIN1 rule", repeat(card, {read}, 0x90), nothing);
  print("READ BINARY by SFI", repeat(card, {*from_hex("00B0870009")}, 0x90), nothing);
  must(card, "00A4000C026F7E", "9000");
  print("UPDATE BINARY, 11 bytes, memory", repeat(card, {*from_hex("00D600000B0102030405060708090A0B")}, 0x90), nothing);
  print("STATUS, FCP", repeat(card, {*from_hex("80F200003C")}, 0x90), nothing);

  constexpr std::size_t kChallenges = 100'000;
  const auto commands = perf::challenges(kChallenges);
  std::size_t good = 0;
  const auto start = Stopwatch::now();
  const Bytes get_response = *from_hex("00C0000035");
  for (const Bytes& command : commands) {
    (void)card.transmit(command);
    const auto answer = card.transmit(get_response);
    good += answer && answer->size() == 55 && (*answer)[0] == 0xDB ? 1U : 0U;
  }
  const double authenticate = static_cast<double>(kChallenges) / seconds_since(start);
  std::printf("%-34s %10.0f /s  %6.0f ns   with GET RESPONSE, SQN checked and kept; %zu of %zu succeeded\n", "AUTHENTICATE, 3G, Milenage",
              authenticate, 1e9 / authenticate, good, kChallenges);
  return good == kChallenges ? 0 : 1;
}
