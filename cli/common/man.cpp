// SPDX-License-Identifier: Apache-2.0
// uicclab man: the manual page, made from the help, so that the two cannot differ.
#include <ctime>
#include <iostream>

#include "cli/common/commands.hpp"

namespace uicclab::cli {
namespace {

// Text for roff: a backslash and a minus are special, a dot or quote at the beginning of a line as well.
std::string roff(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool first = i == 0 || text[i - 1] == '\n';
    if (first && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

void options_of(const App& command, std::ostream& out) {
  for (const Option& option : command.options()) {
    if (option.name() == "--help" || option.name() == "--help-all") continue;
    out << ".TP\n.B " << roff(option.names()) << "\n" << roff(option.description());
    if (!option.shown_default().empty()) out << " (default: " << roff(option.shown_default()) << ")";
    out << "\n";
  }
}

void subcommands_of(const App& app, const std::string& prefix, std::ostream& out) {
  for (const auto& command : app.subcommands()) {
    const std::string name = prefix + command->name();
    out << ".SS " << roff(name) << "\n" << roff(command->description()) << ".\n";
    options_of(*command, out);
    if (!command->footer().empty()) out << ".PP\n.nf\n" << roff(command->footer()) << "\n.fi\n";
    subcommands_of(*command, name + " ", out);
  }
}

}  // namespace

void add_man(App& app, Action& action) {
  auto* command = app.add_subcommand("man", "Print the manual page (roff)");
  set_example(*command, "  uicclab man | man -l -");
  command->callback([&app, &action] {
    action = [&app] {
      std::cout << ".TH UICCLAB 1 \"\" \"uicclab " UICCLAB_VERSION "\" \"User Commands\"\n.SH NAME\nuicclab \\- " << roff(app.description())
                << "\n.SH SYNOPSIS\n.B uicclab\n.I SUBCOMMAND\n.RI [ OPTIONS ]\n.SH SUBCOMMANDS\n";
      subcommands_of(app, "", std::cout);
      std::cout
          << ".SH EXIT STATUS\n0 ok, 1 a check failed, 2 usage, 3 environment, 4 wrong keys.\n"
             ".SH ENVIRONMENT\n.TP\n.B PCSCLITE_CSOCK_NAME\nThe socket at which PC/SC clients, and the pcsc card of this program, look for "
             "the service.\n";
      return static_cast<int>(kOk);
    };
  });
}

}  // namespace uicclab::cli
