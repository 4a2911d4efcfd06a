// SPDX-License-Identifier: Apache-2.0
// --card: which card a host command talks to. "sim[:PROFILE]" is an emulated one, "pcsc[:NAME]" a reader, "vpcd:PORT" a card that connects
// to us as to vpcd.
#pragma once

#include <memory>
#include <string>

#include "cli/common/commands.hpp"
#include "core/trace.hpp"
#include "script/guard_port.hpp"

namespace uicclab::emulator {
class Card;
}

namespace uicclab::cli {

/// A port and the objects that it uses.
class OpenCard {
 public:
  virtual ~OpenCard() = default;
  virtual CardPort& port() = 0;
  /// Another card with the same memory, off, for a rehearsal; of a real card as much as can be read, which resets it. Null where a card
  /// cannot be copied. It lives no longer than this one.
  virtual std::unique_ptr<OpenCard> clone() const { return nullptr; }
  /// The emulated card itself, without the ports in front of it; null for others.
  virtual emulator::Card* emulated() { return nullptr; }
  /// It is in a reader, and somebody may need it.
  virtual bool is_real() const { return false; }
  /// The port in front of a real card, so that nothing is sent that can permanently block it; null for others, and with --yes-i-know.
  virtual script::GuardPort* guard() { return nullptr; }
};

/// Options shared by all host commands.
struct CardOption {
  std::string card = "sim";
  std::string state;
  bool t1 = false;
  CardPort* borrowed = nullptr;  ///< the card of the shell that runs the command; it is reset, and stays open
  bool borrowed_real = false;    ///< that card is in a reader
  bool yes_i_know = false;

  void add_to(App& command);
  /// Opens the port and resets the card; the ATR goes to `atr`. `trace` may be null. A real card is behind a guard. Throws Exit in plain
  /// words.
  std::unique_ptr<OpenCard> open(Atr& atr, TraceSink* trace = nullptr) const;
  /// The same without a guard: for those that have their own, and for clients that know what they do.
  std::unique_ptr<OpenCard> open_unguarded(Atr& atr, TraceSink* trace = nullptr) const;
  /// The card is an emulated one that is gone with this process.
  bool is_forgotten() const { return borrowed == nullptr && state.empty() && is_emulated(); }
  bool is_emulated() const { return borrowed != nullptr ? !borrowed_real : card == "sim" || card.starts_with("sim:"); }
};

}  // namespace uicclab::cli
