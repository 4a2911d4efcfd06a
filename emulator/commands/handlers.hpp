// SPDX-License-Identifier: Apache-2.0
// The commands of the card: one function a command, each in the file of its group. The table in command_table.cpp names them.
#pragma once

#include "emulator/execution.hpp"

namespace uicclab::emulator::commands {

// select.cpp: ETSI TS 102 221 clauses 11.1.1 and 11.1.2
StatusWord select(Execution& e);
StatusWord status(Execution& e);

// binary.cpp: clauses 11.1.3 and 11.1.4
StatusWord read_binary(Execution& e);
StatusWord update_binary(Execution& e);

// record.cpp: clauses 11.1.5, 11.1.6 and 11.1.8
StatusWord read_record(Execution& e);
StatusWord update_record(Execution& e);
StatusWord increase(Execution& e);

// search.cpp: clause 11.1.7
StatusWord search_record(Execution& e);

// data_object.cpp: clauses 11.3.1 and 11.3.2
StatusWord retrieve_data(Execution& e);
StatusWord set_data(Execution& e);

// pin.cpp: clauses 11.1.9 to 11.1.13
StatusWord verify_pin(Execution& e);
StatusWord change_pin(Execution& e);
StatusWord disable_pin(Execution& e);
StatusWord enable_pin(Execution& e);
StatusWord unblock_pin(Execution& e);

// life_cycle.cpp: clauses 11.1.14 and 11.1.15; ETSI TS 102 222 clauses 6.7 to 6.9
StatusWord deactivate_file(Execution& e);
StatusWord activate_file(Execution& e);
StatusWord terminate_df(Execution& e);
StatusWord terminate_ef(Execution& e);
StatusWord terminate_card_usage(Execution& e);

// administration.cpp: ETSI TS 102 222 clauses 6.3, 6.4 and 6.10
StatusWord create_file(Execution& e);
StatusWord delete_file(Execution& e);
StatusWord resize_file(Execution& e);

// channel.cpp: ETSI TS 102 221 clauses 11.1.17 to 11.1.19 and 11.1.22
StatusWord manage_channel(Execution& e);
StatusWord get_challenge(Execution& e);
StatusWord terminal_capability(Execution& e);
StatusWord suspend_uicc(Execution& e);

// toolkit.cpp: clauses 11.2.1 to 11.2.4
StatusWord terminal_profile(Execution& e);
StatusWord envelope(Execution& e);
StatusWord fetch(Execution& e);
StatusWord terminal_response(Execution& e);

/// FCP of a file as SELECT and STATUS answer it.
void append_fcp(const Execution& e, FileId file);

/// UICC characteristics, tag 80 in A5 of a directory (clause 11.1.1.4.6.1): bits 1, 3 and 4 clock stop, bits 5 to 7 supply voltage classes
/// A to C. From the profile's data of the directory, else from the ATR.
std::uint8_t uicc_characteristics(const Session& session, const FileHeader& header);

/// SELECT by name: there is such an application, and it can be selected.
bool names_application(const Execution& e);
/// The channel was opened, or the card reset: an application becomes active there without SELECT, if one is to (GP clause 6.4.1). The
/// current DF stays what it is.
void select_implicitly(Session& session, Channel channel);
/// The application session on the channel ends: deselects the application and forgets what only it could see (clause 8.5.1). Nothing if
/// there is none. The current directory is the caller's to change.
void end_application_session(Execution& e, ChannelState& channel, Channel number);

/// The file a P1 of SELECT, ACTIVATE or DEACTIVATE FILE and its data name: 00 by FID, 08 path from MF, 09 path from the current DF.
std::optional<FileId> find_by_fid(const Execution& e, Fid fid);
std::optional<FileId> find_by_path(const Execution& e, FileId from, BytesView path);

}  // namespace uicclab::emulator::commands
