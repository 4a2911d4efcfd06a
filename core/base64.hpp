// SPDX-License-Identifier: Apache-2.0
// Base64: RFC 4648 clauses 4 and 5.
#pragma once

#include <string>
#include <string_view>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab {

std::string base64(BytesView bytes);
/// With the alphabet for URLs, without padding.
std::string base64_url(BytesView bytes);
/// Either alphabet, with or without padding. Errors: kMalformed.
Result<Bytes> from_base64(std::string_view text);

}  // namespace uicclab
