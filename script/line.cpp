// SPDX-License-Identifier: Apache-2.0
#include "script/line.hpp"

#include <algorithm>

#include "core/ascii.hpp"

namespace uicclab::script {
namespace {}  // namespace

Result<std::vector<Line>> lines_of(std::string_view text, const std::string& file) {
  std::vector<Line> lines;
  bool goes_on = false;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
    const bool more = line.ends_with('\\');
    if (more) line.remove_suffix(1);
    auto tokens = tokens_of(line, {file, number, 1});
    if (!tokens) return tl::unexpected(tokens.error());
    if (!goes_on && tokens->empty()) continue;
    if (goes_on) {
      lines.back().tokens.insert(lines.back().tokens.end(), tokens->begin(), tokens->end());
      lines.back().text += " " + std::string(trimmed(line));
    } else {
      const std::size_t column = tokens->front().column;
      lines.push_back({*std::move(tokens), {file, number, column}, std::string(trimmed(line))});
    }
    goes_on = more;
  }
  return lines;
}

tl::unexpected<Error> complain(const Line& line, std::size_t index, std::string_view text) {
  const Token& token = line.tokens[std::min(index, line.tokens.size() - 1)];
  const std::size_t behind = index < line.tokens.size() ? 0 : token.text.size();
  return fail_at({line.place.file, token.line, token.column + behind}, text);
}

Result<void> no_more(const Line& line, std::size_t index) {
  if (index < line.tokens.size()) return complain(line, index, "nothing is expected here");
  return {};
}

}  // namespace uicclab::script
