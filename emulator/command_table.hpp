// SPDX-License-Identifier: Apache-2.0
// The one command path: whoever sends an APDU, a terminal, a remote script, a test, it is looked up here and executed with that sender's
// security context.
#pragma once

#include "emulator/execution.hpp"

namespace uicclab::emulator {

/// Executes one plain command (its class without the channel): the card's own commands by table, everything else by the application that is
/// active on the channel. The transaction is the caller's: see run_transaction.
StatusWord execute(Execution& e);

/// Runs `handler`, then commits on success and rolls back otherwise; the session's caches follow. Not for re-entry.
StatusWord run_transaction(Execution& e, Handler handler = execute);

}  // namespace uicclab::emulator
