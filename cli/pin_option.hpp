// --pin: PINs and ADM keys for commands that read and write files.
#pragma once

#include <string>
#include <vector>

#include "cli/card_files.hpp"

namespace uicclab::cli {

struct PinOption {
  std::vector<std::string> given;  ///< NAME=VALUE
  bool risk = false;               ///< also with fewer than all tries

  void add_to(App& command);
  /// Gives each to the card, that of an application where it is selected. Throws Exit; a wrong value ends it at once.
  void verify_all(CardFiles& files) const;
};

/// The eight bytes of a PIN: characters, or 16 hexadecimal digits; "env:NAME" and "file:PATH" say where it stands. Throws Exit, which never tells the
/// value.
crypto::SecretBytes pin_value(const std::string& text);

}  // namespace uicclab::cli
