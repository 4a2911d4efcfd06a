// SPDX-License-Identifier: Apache-2.0
// Commands and status words in plain words, with their clauses in the GlobalPlatform Card Specification v2.3.1 (GP).
#pragma once

#include <string>

#include "core/apdu.hpp"

namespace uicclab::gp::host {

/// "0F"
std::string hex_byte(std::uint8_t value);

/// "INSTALL [for load]", "GET DATA 9F7F", "PUT KEY".
std::string command_name(const apdu::Command& plain);

/// What a plain command says, for people: its name and its decoded data. Keys in PUT KEY are not shown, nor is what STORE DATA and
/// commands that are not known carry.
std::string describe(const apdu::Command& plain);

/// "6A88: referenced data not found (GP clause 11.5.3.2)": what the status means after this command.
std::string explain(const apdu::Command& plain, StatusWord status);

/// The two parts of explain(): what the status means after this command, and the clause; empty for a command that is not known.
std::string_view meaning_after(const apdu::Command& plain, StatusWord status);
std::string_view clause_of(const apdu::Command& plain);

/// The command only reads: it changes nothing on the card. INITIALIZE UPDATE moves the sequence counter, so it is not one.
bool only_reads(const apdu::Command& plain);

}  // namespace uicclab::gp::host
