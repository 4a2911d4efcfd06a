// SPDX-License-Identifier: Apache-2.0
// --pin: PINs and ADM keys for commands that read and write files.
#pragma once

#include <string>
#include <vector>

#include "cli/card/card_files.hpp"

namespace uicclab::cli {

struct PinOption {
  std::vector<std::string> given;  ///< NAME=VALUE, or ADF.ISIM/NAME=VALUE
  bool risk = false;               ///< also with fewer than all tries

  void add_to(App& command);
  /// Gives each to the card, a local one to the application that it names, or that `path` is in, or to the USIM. Throws Exit; a wrong value
  /// ends it at once.
  void verify_all(CardFiles& files, const std::string& path) const;
};

/// The key of "PIN1" or "ADF.ISIM/PIN2", as CardFiles::key_for(). Throws Exit.
CardFiles::Key named_key(const CardFiles& files, const std::string& name, const std::string& path);

/// The eight bytes of a PIN as cli/common/secret_text.hpp has secrets: characters, or 16 hexadecimal digits. `what`: its name, for errors,
/// which never show the value. Throws Exit.
crypto::SecretBytes pin_value(const std::string& text, const std::string& what = "a PIN");

}  // namespace uicclab::cli
