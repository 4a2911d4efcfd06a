// SPDX-License-Identifier: Apache-2.0
// Class A0: the SIM commands of 3GPP TS 51.011 that readers and tools of the GSM age still send. Each is carried out by the command of ETSI
// TS 102 221 that took its place, on the basic channel; answers and status words are translated back.
#pragma once

#include "emulator/execution.hpp"
#include "emulator/transaction.hpp"

namespace uicclab::emulator::gsm {

/// Executes one command of class A0 in its own transaction, on the execution's channel. Status words are those of TS 51.011 clause 9.4.
StatusWord run(Execution& e, TransactionLevel level = TransactionLevel::kCommand);

/// What SELECT and STATUS answer (TS 51.011 clause 9.2.1): 15 bytes for an EF, 22 for the MF or a DF.
Bytes file_information(const Session& session, FileId file, FileId adf);

}  // namespace uicclab::emulator::gsm
