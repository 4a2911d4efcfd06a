// SPDX-License-Identifier: Apache-2.0
// Proactive commands, terminal responses and envelopes, data object by data object: ETSI TS 102 223 clauses 6.6, 6.8, 7 and 8.
#pragma once

#include "ota/explain/explain.hpp"

namespace uicclab::trace {

using ota::Field;

/// The answer to FETCH, without status. The short message in SEND SHORT MESSAGE goes through `messages`. Returns a line that says what it
/// is: "DISPLAY TEXT \"hello\"".
std::string append_proactive_command(std::vector<Field>& out, BytesView bytes, ota::Explainer& messages, std::vector<std::string>& notes);

/// The data of TERMINAL RESPONSE. Returns "DISPLAY TEXT: command performed successfully".
std::string append_terminal_response(std::vector<Field>& out, BytesView bytes, std::size_t base, std::vector<std::string>& notes);

/// The data of ENVELOPE. A short message for the card goes through `messages`. Returns "menu selection" and so on.
std::string append_envelope(std::vector<Field>& out, BytesView bytes, std::size_t base, ota::Explainer& messages,
                            std::vector<std::string>& notes);

}  // namespace uicclab::trace
