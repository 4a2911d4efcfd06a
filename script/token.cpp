// SPDX-License-Identifier: Apache-2.0
#include "script/token.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace uicclab::script {
namespace {

constexpr std::string_view kSingles = "(){},|&=<>!";
constexpr std::array<std::string_view, 5> kDoubles{"->", "==", "!=", "<=", ">="};

bool is_name_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

class Lexer {
 public:
  Lexer(std::string_view line, const Place& place) : m_line(line), m_place(place) {}

  Result<Tokens> run() {
    while (true) {
      const std::size_t before = m_at;
      while (m_at < m_line.size() && std::isspace(static_cast<unsigned char>(m_line[m_at])) != 0) ++m_at;
      if (m_at == m_line.size() || m_line[m_at] == '#') break;
      m_glued = m_at == before && !m_tokens.empty();
      m_begin = m_at;
      if (auto taken = take(); !taken) return tl::unexpected(taken.error());
    }
    return std::move(m_tokens);
  }

 private:
  Result<void> take() {
    if (m_line[m_at] == '"') return string();
    if (m_line[m_at] == '$') return variable();
    for (const std::string_view op : kDoubles) {
      if (m_line.substr(m_at).starts_with(op)) return add(Token::Kind::kOperator, std::string(op), op.size());
    }
    if (m_line[m_at] == '!') return complain("'!' means nothing here: it is part of !=");
    if (kSingles.find(m_line[m_at]) != std::string_view::npos) return add(Token::Kind::kOperator, std::string(1, m_line[m_at]), 1);
    std::size_t end = m_at;
    while (end < m_line.size() && is_word_char(end)) ++end;
    if (end == m_at) return complain("a character that means nothing here");
    return add(Token::Kind::kWord, std::string(m_line.substr(m_at, end - m_at)), end - m_at);
  }

  bool is_word_char(std::size_t at) const {
    const char c = m_line[at];
    if (m_line.substr(at).starts_with("->")) return false;
    return std::isgraph(static_cast<unsigned char>(c)) != 0 && c != '"' && c != '$' && c != '#' &&
           kSingles.find(c) == std::string_view::npos;
  }

  Result<void> string() {
    std::string text;
    std::size_t at = m_at + 1;
    for (; at < m_line.size() && m_line[at] != '"'; ++at) {
      char c = m_line[at];
      if (c == '\\') {
        if (++at == m_line.size()) break;
        c = m_line[at];
        if (c == 'n')
          c = '\n';
        else if (c != '"' && c != '\\')
          return complain("after \\ comes \", \\ or n", at);
      }
      text += c;
    }
    if (at >= m_line.size()) return complain("a string without its end");
    return add(Token::Kind::kString, std::move(text), at + 1 - m_at);
  }

  Result<void> variable() {
    const bool braces = m_at + 1 < m_line.size() && m_line[m_at + 1] == '{';
    const std::size_t first = m_at + (braces ? 2 : 1);
    std::size_t end = first;
    while (end < m_line.size() && is_name_char(m_line[end])) ++end;
    const std::string name(m_line.substr(first, end - first));
    if (!is_name(name)) return complain("$ is followed by the name of a variable");
    if (braces && (end == m_line.size() || m_line[end] != '}')) return complain("${ is ended by }", end);
    return add(Token::Kind::kVariable, name, end + (braces ? 1 : 0) - m_at);
  }

  Result<void> add(Token::Kind kind, std::string text, std::size_t size) {
    m_tokens.push_back({kind, std::move(text), m_place.line, m_begin + 1, m_glued});
    m_at += size;
    return {};
  }

  Result<void> complain(std::string_view text, std::optional<std::size_t> at = std::nullopt) const {
    return fail_at({m_place.file, m_place.line, at.value_or(m_at) + 1}, text);
  }

  std::string_view m_line;
  const Place& m_place;
  Tokens m_tokens;
  std::size_t m_at = 0;
  std::size_t m_begin = 0;
  bool m_glued = false;
};

}  // namespace

std::string to_text(const Place& place) {
  return place.file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

tl::unexpected<Error> fail_at(const Place& place, std::string_view text) {
  return fail(ErrorCode::kMalformed, to_text(place) + ": " + std::string(text));
}

Result<Tokens> tokens_of(std::string_view line, const Place& place) {
  return Lexer(line, place).run();
}

bool is_hex_word(const Token& token) {
  return token.kind == Token::Kind::kWord && !token.text.empty() && token.text.size() % 2 == 0 &&
         std::ranges::all_of(token.text, [](unsigned char c) { return std::isxdigit(c) != 0; });
}

bool is_name(std::string_view text) {
  return !text.empty() && std::isdigit(static_cast<unsigned char>(text[0])) == 0 && std::ranges::all_of(text, is_name_char);
}

}  // namespace uicclab::script
