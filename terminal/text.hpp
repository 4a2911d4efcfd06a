// SPDX-License-Identifier: Apache-2.0
// Texts of data objects as UTF-8: ETSI TS 102 223 clause 8.15 (text string), TS 102 221 annex A (alpha identifier and items); 3GPP
// TS 23.038.
#pragma once

#include <string>

#include "core/bytes.hpp"

namespace uicclab::terminal {

/// The value of a Text string data object: coding scheme, then text in packed 7 bit, 8 bit or UCS2.
std::string text_of(BytesView text_string);
/// The value of an alpha identifier, or an item after its identifier: the 7 bit alphabet in bytes, or UCS2 in its three codings.
std::string alpha_of(BytesView alpha);

}  // namespace uicclab::terminal
