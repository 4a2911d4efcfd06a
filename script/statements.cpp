// SPDX-License-Identifier: Apache-2.0
// Parser of one statement of our own format.
#include <algorithm>
#include <array>

#include "script/line.hpp"
#include "script/syntax.hpp"

namespace uicclab::script {

Result<void> split(const Line& line, std::size_t first, Statement& out) {
  const auto begin = line.tokens.begin() + static_cast<std::ptrdiff_t>(first);
  const auto arrow = std::find_if(begin, line.tokens.end(), [](const Token& token) { return token.is("->"); });
  out.operands.assign(begin, arrow);
  if (arrow == line.tokens.end()) return {};
  out.expects = true;
  out.expected.assign(arrow + 1, line.tokens.end());
  if (out.expected.empty()) return complain(line, line.tokens.size(), "-> must be followed by the expected answer");
  if (out.kind == Statement::Kind::kReset) return check_pattern({line.place.file, out.expected});
  return check_expectation({line.place.file, out.expected});
}

namespace {

/// What makes a line a check.
bool compares(const Token& token) {
  static constexpr std::array<std::string_view, 6> kOperators{"==", "!=", "<", "<=", ">", ">="};
  return token.is_word("exists") || token.is_word("absent") ||
         (token.kind == Token::Kind::kOperator && std::ranges::find(kOperators, token.text) != kOperators.end());
}

Result<void> send(const Line& line, Statement& out) {
  if (auto done = split(line, 0, out); !done) return done;
  if (out.operands.empty()) return complain(line, 0, "a command is expected before ->");
  const Token& first = out.operands.front();
  const bool function = out.operands.size() > 1 && out.operands[1].is("(") && first.kind == Token::Kind::kWord;
  if (first.kind == Token::Kind::kWord && !is_hex_word(first) && !function) {
    return complain(line, 0, "'" + first.text + "' is neither a statement nor a command in hexadecimal digits");
  }
  return check_value({line.place.file, out.operands});
}

Result<void> raw(const Line& line, Statement& out) {
  if (auto done = split(line, 1, out); !done) return done;
  if (out.operands.empty()) return complain(line, 1, "raw COMMAND");
  return check_value({line.place.file, out.operands});
}

Result<void> select(const Line& line, Statement& out) {
  if (auto done = split(line, 1, out); !done) return done;
  // A path may have variables in it: its tokens are close together.
  const bool good = !out.operands.empty() && std::ranges::all_of(out.operands, [&](const Token& token) {
    return token.kind != Token::Kind::kOperator && (&token == &out.operands.front() || token.glued);
  });
  return good ? Result<void>() : Result<void>(complain(line, 1, "select FILE, for example: select EF.IMSI"));
}

Result<void> verify(const Line& line, Statement& out) {
  if (auto done = split(line, 1, out); !done) return done;
  if (out.operands.empty() || out.operands[0].kind != Token::Kind::kWord) return complain(line, 1, "verify PIN [VALUE]");
  out.name = out.operands[0].text;
  out.operands.erase(out.operands.begin());
  return check_value({line.place.file, out.operands});
}

Result<void> reset(const Line& line, Statement& out) {
  if (auto done = split(line, 1, out); !done) return done;
  return out.operands.empty() ? Result<void>() : Result<void>(complain(line, 1, "reset [-> ATR]"));
}

Result<void> power(const Line& line, Statement& out) {
  if (line.tokens.size() != 2 || (!line.tokens[1].is_word("off") && !line.tokens[1].is_word("on"))) {
    return complain(line, 1, "power off, or power on");
  }
  if (line.tokens[1].text == "on") out.kind = Statement::Kind::kReset;
  return {};
}

Result<void> protocol(const Line& line, Statement& out) {
  const bool good = line.tokens.size() == 4 && line.tokens[1].is_word("T") && line.tokens[2].is("=") &&
                    (line.tokens[3].is_word("0") || line.tokens[3].is_word("1"));
  if (!good) return complain(line, 1, "protocol T=0, or protocol T=1");
  out.name = line.tokens[3].text;
  return {};
}

Result<void> fetch(const Line& line, Statement& out) {
  if (auto done = split(line, 1, out); !done) return done;
  if (out.operands.empty()) return {};
  if (out.operands.size() != 1 || out.operands[0].kind != Token::Kind::kWord) return complain(line, 1, "fetch [COMMAND] [-> PATTERN]");
  out.name = out.operands[0].text;
  return {};
}

Result<void> answer(const Line& line, Statement& out) {
  if (auto done = split(line, 1, out); !done) return done;
  if (out.operands.empty()) return complain(line, 1, "answer RESULT [DATA OBJECTS], for example: answer 00");
  return check_value({line.place.file, out.operands});
}

Result<void> check(const Line& line, Statement& out) {
  std::size_t at = 0;
  while (at < line.tokens.size() && !compares(line.tokens[at])) ++at;
  out.name = line.tokens[at].text;
  out.operands.assign(line.tokens.begin(), line.tokens.begin() + static_cast<std::ptrdiff_t>(at));
  const bool masked = out.operands.size() == 3 && out.operands[1].is("&") && is_hex_word(out.operands[2]);
  const bool plain = out.operands.size() == 1;
  if ((!masked && !plain) || (out.operands[0].kind != Token::Kind::kWord && out.operands[0].kind != Token::Kind::kVariable)) {
    return complain(line, 0, "a check is PATH [& MASK] == PATTERN, or PATH exists");
  }
  if (out.name == "exists" || out.name == "absent") return no_more(line, at + 1);
  out.expected.assign(line.tokens.begin() + static_cast<std::ptrdiff_t>(at) + 1, line.tokens.end());
  if (out.expected.empty()) return complain(line, line.tokens.size(), "something to compare with is expected");
  const Part part{line.place.file, out.expected};
  return out.name == "==" || out.name == "!=" ? check_pattern(part) : check_value(part);
}

Result<void> set(const Line& line, Statement& out) {
  const bool good =
      line.tokens.size() >= 3 && line.tokens[1].kind == Token::Kind::kWord && is_name(line.tokens[1].text) && line.tokens[2].is("=");
  if (!good) return complain(line, 1, "set NAME = VALUE");
  out.name = line.tokens[1].text;
  out.operands.assign(line.tokens.begin() + 3, line.tokens.end());
  return check_value({line.place.file, out.operands});
}

Result<void> capture(const Line& line, Statement& out) {
  const bool good = line.tokens.size() == 4 && line.tokens[1].kind == Token::Kind::kWord && is_name(line.tokens[1].text) &&
                    line.tokens[2].is("=") && line.tokens[3].kind == Token::Kind::kWord;
  if (!good) return complain(line, 1, "capture NAME = PATH, for example: capture size = 62/80");
  out.name = line.tokens[1].text;
  out.operands = {line.tokens[3]};
  return {};
}

Result<void> loop(const Line& line, Statement& out) {
  const std::size_t size = line.tokens.size();
  const bool good = size >= 5 && line.tokens[1].kind == Token::Kind::kWord && is_name(line.tokens[1].text) && line.tokens[2].is_word("in");
  if (!good) return complain(line, 1, "for NAME in VALUES {, for example: for fid in 2FE2 2F00 {, or: for i in 1..10 {");
  out.name = line.tokens[1].text;
  out.operands.assign(line.tokens.begin() + 3, line.tokens.end() - 1);
  return {};
}

Result<void> use(const Line& line, Statement& out) {
  if (line.tokens.size() < 2 || line.tokens[1].kind != Token::Kind::kWord) return complain(line, 1, "use NAME [VALUE, ...]");
  out.name = line.tokens[1].text;
  out.operands.assign(line.tokens.begin() + 2, line.tokens.end());
  return {};
}

Result<void> options(const Line& line, std::span<const std::string_view> known, Statement& out) {
  if (!line.tokens.back().is("{")) return complain(line, line.tokens.size(), "{ is expected");
  for (std::size_t i = 2; i + 1 < line.tokens.size(); i += 2) {
    if (line.tokens[i].kind != Token::Kind::kWord || std::ranges::find(known, line.tokens[i].text) == known.end()) {
      std::string text = "one of these is expected:";
      for (const std::string_view word : known) text += " " + std::string(word);
      return complain(line, i, text);
    }
    if (i + 2 >= line.tokens.size() || line.tokens[i + 1].kind == Token::Kind::kOperator)
      return complain(line, i + 1, "a value is expected");
    out.operands.push_back(line.tokens[i]);
    out.operands.push_back(line.tokens[i + 1]);
  }
  return {};
}

Result<void> secure(const Line& line, Statement& out) {
  if (line.tokens.size() >= 2 && line.tokens[1].is_word("terminal")) {
    static constexpr std::array<std::string_view, 5> kOfTerminal{"profile", "location", "imei", "language", "time"};
    out.kind = Statement::Kind::kTerminal;
    return options(line, kOfTerminal, out);
  }
  if (line.tokens.size() < 2 || !line.tokens[1].is_word("scp03")) return complain(line, 1, "in scp03 [level 33] {, or in terminal {");
  static constexpr std::array<std::string_view, 4> kKnown{"level", "kvn", "card", "aid"};
  return options(line, kKnown, out);
}

Result<void> over_air(const Line& line, Statement& out) {
  if (line.tokens.size() < 2 || !line.tokens[1].is_word("ota")) return complain(line, 1, "over ota tar B00140 {");
  static constexpr std::array<std::string_view, 7> kKnown{"tar", "keys", "spi", "kic", "kid", "format", "card"};
  return options(line, kKnown, out);
}

Result<void> print(const Line& line, Statement& out) {
  out.operands.assign(line.tokens.begin() + 1, line.tokens.end());
  return {};
}

}  // namespace

bool has_block(Statement::Kind kind) {
  return kind == Statement::Kind::kFor || kind == Statement::Kind::kSecure || kind == Statement::Kind::kOverAir ||
         kind == Statement::Kind::kTerminal;
}

std::vector<Tokens> arguments_of(const Statement& use) {
  std::vector<Tokens> out;
  for (const Token& token : use.operands) {
    if (out.empty() || token.is(",")) out.emplace_back();
    if (!token.is(",")) out.back().push_back(token);
  }
  return out;
}

Result<Statement> read_statement(const Line& line) {
  using Kind = Statement::Kind;
  using Maker = Result<void> (*)(const Line& line, Statement& out);
  struct Known {
    std::string_view word;
    Kind kind;
    Maker make;
  };
  static constexpr std::array<Known, 15> kKnown{{{"raw", Kind::kRaw, raw},
                                                 {"select", Kind::kSelect, select},
                                                 {"verify", Kind::kVerify, verify},
                                                 {"reset", Kind::kReset, reset},
                                                 {"power", Kind::kPowerOff, power},
                                                 {"protocol", Kind::kProtocol, protocol},
                                                 {"fetch", Kind::kFetch, fetch},
                                                 {"answer", Kind::kAnswer, answer},
                                                 {"set", Kind::kSet, set},
                                                 {"capture", Kind::kCapture, capture},
                                                 {"for", Kind::kFor, loop},
                                                 {"use", Kind::kUse, use},
                                                 {"in", Kind::kSecure, secure},
                                                 {"over", Kind::kOverAir, over_air},
                                                 {"print", Kind::kPrint, print}}};
  if (auto of_terminal = read_terminal_statement(line)) return *std::move(of_terminal);
  Statement out{Kind::kSend, line.place, line.text, {}, {}, {}};
  const Token& first = line.tokens.front();
  const auto found = std::ranges::find_if(kKnown, [&](const Known& one) { return first.is_word(one.word); });
  Maker make = send;
  if (found != kKnown.end()) {
    out.kind = found->kind;
    make = found->make;
  } else if (std::ranges::any_of(line.tokens, compares)) {
    out.kind = Kind::kCheck;
    make = check;
  }
  if (auto made = make(line, out); !made) return tl::unexpected(made.error());
  return out;
}

}  // namespace uicclab::script
