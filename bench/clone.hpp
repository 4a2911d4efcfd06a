// SPDX-License-Identifier: Apache-2.0
// A card as a profile, read through its CardPort without consuming anything of the card.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/card_port.hpp"
#include "profile/profile.hpp"

namespace uicclab::bench {

struct CloneOptions {
  /// Given to the card before anything is read, and to the clone. Eight bytes.
  struct Pin {
    std::uint8_t reference = 0;
    Bytes value;
  };
  std::vector<Pin> pins;
  /// Tries every identifier of files and directories (2Fxx, 4Fxx, 5Fxx, 6Fxx, 7Fxx), not only those that the standards know. Slow.
  bool every_fid = false;
  std::string name = "clone";
};

struct Clone {
  profile::Profile profile;
  std::vector<std::string> remarks;  ///< what was not readable, and what the clone has instead: one line each
};

/// Selects what the standards know (ef/catalogue.hpp) and what EF_DIR lists, and takes from each FCP what the file is and which access rule
/// it has (ETSI TS 102 221 clauses 11.1.1.4 and 9.2); reads transparent and BER-TLV files and records. PINs come from the PIN status
/// templates; their tries are asked for by an empty VERIFY, which costs none. A value that was given is sent only if all tries are left,
/// and never again when the card calls it wrong. What the card never shows is missing in the clone: keys of authentication (zeros instead),
/// values of PINs that were not given (zeros), keys of security domains (no domain). Errors: kIo; kRefused and kMismatch for a PIN that was
/// given; kMalformed if the MF has no FCP (a card of class A0 only).
Result<Clone> clone_card(CardPort& card, const CloneOptions& options);

}  // namespace uicclab::bench
