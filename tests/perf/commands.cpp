// SPDX-License-Identifier: Apache-2.0
// One command of the card again and again, for whoever counts instructions: scripts/count-instructions runs it under callgrind with none
// and with many, and divides the difference. Arguments: the command's name below, or "start" (a card is made and reset); how often.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "applet/builtin.hpp"
#include "core/hex.hpp"
#include "emulator/card.hpp"
#include "profile/build.hpp"
#include "profile/default.hpp"
#include "tests/perf/challenges.hpp"

using namespace uicclab;

namespace {

struct Example {
  std::string_view name;
  std::string_view selection;  ///< "": none
  std::string_view command;
  std::string_view answer;  ///< how it begins, if the command has no data in its answer: its status
};

constexpr auto kExamples = std::to_array<Example>({
    {"select", "", "00A40004026F07", "61"},
    {"read", "00A4000C026F07", "00B0000009", ""},
    {"update", "00A4000C026F7E", "00D600000B0102030405060708090A0B", "9000"},
    {"status", "", "80F200003C", "62"},
    {"verify", "", "0020000A083838383838383838", "9000"},
});

std::string send(CardPort& card, std::string_view command) {
  const auto answer = card.transmit(*from_hex(command));
  if (!answer) throw SystemError(answer.error().text);
  return to_hex(*answer);
}

void run(const std::shared_ptr<const emulator::CardImage>& image, std::string_view what, std::size_t count, std::size_t most) {
  SeededRandom random(1);
  ManualClock clock;
  if (what == "start") {
    for (std::size_t i = 0; i < count; ++i) {
      emulator::Card card(image, random, clock);
      if (!card.reset()) throw SystemError("no answer to reset");
    }
    return;
  }
  emulator::Card card(image, random, clock);
  if (!card.reset()) throw SystemError("no answer to reset");
  for (const std::string_view command : {"00A4040C07A0000000871002", "0020000A083838383838383838"}) {
    if (send(card, command) != "9000") throw SystemError("the card refuses " + std::string(command));
  }
  std::vector<Bytes> commands;
  if (what == "authenticate") {
    commands = perf::challenges(most);  // as many for a count of none, so that the difference is the card's work alone
  } else {
    const auto example = std::ranges::find(kExamples, what, &Example::name);
    if (example == kExamples.end()) throw SystemError("there is no command " + std::string(what));
    if (!example->selection.empty() && send(card, example->selection) != "9000") throw SystemError("the file cannot be selected");
    const std::string answer = send(card, example->command);
    if (!answer.starts_with(example->answer) || answer.ends_with("6982")) throw SystemError("the card answers " + answer);
    commands.push_back(*from_hex(example->command));
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (!card.transmit(commands[i % commands.size()])) throw SystemError("no answer");
  }
}

}  // namespace

int main(int count, char** arguments) {
  try {
    if (count != 3) throw SystemError("usage: perf_commands select|read|update|status|verify|authenticate|start COUNT");
    const auto image = profile::build_image(*profile::default_profile(), applet::builtin_modules());
    if (!image) throw SystemError(image.error().text);
    constexpr std::size_t kMost = 2000;
    run(*image, arguments[1], std::strtoul(arguments[2], nullptr, 10), kMost);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "perf_commands: %s\n", error.what());
    return 1;
  }
}
