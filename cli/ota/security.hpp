// SPDX-License-Identifier: Apache-2.0
// Options that say how secured packets are protected: keyring, key set, application, SPI.
#pragma once

#include "cli/common/commands.hpp"
#include "cli/common/keyring.hpp"
#include "ota/secured_packet_command.hpp"

namespace uicclab::cli {

struct OtaSecurityOption {
  std::string keys = "default";
  std::string key_card;
  std::string tar;
  std::string key_set = "2";
  std::string kic;
  std::string kid;
  std::string spi;
  std::string security = "cc,cipher";
  std::string counter = "higher";
  std::string por = "always,cc,cipher";

  /// --keys and --key-card.
  void add_keys_to(App& command);
  /// All others; --tar only if `with_tar`.
  void add_to(App& command, bool with_tar);

  /// The header that they ask for. Throws Exit.
  ota::PacketHeader header(const KeyringCard& card) const;
};

}  // namespace uicclab::cli
