// SPDX-License-Identifier: Apache-2.0
// The file system of a real card, as pySim-shell's command fsdump writes it (JSON): files with their FCPs and what could be read of them.
#pragma once

#include "profile/package/package.hpp"

namespace uicclab::cli {

/// A profile whose card answers a dump as that card did. Data missing in a dump are made up, and reported: keys, PINs, rules in EF_ARRs
/// that were not dumped.
/// Errors: kMalformed, with what is wrong and where: not JSON, not a dump, an FCP that cannot be read.
Result<profile::package::Imported> read_fsdump(std::string_view text, std::string_view source);

}  // namespace uicclab::cli
