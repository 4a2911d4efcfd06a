// SPDX-License-Identifier: Apache-2.0
// Checks of values, patterns and paths before the script runs. docs/script-format.md describes them.
#pragma once

#include <span>

#include "script/token.hpp"

namespace uicclab::script {

/// Tokens of one statement, for errors with a place.
struct Part {
  const std::string& file;
  std::span<const Token> tokens;
  Place place_of(const Token& token) const { return {file, token.line, token.column}; }
};

/// A value: hexadecimal digits, strings, variables, functions, and ( ) for a length and what it counts. Errors: kMalformed with the place.
Result<void> check_value(const Part& part);
/// What is expected of an answer: a pattern of its data, a pattern of its status word, or both.
Result<void> check_expectation(const Part& part);
/// A pattern of data.
Result<void> check_pattern(const Part& part);

/// "9000", "63Cx", "success"
bool is_status_pattern(const Token& token);

}  // namespace uicclab::script
