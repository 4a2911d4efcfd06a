// SPDX-License-Identifier: Apache-2.0
#include "script/recording.hpp"

#include <algorithm>

#include "core/environment.hpp"
#include "core/hex.hpp"
#include "script/pattern.hpp"

namespace uicclab::script {
namespace {

using Kind = Statement::Kind;

class RecordingReader {
 public:
  Result<void> give(const std::string& name, const std::string& text) {
    auto tokens = tokens_of(text, {"--set " + name, 1, 1});
    if (!tokens) return tl::unexpected(tokens.error());
    m_variables.set(name, *std::move(tokens));
    return {};
  }
  void set(const Statement& one) { m_variables.set(one.name, one.operands); }

  Result<void> read(const Statement& one, std::vector<Recorded>& out) {
    switch (one.kind) {
      case Kind::kReset:
        return reset(one, out);
      case Kind::kPowerOff:
        out.push_back({Recorded::Kind::kPowerOff, one.place});
        return {};
      case Kind::kProtocol:
        out.push_back({Recorded::Kind::kProtocol, one.place});
        return {};
      case Kind::kRaw:
      case Kind::kSend:
        return exchange(one, out);
      case Kind::kPrint:
        return {};
      default:
        return fail_at(one.place, "this is not part of a recording: commands with their answers, reset, power off, protocol");
    }
  }

 private:
  Result<void> reset(const Statement& one, std::vector<Recorded>& out) const {
    Recorded event{Recorded::Kind::kReset, one.place};
    if (one.expects) {
      const auto atr = fixed(one, one.expected);
      if (!atr) return tl::unexpected(atr.error());
      event.answer = *atr;
    }
    out.push_back(std::move(event));
    return {};
  }

  Result<void> exchange(const Statement& one, std::vector<Recorded>& out) {
    Recorded event{Recorded::Kind::kExchange, one.place};
    Tokens operands = one.operands;
    const auto masked = std::ranges::find_if(
        operands, [&](const Token& token) { return token.kind == Token::Kind::kVariable && m_variables.find(token.text) == nullptr; });
    if (masked != operands.end()) {
      event.masked = masked->text;
      operands.erase(masked, operands.end());
    }
    const auto expanded = m_variables.expand({one.place.file, operands});
    if (!expanded) return tl::unexpected(expanded.error());
    const auto command = evaluate({one.place.file, *expanded}, m_random, Counting::kLc);
    if (!command) return tl::unexpected(command.error());
    event.command = *command;
    if (!one.expects) return fail_at(one.place, "this command has no answer: a card cannot answer from it");
    const auto status = from_hex(one.expected.empty() ? "" : one.expected.back().text);
    if (!status || status->size() != 2) return fail_at(one.place, "the answer ends with no status word of four digits");
    const auto data = fixed(one, Tokens(one.expected.begin(), one.expected.end() - 1));
    if (!data) return tl::unexpected(data.error());
    event.answer = *data;
    append(event.answer, *status);
    out.push_back(std::move(event));
    return {};
  }

  /// The bytes of a pattern without holes.
  Result<Bytes> fixed(const Statement& one, const Tokens& tokens) const {
    if (tokens.empty() || tokens.front().is_word("none")) return Bytes{};
    const auto expanded = m_variables.expand({one.place.file, tokens});
    if (!expanded) return tl::unexpected(expanded.error());
    const auto pattern = Pattern::of({one.place.file, *expanded});
    if (!pattern) return tl::unexpected(pattern.error());
    const auto bytes = pattern->fixed();
    if (!bytes) return fail_at(one.place, "the answer has holes: only its bytes can be answered");
    return *bytes;
  }

  Variables m_variables;
  SeededRandom m_random{0};
};

}  // namespace

Result<Recording> read_recording(const Script& script, const std::map<std::string, std::string>& variables) {
  Recording out{script.file, {}, {}};
  RecordingReader reader;
  for (const Statement& one : script.globals) reader.set(one);
  for (const auto& [name, text] : variables) {
    if (auto given = reader.give(name, text); !given) return tl::unexpected(given.error());
  }
  for (const Case& one : script.cases) {
    for (const Statement& statement : one.body) {
      if (auto read = reader.read(statement, out.events); !read) return tl::unexpected(read.error());
    }
  }
  const auto told =
      std::ranges::find_if(out.events, [](const Recorded& one) { return one.kind == Recorded::Kind::kReset && !one.answer.empty(); });
  out.atr = told == out.events.end() ? Atr{0x3B, 0x00} : told->answer;
  return out;
}

}  // namespace uicclab::script
