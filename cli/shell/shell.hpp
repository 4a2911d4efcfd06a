// SPDX-License-Identifier: Apache-2.0
// Common state of the shell's commands: the card, the current directory, and the pending proactive command.
#pragma once

#include <optional>
#include <set>

#include "cli/card/card_files.hpp"
#include "cli/card/card_option.hpp"
#include "cli/common/app_with_card.hpp"
#include "cli/common/commands.hpp"
#include "cli/common/interruptible.hpp"
#include "script/guard_port.hpp"

namespace uicclab::cli {

/// The card as the shell sees it: between two commands Ctrl-C ends what is going on, and 91xx is remembered.
class ShellPort final : public CardPort {
 public:
  explicit ShellPort(CardPort& card) : m_card(card) {}

  Result<Atr> reset() override;
  Result<Bytes> transmit(BytesView command) override;
  void power_off() override { m_card.power_off(); }
  Result<void> select_protocol(Protocol protocol) override { return m_card.select_protocol(protocol); }
  Protocol protocol() const override { return m_card.protocol(); }

  /// While a command runs; null at the prompt.
  const Interruptible* signals = nullptr;
  /// Bytes of the proactive command that waits (ETSI TS 102 221 clause 7.4.2).
  std::optional<std::size_t> waiting;
  /// Somebody has reset the card since this was set to false.
  bool was_reset = false;

 private:
  CardPort& m_card;
};

struct Shell {
  /// `guarded`: the shell's own commands do not lose the card; those of gp and ota ask for themselves.
  Shell(OpenCard& card, bool guarded)
      : port(card.port()),
        is_real(card.is_real()),
        guard(port),
        own(guarded ? static_cast<CardPort&>(guard) : port),
        files(own, CardFiles::Asked::kByCommand) {}

  ShellPort port;
  bool is_real;
  script::GuardPort guard;
  CardPort& own;  ///< for the shell's own commands
  CardFiles files;
  std::string directory = "3F00";
  Bytes proactive;             ///< the command fetched last, without its status; empty if it was answered
  bool left = false;           ///< exit was called
  bool terminal = false;       ///< somebody types
  std::set<std::string> seen;  ///< names for completion, by listings
};

/// Adds the shell's own commands. `shell` outlives `app`.
void add_shell_files(App& app, Action& action, Shell& shell);
void add_shell_security(App& app, Action& action, Shell& shell);
void add_shell_toolkit(App& app, Action& action, Shell& shell);

/// One command and its answer, shown; the answer.
apdu::Response shell_send(Shell& shell, const apdu::Command& command, bool show = true);

}  // namespace uicclab::cli
