// SPDX-License-Identifier: Apache-2.0
// A stored short message: 3GPP TS 31.102 clause 4.2.25.
#pragma once

#include "ef/type.hpp"

namespace uicclab::ef {

/// {"status": "received, read", "service_centre": "+4917...", "deliver": {"from", "pid", "dcs", "time", "text"}}; a message to be sent has
/// "submit", and one of another kind is "tpdu" in hexadecimal. User data that is no text has "data", "has_header" and "septets" instead of
/// "header" and "text".
Type short_message();

}  // namespace uicclab::ef
