// SPDX-License-Identifier: Apache-2.0
#include "fault/rule.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/hex.hpp"
#include "script/file_names.hpp"
#include "script/value.hpp"

namespace uicclab::fault {
namespace {

using script::Token;
using script::Tokens;

constexpr std::uint64_t kMostMilliseconds = 3600'000;

/// Reads a rule word by word.
class Reader {
 public:
  explicit Reader(const Tokens& tokens) : m_tokens(tokens) {}

  Result<Rule> run();

 private:
  using Condition = Result<void> (Reader::*)(Conditions&);
  struct Known {
    std::string_view word;
    Condition read;
  };
  static const Known* find_condition(const Token& token);

  bool at_end() const { return m_at == m_tokens.size(); }
  bool at_condition() const { return !at_end() && find_condition(m_tokens[m_at]) != nullptr; }
  tl::unexpected<Error> complain(std::string_view text) const {
    const std::size_t column =
        at_end() ? (m_tokens.empty() ? 1 : m_tokens.back().column + m_tokens.back().text.size()) : m_tokens[m_at].column;
    return script::fail_at({m_file, 1, column}, text);
  }
  bool take(std::string_view word) {
    if (at_end() || !m_tokens[m_at].is_word(word)) return false;
    ++m_at;
    return true;
  }
  Result<std::uint64_t> number(std::uint64_t least, std::uint64_t most, std::string_view what);
  /// The tokens up to the next condition.
  script::Part rest() {
    const std::size_t first = m_at;
    while (!at_end() && !at_condition()) ++m_at;
    return {m_file, std::span(m_tokens).subspan(first, m_at - first)};
  }

  Result<void> delay(Action& out);
  Result<void> drop(Action& out);
  Result<void> cut(Action& out);
  Result<void> mutate(Action& out);

  Result<void> ins(Conditions& out);
  Result<void> command(Conditions& out);
  Result<void> file(Conditions& out);
  Result<void> nth(Conditions& out);
  Result<void> times(Conditions& out);
  Result<void> chance(Conditions& out);
  Result<void> seed(Conditions& out);

  const Tokens& m_tokens;
  std::size_t m_at = 0;
  const std::string m_file = "rule";
};

const Reader::Known* Reader::find_condition(const Token& token) {
  static constexpr std::array<Known, 7> kConditions{{{"ins", &Reader::ins},
                                                     {"command", &Reader::command},
                                                     {"file", &Reader::file},
                                                     {"nth", &Reader::nth},
                                                     {"times", &Reader::times},
                                                     {"chance", &Reader::chance},
                                                     {"seed", &Reader::seed}}};
  const auto found = std::ranges::find_if(kConditions, [&](const Known& one) { return token.is_word(one.word); });
  return found == kConditions.end() ? nullptr : &*found;
}

Result<std::uint64_t> Reader::number(std::uint64_t least, std::uint64_t most, std::string_view what) {
  std::uint64_t out = 0;
  const std::string& text = at_end() ? std::string() : m_tokens[m_at].text;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || out < least || out > most) {
    return complain(std::string(what) + " is expected, from " + std::to_string(least) + " to " + std::to_string(most));
  }
  ++m_at;
  return out;
}

Result<void> Reader::delay(Action& out) {
  const auto time = number(1, kMostMilliseconds, "a number of milliseconds");
  if (!time) return tl::unexpected(time.error());
  out.kind = Action::Kind::kDelay;
  out.delay = std::chrono::milliseconds(*time);
  return {};
}

Result<void> Reader::drop(Action& out) {
  if (take("request")) {
    out.kind = Action::Kind::kDropCommand;
  } else {
    take("answer");
    out.kind = Action::Kind::kDropAnswer;
  }
  return {};
}

Result<void> Reader::cut(Action& out) {
  if (take("write")) {
    const auto write = number(1, 1'000'000, "the number of a write");
    if (!write) return tl::unexpected(write.error());
    out.kind = Action::Kind::kCutWrite;
    out.write = static_cast<std::uint32_t>(*write);
  } else if (take("request")) {
    out.kind = Action::Kind::kCutCommand;
  } else {
    take("answer");
    out.kind = Action::Kind::kCutAnswer;
  }
  return {};
}

Result<void> Reader::mutate(Action& out) {
  out.kind = Action::Kind::kMutate;
  if (at_end() || at_condition()) return complain("a part of the answer is expected: data, data[3], sw, or a path like 62/83");
  const auto path = script::TlvPath::of(m_tokens[m_at].text);
  if (!path) return complain(path.error().text);
  out.path = *path;
  ++m_at;
  if (take("random")) {
    out.change = Action::Change::kRandom;
    return {};
  }
  if (take("remove")) {
    out.change = Action::Change::kRemove;
    return out.path.is_status() ? Result<void>(complain("a status word cannot be removed")) : Result<void>();
  }
  out.change = take("xor") ? Action::Change::kXor : Action::Change::kReplace;
  const script::Part part = rest();
  if (part.tokens.empty()) return complain("a value is expected, or xor VALUE, random, remove");
  SeededRandom random(1);
  auto value = script::evaluate(part, random);
  if (!value) return tl::unexpected(value.error());
  out.value = *std::move(value);
  if (out.path.is_status() && !out.path.is_partial() && out.value.size() != 2) return complain("a status word has two bytes");
  if (out.value.empty() && out.change == Action::Change::kXor) return complain("xor needs a value");
  return {};
}

Result<void> Reader::ins(Conditions& out) {
  const auto value = from_hex(at_end() ? std::string_view() : m_tokens[m_at].text);
  if (!value || value->size() != 1) return complain("an instruction byte is expected, for example A4");
  out.ins = value->front();
  ++m_at;
  return {};
}

Result<void> Reader::command(Conditions& out) {
  const script::Part part = rest();
  if (part.tokens.empty()) return complain("a pattern of the command is expected, for example 00A4 ..");
  if (auto checked = script::check_pattern(part); !checked) return checked;
  auto pattern = script::Pattern::of(part);
  if (!pattern) return tl::unexpected(pattern.error());
  out.command = *std::move(pattern);
  return {};
}

Result<void> Reader::file(Conditions& out) {
  const auto path = at_end() ? std::nullopt : script::path_of_file(m_tokens[m_at].text, {});
  if (!path) return complain("a file is expected: its name, or a path like ADF.USIM/6F07");
  out.file = *path;
  ++m_at;
  return {};
}

Result<void> Reader::nth(Conditions& out) {
  const auto value = number(1, UINT32_MAX, "which of the commands");
  if (!value) return tl::unexpected(value.error());
  out.nth = *value;
  return {};
}

Result<void> Reader::times(Conditions& out) {
  const auto value = number(1, UINT32_MAX, "how often");
  if (!value) return tl::unexpected(value.error());
  out.times = *value;
  return {};
}

Result<void> Reader::chance(Conditions& out) {
  const auto value = number(1, 100, "a chance in percent");
  if (!value) return tl::unexpected(value.error());
  out.chance = static_cast<unsigned>(*value);
  return {};
}

Result<void> Reader::seed(Conditions& out) {
  const auto value = number(0, UINT32_MAX, "a seed");
  if (!value) return tl::unexpected(value.error());
  out.seed = *value;
  return {};
}

Result<Rule> Reader::run() {
  struct Act {
    std::string_view word;
    Result<void> (Reader::*read)(Action&);
  };
  static constexpr std::array<Act, 4> kActions{
      {{"delay", &Reader::delay}, {"drop", &Reader::drop}, {"cut", &Reader::cut}, {"mutate", &Reader::mutate}}};
  const auto action = std::ranges::find_if(kActions, [&](const Act& one) { return take(one.word); });
  if (action == kActions.end()) return complain("a rule begins with delay, drop, cut or mutate");
  Rule out;
  if (auto done = (this->*action->read)(out.action); !done) return tl::unexpected(done.error());
  while (!at_end()) {
    const Known* condition = find_condition(m_tokens[m_at]);
    if (condition == nullptr) return complain("a condition is expected: ins, command, file, nth, times, chance, seed");
    ++m_at;
    if (auto done = (this->*condition->read)(out.conditions); !done) return tl::unexpected(done.error());
  }
  return out;
}

}  // namespace

Result<Rule> Rule::parse(std::string_view text) {
  const auto tokens = script::tokens_of(text, {"rule", 1, 1});
  if (!tokens) return tl::unexpected(tokens.error());
  auto rule = Reader(*tokens).run();
  if (rule) rule->text = text;
  return rule;
}

}  // namespace uicclab::fault
