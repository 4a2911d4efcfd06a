// SPDX-License-Identifier: Apache-2.0
// Checks of a profile: errors prevent it from becoming a card, warnings trip up real terminals.
#pragma once

#include <string>
#include <vector>

#include "applet/api/applet.hpp"
#include "profile/profile.hpp"

namespace uicclab::profile {

/// One thing that is wrong.
struct Finding {
  enum class Severity : std::uint8_t { kWarning, kError };
  Severity severity = Severity::kError;
  SourcePlace place;
  std::string subject;  ///< "file 3F00/2FE2", "pin 01", "application usim", "card"
  std::string text;     ///< a plain sentence
  std::string clause;   ///< where the rule is from; empty where it follows from the format of a profile
};

/// "default.toml:12: error: file 3F00/2FE2: the content has 11 bytes, the file 10 (ETSI TS 102 221 clause 8.3.1)"
std::string to_text(const Profile& profile, const Finding& finding);

/// What keeps the profile from being built, apart from what the modules say of their parameters. Empty: build_image() builds it.
std::vector<Finding> find_errors(const Profile& profile);

/// Errors, and warnings of what trips up real terminals: files and services that do not fit, access rules that lead nowhere, an ATR that
/// says something else than the card does, identities that are coded wrong. With a catalogue, also what its modules say of their
/// parameters: keys that will open no secure channel.
std::vector<Finding> check_profile(const Profile& profile, const applet::ModuleCatalogue& catalogue = {});

}  // namespace uicclab::profile
