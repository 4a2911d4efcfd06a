// SPDX-License-Identifier: Apache-2.0
// The state of a case in a block "in terminal": its rules, and the terminal's actions that were checked already.
#pragma once

#include <map>
#include <span>

#include "script/pattern.hpp"
#include "script/script.hpp"
#include "script/tlv_path.hpp"
#include "terminal/terminal.hpp"

namespace uicclab::script {

/// What a statement's tokens are, once the variables are known; the case knows.
class CaseValues {
 public:
  virtual ~CaseValues() = default;
  virtual Result<Bytes> value_of(const Statement& one, std::span<const Token> tokens) const = 0;
  virtual Result<Pattern> pattern_of(const Statement& one, std::span<const Token> tokens) const = 0;
};

class TerminalBlock {
 public:
  /// `card` and `values` outlive this object.
  TerminalBlock(CardPort& card, terminal::Settings settings, const CaseValues& values);
  TerminalBlock(const TerminalBlock&) = delete;
  TerminalBlock& operator=(const TerminalBlock&) = delete;

  terminal::Terminal& terminal() { return m_terminal; }

  /// What became of a statement.
  struct Done {
    std::optional<apdu::Response> last;  ///< what the checks that follow look at
    Bytes command;                       ///< its command; empty if it was none of the terminal's
    std::string failure;                 ///< why the case fails; empty: it does not
    std::vector<std::string> details;
    struct Comparison {
      std::string what;
      Pattern pattern;
      Bytes got;
    };
    std::optional<Comparison> comparison;  ///< still to be made
  };
  /// A statement of kind kOn, kMenu, kSaw, kSent, kAdvance, kEvent or kListen. Errors: those of the port and of values.
  Result<Done> carry_out(const Statement& one);
  /// What a rule could not do; once.
  std::optional<std::string> take_complaint() { return std::exchange(m_complaint, std::nullopt); }

 private:
  /// `on COMMAND ...`: what the user or the network answers.
  struct Rule {
    std::uint8_t type = 0;
    bool once = false;
    struct Condition {
      TlvPath path;
      Pattern pattern;
    };
    std::optional<Condition> condition;
    terminal::Answer answer;
    std::string item;  ///< of SELECT ITEM, by its text; empty: `answer`
  };
  using Handler = Result<Done> (TerminalBlock::*)(const Statement& one);

  Result<Done> on(const Statement& one);
  Result<Done> menu(const Statement& one);
  Result<Done> saw(const Statement& one);
  Result<Done> sent(const Statement& one);
  Result<Done> advance(const Statement& one);
  Result<Done> event(const Statement& one);
  Result<Done> listen(const Statement& one);
  std::optional<terminal::Answer> answer(const terminal::ProactiveCommand& command);

  terminal::Terminal m_terminal;
  const CaseValues& m_values;
  std::vector<Rule> m_rules;
  std::size_t m_commands = 0;  ///< looked at
  std::size_t m_messages = 0;
  std::optional<std::string> m_complaint;
};

/// The options of "in terminal": profile and location in hexadecimal digits, imei, language, time as in a timestamp (YYMMDDhhmmss). Errors:
/// kMalformed.
Result<terminal::Settings> terminal_settings(const std::map<std::string, std::string>& options);

/// The code of an event of ETSI TS 102 223 clause 8.25 by its name, LOCATION_STATUS, or two digits.
std::optional<std::uint8_t> event_code(std::string_view name);

}  // namespace uicclab::script
