// SPDX-License-Identifier: Apache-2.0
// Profiles from files of any kind: TOML, profile packages (DER), dumps of real cards (JSON, pySim-shell scripts).
#pragma once

#include "profile/package/package.hpp"

namespace uicclab::cli {

/// The bytes of a file; "default" or nothing is the text of the built-in test card. Throws Exit.
std::string profile_text(const std::string& name);

/// What a file says, whatever its format is; notices only for a package or a dump. Throws Exit if it cannot be read at all.
/// Errors: those of parse_profile(), read_package(), read_fsdump() and read_backup_script().
Result<profile::package::Imported> read_profile(const std::string& name);

}  // namespace uicclab::cli
