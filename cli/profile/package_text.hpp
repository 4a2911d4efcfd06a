// SPDX-License-Identifier: Apache-2.0
// Profile packages as text, as sent by mail or taken from databases and JSON files of servers.
#pragma once

#include <optional>
#include <string_view>

#include "core/bytes.hpp"

namespace uicclab::cli {

/// The package in hexadecimal or in base64 (RFC 4648 clause 4; also between the lines of RFC 7468). Nothing for any other text.
std::optional<Bytes> package_of_text(std::string_view text);

/// Whether a text is ASN.1 value notation of a package ("headerValue ProfileElement ::= header : {", ITU-T X.680), which nobody can read
/// without the ASN.1 module.
bool is_value_notation(std::string_view text);

}  // namespace uicclab::cli
