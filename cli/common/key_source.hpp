// SPDX-License-Identifier: Apache-2.0
// Where card management gets its keys from: never from the command line, unless somebody insists.
#pragma once

#include "cli/common/commands.hpp"
#include "gp/host/key_material.hpp"

namespace uicclab::cli {

/// A set of keys as options name it.
struct KeySource {
  std::string from = "default";  ///< keyring, file:PATH, env:VARIABLE; "default": the public keys
  std::string key_card;          ///< which of the keyring
  std::string hex;               ///< on the command line after all; instead of `from`
  std::string diversify;         ///< instead of what the keyring says
  std::string version;           ///< two hexadecimal digits

  /// Adds --keys, --key-card, --key-hex, --diversify and --key-version; with prefix "new-": --new-keys and so on.
  void add_to(App& command, const std::string& prefix, const std::string& what);
  /// Throws Exit in plain words; a message never contains a key.
  gp::host::KeyMaterial read() const;
};

/// A byte in two hexadecimal digits. Throws Exit that names `option`.
std::uint8_t byte_option(const std::string& option, const std::string& text);

}  // namespace uicclab::cli
