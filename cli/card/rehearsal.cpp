// SPDX-License-Identifier: Apache-2.0
#include "cli/card/rehearsal.hpp"

#include <iostream>

#include <unistd.h>

#include "bench/consumption.hpp"
#include "cli/common/input_file.hpp"
#include "core/visible.hpp"

namespace uicclab::cli {
namespace {

void ask(const RehearsalOption& option) {
  if (option.yes) return;
  if (isatty(STDIN_FILENO) == 0) throw Exit{kUsage, "nothing was done on the card; --yes does it after the rehearsal"};
  std::cerr << "Do it on the card? [y/N] " << std::flush;
  const std::string answer = read_standard_line().value_or("");
  if (answer != "y" && answer != "Y" && answer != "yes") throw Exit{kCheckFailed, "nothing was done on the card"};
}

}  // namespace

void RehearsalOption::add_to(App& command) {
  command.add_flag("--rehearse", wanted, "Do everything on a copy of the card first, show what it would consume, and stop if it fails");
  command.add_flag("--yes", yes, "Continue after the rehearsal without asking, also with a card in a reader");
}

void rehearse(const RehearsalOption& option, const OpenCard& card, const std::function<int(CardPort& copy)>& job) {
  if (!option.wanted) return;
  const auto copy = card.clone();
  if (!copy || copy->emulated() == nullptr) throw Exit{kUsage, "--rehearse: this card cannot be copied; nothing was done"};
  std::cerr << "Rehearsal on a copy of the card:\n";
  if (auto reset = copy->port().reset(); !reset) throw Exit{kEnvironment, reset.error().text};
  bench::Consumption consumption(*copy->emulated(), copy->port());
  try {
    const int code = job(consumption);
    if (code != kOk) throw Exit{static_cast<ExitCode>(code), "the rehearsal failed"};
  } catch (const Exit& exit) {
    for (const std::string& line : consumption.lines()) std::cerr << "  " << visible(line) << "\n";
    throw Exit{exit.code, exit.message + ". That was the rehearsal: nothing was done on the card"};
  }
  const auto lines = consumption.lines();
  std::cerr << (lines.empty() ? "It would consume nothing, and change nothing.\n" : "It would consume and change:\n");
  for (const std::string& line : lines) std::cerr << "  " << visible(line) << "\n";
  if (card.is_real()) ask(option);
  std::cerr << "The rehearsal went well; now on the card:\n";
}

}  // namespace uicclab::cli
