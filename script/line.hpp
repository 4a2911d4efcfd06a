// SPDX-License-Identifier: Apache-2.0
// Lines of our own format, before they are interpreted. For the files of the parser.
#pragma once

#include <optional>

#include "script/script.hpp"

namespace uicclab::script {

struct Line {
  Tokens tokens;  ///< at least one
  Place place;
  std::string text;
};

/// The lines that say something; one that ends with a backslash goes on in the next. Errors: those of tokens_of().
Result<std::vector<Line>> lines_of(std::string_view text, const std::string& file);

/// An error at a token of the line, or after the last one.
tl::unexpected<Error> complain(const Line& line, std::size_t index, std::string_view text);
/// Errors: kMalformed if the line has a token there.
Result<void> no_more(const Line& line, std::size_t index);

/// The tokens before -> go to the operands, from token `first` on; those after it to the expected answer. Errors: kMalformed.
Result<void> split(const Line& line, std::size_t first, Statement& out);
/// A statement of a block "in terminal"; nothing if the line begins with another word.
std::optional<Result<Statement>> read_terminal_statement(const Line& line);
/// A statement without its block. Errors: kMalformed with the place.
Result<Statement> read_statement(const Line& line);
/// It is followed by a block.
bool has_block(Statement::Kind kind);
/// The arguments of "use": tokens between commas.
std::vector<Tokens> arguments_of(const Statement& use);

}  // namespace uicclab::script
