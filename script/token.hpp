// SPDX-License-Identifier: Apache-2.0
// Lines of a script as tokens. docs/script-format.md describes the format.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace uicclab::script {

/// A place in a text; line and column count from 1.
struct Place {
  std::string file;
  std::size_t line = 0;
  std::size_t column = 0;
};

/// "first.script:12:5"
std::string to_text(const Place& place);

/// kMalformed with the place in front of the text: "first.script:12:5: an odd number of hexadecimal digits".
tl::unexpected<Error> fail_at(const Place& place, std::string_view text);

struct Token {
  enum class Kind {
    kWord,      ///< hexadecimal digits, names, TLV paths, patterns
    kString,    ///< "..." without its quotes, escapes resolved
    kVariable,  ///< $name or ${name}, without $ and braces
    kOperator,  ///< -> == != <= >= < > = & ( ) { } , |
  };
  Kind kind;
  std::string text;
  std::size_t line = 0;
  std::size_t column = 0;
  bool glued = false;  ///< nothing is between it and the token before

  bool is(std::string_view op) const { return kind == Kind::kOperator && text == op; }
  bool is_word(std::string_view word) const { return kind == Kind::kWord && text == word; }
};

using Tokens = std::vector<Token>;

/// The tokens of one line; a # that is no part of a string begins a comment. Errors: kMalformed, with `place` for its file and line.
Result<Tokens> tokens_of(std::string_view line, const Place& place);

/// A token of hexadecimal digits, of which there is an even number.
bool is_hex_word(const Token& token);

/// A name of a variable, a block or a column: a letter or _, then letters, digits and _.
bool is_name(std::string_view text);

}  // namespace uicclab::script
