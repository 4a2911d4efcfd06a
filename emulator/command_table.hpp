// SPDX-License-Identifier: Apache-2.0
// The one command path: whoever sends an APDU, a terminal, a remote script, a test, it is looked up here and executed with that sender's
// security context.
#pragma once

#include "emulator/execution.hpp"
#include "emulator/transaction.hpp"

namespace uicclab::emulator {

/// Executes one plain command (its class without the channel): the card's own commands by table, everything else by the application that is
/// active on the channel. The transaction is the caller's: see run_transaction.
StatusWord execute(Execution& e);

/// Runs `handler` in a transaction of its own: committed on success, rolled back otherwise, taken back if something is thrown. Inside
/// another one only for a script's command, which stays once it has succeeded (TransactionLevel::kScript).
StatusWord run_transaction(Execution& e, Handler handler = execute, TransactionLevel level = TransactionLevel::kCommand);

}  // namespace uicclab::emulator
