// SPDX-License-Identifier: Apache-2.0
// Profiles as TOML; docs/profile-format.md describes the format.
#pragma once

#include <string>
#include <string_view>

#include "profile/profile.hpp"

namespace uicclab::profile {

/// Reads a profile. `source` is the name of the text in messages. What the text says may still be impossible: see find_errors() and
/// check_profile().
/// Errors: kMalformed: the first thing that is no TOML or not of the format, in the text with line, column and key:
/// "default.toml:12:9: file 3F00/2FE2: sfi must be 1 to 30". An unknown key is an error.
Result<Profile> parse_profile(std::string_view text, std::string_view source);

/// Before a label whose bytes are no UTF-8, in hexadecimal after it.
inline constexpr std::string_view kHexLabel = "hex:";

/// Writes a profile, without the comments of the text it came from; parse_profile() gives an equal one back if the files of a directory
/// follow it, as they do in a profile that was parsed.
std::string to_toml(const Profile& profile);

}  // namespace uicclab::profile
