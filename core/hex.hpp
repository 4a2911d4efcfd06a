// SPDX-License-Identifier: Apache-2.0
// Hexadecimal text from people and files.
#pragma once

#include <string_view>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab {

/// Bytes of a hexadecimal text; blanks, tabs, line ends, colons and underscores between bytes are skipped.
/// Errors: kMalformed with the offset of the first character that does not belong, kTruncated for half a byte.
Result<Bytes> from_hex(std::string_view text);

}  // namespace uicclab
