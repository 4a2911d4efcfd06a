// SPDX-License-Identifier: Apache-2.0
// JSON text: RFC 8259 clauses 7 (strings) and 9 (limits of a parser).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace uicclab {

/// The text as a JSON string, in quotes; what JSON does not take as it is becomes an escape.
std::string json_quoted(std::string_view text);

/// Lists and objects in one another that a text may have. Whoever walks the values recursively needs no limit of its own.
inline constexpr std::size_t kMaxJsonDepth = 64;

/// Where the text goes deeper than kMaxJsonDepth; nothing if it does not. To be asked before any parser; the text need not be JSON.
std::optional<std::size_t> json_too_deep(std::string_view text);

}  // namespace uicclab
