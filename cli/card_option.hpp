// --card: which card a host command talks to. "sim[:PROFILE]" is an emulated one, "pcsc[:NAME]" a reader, "vpcd:PORT" a card that connects
// to us as to vpcd.
#pragma once

#include <memory>
#include <string>

#include "cli/commands.hpp"
#include "core/trace.hpp"

namespace uicclab::cli {

/// A port and what it stands on.
class OpenCard {
 public:
  virtual ~OpenCard() = default;
  virtual CardPort& port() = 0;
  /// Another card with the same memory, off, for a rehearsal; null where a card cannot be copied. It lives no longer than this one.
  virtual std::unique_ptr<OpenCard> clone() const { return nullptr; }
};

/// Options shared by all host commands.
struct CardOption {
  std::string card = "sim";
  std::string state;
  bool t1 = false;
  CardPort* borrowed = nullptr;  ///< the card of the shell that the command stands in; it is reset, and stays open

  void add_to(CLI::App& command);
  /// Opens the port and resets the card; the ATR goes to `atr`. `trace` may be null. Throws Exit in plain words.
  std::unique_ptr<OpenCard> open(Atr& atr, TraceSink* trace = nullptr) const;
};

}  // namespace uicclab::cli
