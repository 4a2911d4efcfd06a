// SPDX-License-Identifier: Apache-2.0
// A command line whose commands all talk to one card that is open already: the shell's.
#pragma once

#include "cli/common/app.hpp"
#include "core/card_port.hpp"

namespace uicclab::cli {

class AppWithCard : public App {
 public:
  AppWithCard(const std::string& text, const std::string& name, CardPort& port, bool real) : App(text, name), card(port), is_real(real) {}

  /// The one above a subcommand; nullptr if the command line is that of the program.
  static AppWithCard* above(App& command) {
    App* top = &command;
    while (top->parent() != nullptr) top = top->parent();
    return dynamic_cast<AppWithCard*>(top);
  }

  CardPort& card;
  bool is_real;  ///< in a reader, without a guard
};

}  // namespace uicclab::cli
