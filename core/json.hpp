// SPDX-License-Identifier: Apache-2.0
// JSON text, for output only: RFC 8259 clause 7.
#pragma once

#include <string>
#include <string_view>

namespace uicclab {

/// The text as a JSON string, in quotes; what JSON does not take as it is becomes an escape.
std::string json_quoted(std::string_view text);

}  // namespace uicclab
