// SPDX-License-Identifier: Apache-2.0
// User data of a short message as text: 3GPP TS 23.038 clauses 6.1.2.1 (GSM 7 bit) and 6.2.3 (UCS2); after a header, septets begin at a
// septet boundary (3GPP TS 23.040 clause 9.2.3.24).
#pragma once

#include <string>
#include <string_view>

#include "ota/sms_tpdu.hpp"

namespace uicclab::ota {

/// A text, and the elements in front of it without the octet of their length.
struct MessageText {
  Bytes header;
  std::string text;  ///< UTF-8
};

/// Nothing for 8 bit data and compressed text, for what the alphabet does not have (UCS2: surrogates), and for what set_text() would code
/// otherwise.
std::optional<MessageText> text_of(const TpduBody& body);

/// The user data of `body`, coded as its TP-DCS says. Errors: kMalformed for a text that is no UTF-8 or not in the alphabet; kUnsupported
/// for 8 bit data; kRange over 140 octets.
Result<void> set_text(TpduBody& body, const MessageText& message);

}  // namespace uicclab::ota
