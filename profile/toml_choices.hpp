// SPDX-License-Identifier: Apache-2.0
// Keys of a profile for emulator/choices.hpp, both ways. They stand beside "atr", not in a section.
#pragma once

#include "profile/toml_table.hpp"

namespace uicclab::profile {

emulator::CardChoices read_choices(TableReader& in);
/// Lines for what differs from the default.
std::string choices_lines(const emulator::CardChoices& choices);

}  // namespace uicclab::profile
