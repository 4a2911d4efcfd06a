// SPDX-License-Identifier: Apache-2.0
// The work of uicclab run, for the other subcommands that serve a card: record, replay.
#pragma once

#include "cli/common/commands.hpp"
#include "cli/common/trace_option.hpp"
#include "cli/serve/served_cards.hpp"

namespace uicclab::cli {

struct RunOptions {
  ServedCardsOption cards;
  std::optional<std::uint64_t> seed;
  std::string socket;
  std::string control;
  std::string vpcd;
  std::string vscard;
  std::string vscard_power;
  std::string power_down = "5";
  TraceOption trace;
  bool demo = false;                 ///< the command is ours
  std::vector<std::string> command;  ///< ends with it, and with its exit code

  /// --socket, --control, --vpcd, --vscard, --power-down, --trace.
  void add_place_to(App& command_line);
};

/// Serves the cards until a signal or the end of the command. Throws Exit.
int run_cards(RunOptions options);

}  // namespace uicclab::cli
