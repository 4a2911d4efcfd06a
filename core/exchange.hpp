// One command and its whole answer, as a T=0 terminal gets it: ISO/IEC 7816-3 clause 12.2; ETSI TS 102 221 clause 7.3.1.1.
#pragma once

#include "core/apdu.hpp"
#include "core/card_port.hpp"

namespace uicclab {

/// Repeats on 6Cxx with that Le, and gets what waits after 61xx or 9Fxx. Errors: those of the port; kMalformed for an answer without
/// status word, or one that announces data again and again.
Result<apdu::Response> exchange_apdu(CardPort& port, BytesView command);

}  // namespace uicclab
