// SPDX-License-Identifier: Apache-2.0
// Keys of a profile for emulator/choices.hpp, both ways. They are on the level of "atr", not in a section.
#pragma once

#include "profile/toml_table.hpp"

namespace uicclab::profile {

emulator::CardChoices read_choices(TableReader& in);
/// verify = "strict" or "warn", of the card and of a load file: true if it is strict.
bool read_verify(TableReader& in);
std::string verify_line();
/// Lines for what differs from the default.
std::string choices_lines(const emulator::CardChoices& choices);

}  // namespace uicclab::profile
