// One command and its whole answer, whatever the protocol below: ISO/IEC 7816-3 clause 12.2; ETSI TS 102 221 clause 7.3.1.1.
#pragma once

#include "core/apdu.hpp"
#include "core/card_port.hpp"

namespace uicclab {

/// Sends `command`, again with the Le that 6Cxx names (case 2), and fetches by GET RESPONSE what 61xx or 9Fxx promises; a port that gives
/// the answer at once is asked once. GET RESPONSE goes out in the interindustry class of the command's channel (ETSI TS 102 221
/// table 10.5), or in class A0 after a command of that class. Errors: those of the port; kTruncated (no status word); kMalformed (an answer
/// that does not end).
Result<apdu::Response> transceive(CardPort& port, BytesView command);

/// The same with a command that is encoded first.
Result<apdu::Response> transceive(CardPort& port, const apdu::Command& command);

}  // namespace uicclab
