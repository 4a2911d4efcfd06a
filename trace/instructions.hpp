// SPDX-License-Identifier: Apache-2.0
// The data of commands and their answers, by instruction.
#pragma once

#include "trace/decoder.hpp"

namespace uicclab::trace {

/// A command being decoded, and its fields.
struct Taking {
  const apdu::Command& command;  ///< without secure messaging
  std::size_t data_offset;       ///< of its data in the command
  CardMemory& card;
  ChannelMemory& channel;
  Exchange& out;
  bool opaque = false;  ///< under secure messaging that could not be removed
};

/// Class, instruction, parameters, lengths, and the decoded data field. May say more in out.title.
void append_command(Taking& taking);

/// The data of the answer, whole and in plain; `status` is the last one.
void append_answer(Taking& taking, BytesView data, std::optional<StatusWord> status);

/// The card carried the command out, as far as the status says: files get selected, channels opened and closed. `first`: it was not said
/// of this command before; the rest of an answer only says more of what was selected.
void follow(Taking& taking, BytesView data, StatusWord status, bool first);

/// The clause of a status word, and its meaning after this command, if that could be read.
std::pair<std::string, std::string> explain_status(const apdu::Command* command, StatusWord status);

}  // namespace uicclab::trace
