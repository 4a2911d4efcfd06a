// SPDX-License-Identifier: Apache-2.0
// Access rules as text: ETSI TS 102 221 clause 9.2; ISO/IEC 7816-4 clause 5.4.3.
#pragma once

#include "ef/type.hpp"

namespace uicclab::ef {

/// What the access mode bits are called.
enum class AccessOf { kFile, kDirectory };

/// {"rules": [{"access": ["read", "update"], "condition": "PIN1 or ADM1"}]}. Other commands are "INS D4" or "command 8C 80F2"; conditions
/// are always, never, names of PINs, "and", "or", "not", parentheses, and "tag B4950130" for what has no words. What stands under no rule
/// is never allowed.
Type access_rules(AccessOf of = AccessOf::kFile);

}  // namespace uicclab::ef
