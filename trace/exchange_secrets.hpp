// SPDX-License-Identifier: Apache-2.0
// The secrets of an exchange, found while it is decoded: Exchange::secrets.
#pragma once

#include "trace/instructions.hpp"

namespace uicclab::trace {

/// A command whose fields are there already. `plain`: its bytes without secure messaging; `wire`: as it was sent.
void note_secrets_sent(Taking& taking, BytesView plain, const apdu::Command& wire, bool deciphered);
/// An answer whose fields are there already: `data` is all of it, in plain.
void note_secrets_received(Taking& taking, BytesView plain, const apdu::Command& wire, BytesView data, bool deciphered);
/// A piece of an answer, or one whose command is not known: its fields come later, or never.
void note_secrets_of_piece(Taking& taking, BytesView plain, const apdu::Command& wire);
/// A command that cannot be parsed, or that was never answered.
void note_secrets_of_broken(Exchange& exchange, const ChannelMemory& channel);

}  // namespace uicclab::trace
