// SPDX-License-Identifier: Apache-2.0
// Scripts in foreign formats: lines of bare APDUs, pcsc-tools' scriptor and gscriptor and what
// scriptor writes, traces of ours as text and as JSON.
#pragma once

#include <optional>

#include "script/script.hpp"

namespace uicclab::script {

/// The script, as one case; nothing if the text is in none of these formats.
std::optional<Script> parse_foreign(std::string_view text, const std::string& file);

}  // namespace uicclab::script
