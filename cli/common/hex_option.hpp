// SPDX-License-Identifier: Apache-2.0
// Values of options that are hexadecimal: bytes and application identifiers.
#pragma once

#include <string>

#include "core/bytes.hpp"
#include "core/types.hpp"

namespace uicclab::cli {

/// 5 to 16 bytes (ISO/IEC 7816-4 8.2.1.2). Throws Exit with kUsage that names `option`.
Aid aid_option(const std::string& option, const std::string& text);
/// Bytes of any number, blanks between them allowed. Throws Exit with kUsage that names `option`.
Bytes hex_option(const std::string& option, const std::string& text);

}  // namespace uicclab::cli
