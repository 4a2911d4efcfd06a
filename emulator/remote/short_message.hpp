// Short messages that the terminal hands to the card: 3GPP TS 31.111 clauses 7.1.1 (SMS-PP data download) and 7.1.2 (cell broadcast).
#pragma once

#include "emulator/execution.hpp"

namespace uicclab::emulator {

/// An ENVELOPE with template D1. Nothing: the message is whole and no secured packet, so that applications may look at it.
///
/// A part of a message is kept and answered with 9000. A secured packet is answered with its response packet, as the data of the report, or
/// with 9000 if it was executed and none is due, or with 6F00 if it was not.
std::optional<StatusWord> sms_pp_download(Execution& e);

}  // namespace uicclab::emulator
