// SPDX-License-Identifier: Apache-2.0
// One case of a script, run on one card.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "core/card_port.hpp"
#include "core/environment.hpp"
#include "core/status_word.hpp"
#include "script/script.hpp"

namespace uicclab::script {

/// The ports between the script and the card in the blocks "in scp03" and "over ota"; made by the owner of the keys.
class PortMaker {
 public:
  using Options = std::map<std::string, std::string>;
  virtual ~PortMaker() = default;
  /// A secure channel on `card` with the application that is selected. Errors: why it was not opened.
  virtual Result<std::unique_ptr<CardPort>> secure_channel(CardPort& card, const Options& options) = 0;
  /// `card` behind secured short messages; it was reset for it.
  virtual Result<std::unique_ptr<CardPort>> over_the_air(CardPort& card, const Options& options) = 0;
};

/// One command and its answer.
struct Exchange {
  Place place;
  Bytes command;
  Bytes data;
  StatusWord status;
};

/// Why a case did not pass.
struct Failure {
  Place place;
  std::string statement;                  ///< the line
  std::string text;                       ///< in one line
  std::vector<std::string> details = {};  ///< what was expected and what came, decoded
};

/// What became of a case.
struct CaseResult {
  enum class Outcome {
    kPassed,
    kFailed,   ///< the card answered something else
    kError,    ///< the script is wrong, or the card is gone
    kSkipped,  ///< it was not run, or not to its end
  };
  std::string file;
  std::string name;
  Place place;
  std::set<std::string> tags;
  std::string clause;
  Outcome outcome = Outcome::kPassed;
  std::optional<Failure> failure;  ///< also why it was skipped
  std::vector<Exchange> exchanges;
  std::vector<std::string> printed;
  std::size_t checks = 0;  ///< things that could have been otherwise
  std::chrono::microseconds time{0};
};

std::string_view to_text(CaseResult::Outcome outcome);

/// A case with the row of its table.
struct CaseRun {
  const Script* script = nullptr;
  const Case* one = nullptr;
  const Case::Row* row = nullptr;  ///< null without a table
  std::size_t repetition = 0;      ///< from 0

  /// The name with the values of the row in the places of $name, and "(2)" for the second time.
  std::string name() const;
};

struct CaseOptions {
  std::map<std::string, std::string> variables;  ///< from outside; they come before those of the script
  std::size_t most_statements = 1000000;         ///< executed in one case
  bool network = true;  ///< a block "in terminal" reaches ports of this machine that the script does not serve itself
};

/// Resets the card, runs setup, body and teardown, and switches the card off. Never throws for what a script or a card does.
CaseResult run_case(const CaseRun& run, CardPort& card, PortMaker& ports, Random& random, const CaseOptions& options);

}  // namespace uicclab::script
