// SPDX-License-Identifier: Apache-2.0
// The file system of a real card, as pySim-shell's command export writes it: a script of select, update_binary and update_record that puts
// the contents back, with the FCPs in comments.
#pragma once

#include "profile/package/package.hpp"

namespace uicclab::cli {

/// Its first command selects a file; comments do not count.
bool is_backup_script(std::string_view text);

/// A profile whose card answers as that card did, as from read_fsdump(). The ATR is in the name that such files have,
/// "card_backup_ATR_ICCID.script"; under another name it is made up, and noticed. Errors: kMalformed, with the line: a command before any
/// select, contents that are not hexadecimal, a file without its FCP.
Result<profile::package::Imported> read_backup_script(std::string_view text, std::string_view source);

}  // namespace uicclab::cli
