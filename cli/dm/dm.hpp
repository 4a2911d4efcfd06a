// SPDX-License-Identifier: Apache-2.0
// What the subcommands of uicclab dm share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/card/card_option.hpp"
#include "cli/gba/gba.hpp"
#include "cli/gba/take.hpp"
#include "dm/bootstrap_security.hpp"

namespace uicclab::cli {

/// What a document is signed or checked with, wherever it comes from.
struct DmSecretOptions {
  std::string imsi, esn, pin, ks_naf_file;

  void add_to(App& command);
  /// The options alone. Throws Exit.
  dm::DmSecret secret() const;
};

/// The device's end: IMSI and NAF key of its card and of `gba take`.
struct DmDeviceOptions {
  DmSecretOptions given;
  CardOption card;
  std::string card_pin, naf_id, required;
  std::vector<std::string> push;
  NafKeysOption keys;
  bool use_card = false;

  void add_to(App& command);
  /// What this method needs, from the card and the key file where the options do not give it. Throws Exit.
  dm::DmSecret secret_for(dm::DmSec sec) const;
};

/// Documents come from elsewhere: one that is not there is a matter of the machine. Throws Exit, also for one that is no WBXML.
Bytes read_wbxml(const std::string& path);
/// On standard error, where the secret is none.
void warn_of_weakness(dm::DmSec sec);
/// Refuses another MIME type, a method other than the required one, and a wrong MAC. Throws Exit (kCheckFailed) unless the MAC is right.
void check_bootstrap(const DmDeviceOptions& options, const dm::DmContentType& type, BytesView document);

using DmAdd = void(App& dm, Action& action);
DmAdd add_dm_documents;
DmAdd add_dm_device;
DmAdd add_dm_tree;

}  // namespace uicclab::cli
