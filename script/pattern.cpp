// SPDX-License-Identifier: Apache-2.0
#include "script/pattern.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace uicclab::script {
namespace {

constexpr std::size_t kMost = 65536;

bool is_x(char c) {
  return c == 'x' || c == 'X';
}

bool is_digit_or_x(char c) {
  return is_x(c) || std::isxdigit(static_cast<unsigned char>(c)) != 0;
}

std::uint8_t digit(char c) {
  return is_x(c) ? std::uint8_t{0} : static_cast<std::uint8_t>(detail::hex_value(c));
}

/// "[4]", "[2-10]", "[2-]"
std::optional<std::pair<std::size_t, std::size_t>> range_of(std::string_view text) {
  if (!text.starts_with('[') || !text.ends_with(']')) return std::nullopt;
  text = text.substr(1, text.size() - 2);
  std::size_t least = 0;
  std::size_t most = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), least);
  if (error != std::errc() || least > kMost) return std::nullopt;
  if (end == text.data() + text.size()) return std::pair{least, least};
  if (*end != '-') return std::nullopt;
  if (++end == text.data() + text.size()) return std::pair{least, kMost};
  auto [last, wrong] = std::from_chars(end, text.data() + text.size(), most);
  if (wrong != std::errc() || last != text.data() + text.size() || most < least || most > kMost) return std::nullopt;
  return std::pair{least, most};
}

/// Where the status word begins: behind the data, "SW" or "SW or SW ...".
std::size_t status_begin(std::span<const Token> tokens) {
  std::size_t begin = tokens.size() - 1;
  while (begin >= 2 && tokens[begin - 1].is_word("or")) begin -= 2;
  return begin;
}

}  // namespace

Result<Pattern> Pattern::of(const Part& part) {
  Pattern out;
  for (const Token& token : part.tokens) {
    if (!out.m_text.empty() && !token.glued) out.m_text += ' ';
    out.m_text += token.kind == Token::Kind::kString ? "\"" + token.text + "\"" : token.text;
    if (token.kind == Token::Kind::kString) {
      for (const char c : token.text) out.m_pieces.push_back({static_cast<std::uint8_t>(c)});
    } else if (token.kind == Token::Kind::kOperator) {
      return fail_at(part.place_of(token), "'" + token.text + "' is not part of a pattern");
    } else if (token.kind == Token::Kind::kVariable) {
      out.m_pieces.push_back({0, 0, 0, kMost});
    } else if (token.text == "..") {
      out.m_pieces.push_back({0, 0, 0, kMost});
    } else if (const auto range = range_of(token.text)) {
      out.m_pieces.push_back({0, 0, range->first, range->second});
    } else if (token.text == "none") {
      if (part.tokens.size() != 1) return fail_at(part.place_of(token), "none must be the only pattern");
    } else if (std::ranges::all_of(token.text, is_digit_or_x)) {
      if (token.text.size() % 2 != 0) return fail_at(part.place_of(token), "half a byte is missing: a byte is two digits, or x for any");
      for (std::size_t i = 0; i < token.text.size(); i += 2) {
        const char high = token.text[i];
        const char low = token.text[i + 1];
        out.m_pieces.push_back({static_cast<std::uint8_t>((digit(high) << 4) | digit(low)),
                                static_cast<std::uint8_t>((is_x(high) ? 0 : 0xF0) | (is_x(low) ? 0 : 0x0F))});
      }
    } else {
      return fail_at(part.place_of(token), "'" + token.text +
                                               "' is not a pattern: hexadecimal digits, x for any digit, .. for any bytes, [4] or [2-10] "
                                               "for that many, none for no data");
    }
  }
  return out;
}

std::optional<std::size_t> Pattern::mismatch(BytesView bytes) const {
  // The offsets where the next piece may begin; those of a range are all that it can reach.
  std::vector<bool> here(bytes.size() + 1);
  here[0] = true;
  std::size_t farthest = 0;
  for (const Piece& piece : m_pieces) {
    std::vector<bool> next(bytes.size() + 1);
    bool any = false;
    std::size_t until = 0;  // filled so far, where ranges overlap
    for (std::size_t at = 0; at <= bytes.size(); ++at) {
      if (!here[at]) continue;
      farthest = std::max(farthest, at);
      if (piece.least == 1 && piece.most == 1 && piece.mask != 0) {
        if (at < bytes.size() && (bytes[at] & piece.mask) == (piece.value & piece.mask)) any = next[at + 1] = true;
        continue;
      }
      const std::size_t last = std::min(bytes.size(), at + piece.most);
      for (std::size_t to = std::max(until, at + piece.least); to <= last; ++to) any = next[to] = true;
      until = std::max(until, last + 1);
    }
    if (!any) return piece.least > 1 ? bytes.size() : farthest;
    here = std::move(next);
  }
  if (here[bytes.size()]) return std::nullopt;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (here[at]) farthest = at;
  }
  return farthest;
}

std::optional<Bytes> Pattern::fixed() const {
  Bytes out;
  for (const Piece& piece : m_pieces) {
    if (piece.mask != 0xFF) return std::nullopt;
    out.push_back(piece.value);
  }
  return out;
}

void StatusPattern::add(std::string_view word) {
  if (word == "success") {
    for (const std::string_view one : {"9000", "91xx", "92xx"}) add(one);
    return;
  }
  Alternative out{0, 0};
  for (const char c : word) {
    out.value = static_cast<std::uint16_t>((out.value << 4) | digit(c));
    out.mask = static_cast<std::uint16_t>((out.mask << 4) | (is_x(c) ? 0 : 0x0F));
  }
  m_alternatives.push_back(out);
}

StatusPattern StatusPattern::success() {
  StatusPattern out;
  out.add("success");
  out.m_text = "success";
  return out;
}

Result<StatusPattern> StatusPattern::of(const Part& part) {
  StatusPattern out;
  bool wants_or = false;
  for (const Token& token : part.tokens) {
    if (wants_or ? !token.is_word("or") : !is_status_pattern(token)) {
      return fail_at(part.place_of(token), "'" + token.text + "' is not a status word: four hexadecimal digits, x for any, or success");
    }
    if (!wants_or) out.add(token.text);
    if (!out.m_text.empty()) out.m_text += ' ';
    out.m_text += token.text;
    wants_or = !wants_or;
  }
  return out;
}

bool StatusPattern::fits(StatusWord status) const {
  return std::ranges::any_of(m_alternatives, [&](const Alternative& one) { return (status.value & one.mask) == (one.value & one.mask); });
}

bool StatusPattern::is_of_transmission() const {
  return std::ranges::all_of(m_alternatives, [](const Alternative& one) {
    const int sw1 = one.value >> 8;
    return (one.mask & 0xFF00) == 0xFF00 && (sw1 == 0x61 || sw1 == 0x6C || sw1 == 0x9F);
  });
}

Result<Expectation> Expectation::of(const Part& part) {
  const std::size_t begin = status_begin(part.tokens);
  auto status = StatusPattern::of({part.file, part.tokens.subspan(begin)});
  if (!status) return tl::unexpected(status.error());
  Expectation out{std::nullopt, *std::move(status)};
  if (begin > 0) {
    auto data = Pattern::of({part.file, part.tokens.first(begin)});
    if (!data) return tl::unexpected(data.error());
    out.data = *std::move(data);
  }
  return out;
}

bool is_status_pattern(const Token& token) {
  return token.is_word("success") ||
         (token.kind == Token::Kind::kWord && token.text.size() == 4 && std::ranges::all_of(token.text, is_digit_or_x));
}

Result<void> check_pattern(const Part& part) {
  const auto pattern = Pattern::of(part);
  if (!pattern) return tl::unexpected(pattern.error());
  return {};
}

Result<void> check_expectation(const Part& part) {
  const std::size_t begin = status_begin(part.tokens);
  const auto status = part.tokens.subspan(begin);
  const bool open = std::ranges::any_of(status, [](const Token& token) { return token.kind == Token::Kind::kVariable; });
  if (!open) {
    const auto pattern = StatusPattern::of({part.file, status});
    if (!pattern) return tl::unexpected(pattern.error());
  }
  return check_pattern({part.file, part.tokens.first(begin)});
}

}  // namespace uicclab::script
