// SPDX-License-Identifier: Apache-2.0
// Short messages that the terminal hands to the card: 3GPP TS 31.111 clauses 7.1.1 (SMS-PP data download) and 7.1.2 (cell broadcast).
#pragma once

#include "emulator/execution.hpp"

namespace uicclab::emulator {

/// An ENVELOPE with template D1. Nothing: the message is for the card, whole, and no secured packet, so that applications may look at it.
///
/// A message of class 2 that is not for the card goes to EF_SMS, as the terminal would have stored it; one of another class is none of the
/// card's business (6A81).
/// A part of a message is kept and answered with 9000. A secured packet is answered with its response packet, as the data of the report, or
/// with 9000 if it was executed and none is due, or with 6F00 if it was not.
std::optional<StatusWord> sms_pp_download(Execution& e);

/// An ENVELOPE with template D2. Nothing: the message is no secured packet. One that is has message identifier 1080 to 10FF (3GPP TS 23.041
/// clause 9.4.1.2.2), comes in up to 15 pages, and is answered by nothing but a short message that it cannot ask for.
std::optional<StatusWord> cell_broadcast_download(Execution& e);

}  // namespace uicclab::emulator
