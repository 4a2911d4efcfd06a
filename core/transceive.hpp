// SPDX-License-Identifier: Apache-2.0
// One command and its whole answer, whatever the protocol below: ISO/IEC 7816-3 clause 12.2; ETSI TS 102 221 clause 7.3.1.1.
// The one place where 61xx, 9Fxx, 6Cxx and the warnings of T=0 are followed.
#pragma once

#include "core/apdu.hpp"
#include "core/card_port.hpp"

namespace uicclab {

/// Sends `command`, again with the Le that 6Cxx names (case 2), and fetches by GET RESPONSE what waits, as fetch_rest() does; a port that
/// gives the answer at once is asked once. Errors: those of the port; kTruncated (no status word); kMalformed (an answer that does not
/// end).
Result<apdu::Response> transceive(CardPort& port, BytesView command);

/// The same with a command that is encoded first.
Result<apdu::Response> transceive(CardPort& port, const apdu::Command& command);

/// The whole answer to `command`, of which `first` has come: what 61xx or 9Fxx promises is fetched by GET RESPONSE, in the interindustry
/// class of the command's channel (ETSI TS 102 221 table 10.5), or in class A0 after a command of that class. Under T=0 a warning (62xx,
/// 63xx) without data to a command of case 4 is followed by GET RESPONSE too (ETSI TS 102 221 clause 7.3.1.1.4 4b); the warning is the
/// status of the whole. An answer has at most 65536 bytes, and ends at a GET RESPONSE that brings nothing. Errors: as transceive().
Result<apdu::Response> fetch_rest(CardPort& port, BytesView command, apdu::Response first);

}  // namespace uicclab
