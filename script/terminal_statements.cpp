// SPDX-License-Identifier: Apache-2.0
// Parser of the statements of a block "in terminal". Their execution: terminal_block.cpp.
#include <algorithm>
#include <array>
#include <charconv>

#include "script/explain.hpp"
#include "script/line.hpp"
#include "script/syntax.hpp"
#include "script/terminal_block.hpp"
#include "script/tlv_path.hpp"

namespace uicclab::script {
namespace {

bool is_verb(const Token& token) {
  return token.is_word("answer") || token.is_word("choose") || token.is_word("type");
}

Result<void> need_command(const Line& line, std::size_t at) {
  if (at < line.tokens.size() && line.tokens[at].kind == Token::Kind::kWord && proactive_type(line.tokens[at].text)) return {};
  return complain(line, at, "a proactive command is expected, for example DISPLAY_TEXT or 21");
}

Result<void> on(const Line& line, Statement& out) {
  if (auto known = need_command(line, 1); !known) return known;
  out.name = line.tokens[1].text;
  out.operands.assign(line.tokens.begin() + 2, line.tokens.end());
  const auto verb = std::ranges::find_if(out.operands, is_verb);
  const auto verb_at = static_cast<std::size_t>(verb - out.operands.begin()) + 2;
  if (verb == out.operands.end() || verb + 1 == out.operands.end()) {
    return complain(line, line.tokens.size(), "answer RESULT [DATA OBJECTS], choose ITEM or type VALUE is expected");
  }
  std::size_t at = 2;
  if (line.tokens[at].is_word("once")) ++at;
  if (line.tokens[at].is_word("if")) {
    if (verb_at < at + 4 || !line.tokens[at + 2].is("==")) return complain(line, at + 1, "a condition is PATH == PATTERN");
    if (const auto path = TlvPath::of(line.tokens[at + 1].text); !path) return complain(line, at + 1, path.error().text);
    const std::span all(line.tokens);
    if (auto checked = check_pattern({line.place.file, all.subspan(at + 3, verb_at - at - 3)}); !checked) return checked;
    at = verb_at;
  }
  if (at != verb_at) return complain(line, at, "once, if, answer, choose or type is expected");
  return check_value({line.place.file, std::span(out.operands).subspan(verb_at - 1)});
}

Result<void> menu(const Line& line, Statement& out) {
  if (auto done = split(line, 1, out); !done) return done;
  const bool help = out.operands.size() == 2 && out.operands[1].is_word("help");
  return out.operands.size() == 1 || help ? Result<void>()
                                          : Result<void>(complain(line, 1, "menu ITEM [help], for example: menu \"Settings\""));
}

Result<void> saw(const Line& line, Statement& out) {
  if (line.tokens.size() == 2 && line.tokens[1].is_word("nothing")) return {};
  if (auto known = need_command(line, 1); !known) return known;
  out.name = line.tokens[1].text;
  if (line.tokens.size() == 2) return {};
  if (!line.tokens[2].is_word("answered")) return complain(line, 2, "answered PATTERN is expected");
  out.expects = true;
  out.expected.assign(line.tokens.begin() + 3, line.tokens.end());
  if (out.expected.empty()) return complain(line, 3, "a pattern of the result is expected, for example 00");
  return check_pattern({line.place.file, out.expected});
}

Result<void> sent(const Line& line, Statement& out) {
  if (line.tokens.size() < 3 || !line.tokens[1].is("->")) return complain(line, 1, "sent -> PATTERN");
  out.expects = true;
  out.expected.assign(line.tokens.begin() + 2, line.tokens.end());
  return check_pattern({line.place.file, out.expected});
}

Result<void> advance(const Line& line, Statement& out) {
  std::size_t seconds = 0;
  const std::string text = line.tokens.size() == 2 ? line.tokens[1].text : "";
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || seconds > 1'000'000)
    return complain(line, 1, "advance SECONDS");
  out.name = text;
  return {};
}

Result<void> event(const Line& line, Statement& out) {
  if (auto done = split(line, 1, out); !done) return done;
  if (out.operands.empty() || !event_code(out.operands[0].text))
    return complain(line, 1, "event EVENT [DATA OBJECTS], for example: event IDLE_SCREEN");
  out.name = out.operands[0].text;
  out.operands.erase(out.operands.begin());
  return check_value({line.place.file, out.operands});
}

Result<void> listen(const Line& line, Statement& out) {
  const auto is = [&](std::size_t at, std::initializer_list<std::string_view> words) {
    return at < line.tokens.size() && std::ranges::any_of(words, [&](std::string_view word) { return line.tokens[at].is_word(word); });
  };
  unsigned port = 0;
  const std::string text = line.tokens.size() > 2 ? line.tokens[2].text : "";
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool number = !text.empty() && error == std::errc() && end == text.data() + text.size() && port > 0 && port <= 65535;
  const bool echo = is(3, {"echo"}) && line.tokens.size() == 4;
  const bool answers = is(3, {"answer"}) && line.tokens.size() > 4;
  if (!is(1, {"udp", "tcp"}) || !number || (!echo && !answers))
    return complain(line, 1, "listen udp|tcp PORT echo, or listen udp|tcp PORT answer VALUE");
  out.name = line.tokens[1].text;
  out.operands.assign(line.tokens.begin() + 2, line.tokens.end());
  return answers ? check_value({line.place.file, std::span(out.operands).subspan(2)}) : Result<void>();
}

}  // namespace

std::optional<Result<Statement>> read_terminal_statement(const Line& line) {
  using Kind = Statement::Kind;
  struct Known {
    std::string_view word;
    Kind kind;
    Result<void> (*make)(const Line&, Statement&);
  };
  static constexpr std::array<Known, 7> kKnown{{{"on", Kind::kOn, on},
                                                {"menu", Kind::kMenu, menu},
                                                {"saw", Kind::kSaw, saw},
                                                {"sent", Kind::kSent, sent},
                                                {"advance", Kind::kAdvance, advance},
                                                {"event", Kind::kEvent, event},
                                                {"listen", Kind::kListen, listen}}};
  const auto found = std::ranges::find_if(kKnown, [&](const Known& one) { return line.tokens.front().is_word(one.word); });
  if (found == kKnown.end()) return std::nullopt;
  Statement out{found->kind, line.place, line.text, {}, {}, {}};
  if (auto made = found->make(line, out); !made) return tl::unexpected(made.error());
  return out;
}

}  // namespace uicclab::script
