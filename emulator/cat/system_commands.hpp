// SPDX-License-Identifier: Apache-2.0
// The card's own commands to the terminal, built from the registrations of all applications: SET UP MENU, SET UP EVENT LIST, POLL INTERVAL
// and POLLING OFF. ETSI TS 102 241 clause 6.4; ETSI TS 102 223 clauses 6.4.6, 6.4.8, 6.4.14 and 6.4.16.
#pragma once

#include "emulator/session.hpp"

namespace uicclab::emulator {

/// Nothing: no application has an entry to be shown. An entry that does not fit in one FETCH is left out, with those after it.
std::optional<Bytes> menu_command(Session& session);
/// A menu without entries, which takes the old one away.
Bytes empty_menu_command(Session& session);
/// Codes of the events that applications have registered for and that the terminal supports, in order.
Bytes event_list(Session& session);
/// Seconds between two STATUS commands that the applications ask for; 0: none does.
int polling(ToolkitRegistry& registry);
Bytes event_list_command(BytesView codes);
Bytes poll_command(int seconds);
/// Seconds of a Duration object (clause 8.8); 0 if it is invalid.
int seconds_of(BytesView duration);
/// EF_SUME, which the title of the menu comes from.
std::optional<FileId> menu_title_file(const FileSystem& files);

}  // namespace uicclab::emulator
