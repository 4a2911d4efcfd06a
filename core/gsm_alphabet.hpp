// SPDX-License-Identifier: Apache-2.0
// The GSM 7-bit default alphabet with its extension, and septets packed into octets: 3GPP TS 23.038 clauses 6.1.2.1, 6.2.1 and 6.2.1.1.
// With it the UTF-8 (RFC 3629) of the texts that are coded so.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/bytes.hpp"

namespace uicclab {

/// Of UCS2: no surrogate, and not FFFF, which is filler.
constexpr bool is_ucs2(char32_t c) {
  return c < 0xFFFF && (c < 0xD800 || c > 0xDFFF);
}

/// `c` is up to U+FFFF.
void append_utf8(std::string& out, char32_t c);

/// The characters of a text. Nothing if it is no UTF-8, or has a character that UCS2 does not have: a surrogate, U+FFFF or above.
std::optional<std::u32string> codepoints(std::string_view utf8);

namespace gsm {

/// The character that begins at `at`, which moves after it: one septet, or the escape 1B and one more. Nothing if it is no septet, or not
/// in the alphabet.
std::optional<char32_t> take_character(BytesView septets, std::size_t& at);

/// Appends the septet of a character, or the two of the extension. False if the alphabet does not have it.
bool add_character(Bytes& septets, char32_t c);

/// Septets, one a byte, of a UTF-8 text. Nothing if a character is not in the alphabet.
std::optional<Bytes> septets_of(std::string_view utf8);

/// UTF-8 of septets, one a byte; what the alphabet does not have reads as '?'.
std::string text_of(BytesView septets);

/// Packed from the low bits on (clause 6.1.2.1); the bits left over are 0.
Bytes pack(BytesView septets);

/// The first `count` septets of packed octets; fewer if there are not that many.
Bytes unpack(BytesView packed, std::size_t count);

}  // namespace gsm
}  // namespace uicclab
