// SPDX-License-Identifier: Apache-2.0
// All cases of several scripts: which of them run, on how many cards at a time, and who gets the results.
#pragma once

#include <optional>

#include "script/case_runner.hpp"

namespace uicclab::script {

/// A card for one case, and the objects that it uses.
class TestCard {
 public:
  virtual ~TestCard() = default;
  virtual CardPort& port() = 0;
  virtual PortMaker& ports() = 0;
  virtual Random& random() = 0;
  /// After the case, whatever became of it: puts back what is to be put back. Errors: what is not as before.
  virtual Result<void> finish() { return {}; }
};

/// Where cards come from.
class CardSource {
 public:
  virtual ~CardSource() = default;
  /// A card as it was before the run, off; or the only one there is. `number` is that of the case among all, from 0: with it a source
  /// with a seed gives the same randomness again. Called by several threads at a time if the run has several jobs.
  virtual Result<std::unique_ptr<TestCard>> card(std::size_t number) = 0;
};

/// The events of a run. Calls come in the order of the cases, even if they ran in parallel.
class Reporter {
 public:
  virtual ~Reporter() = default;
  virtual void begin(std::size_t cases) { (void)cases; }
  virtual void on_result(const CaseResult& result) = 0;
  virtual void end() {}
};

struct SuiteOptions {
  std::vector<std::string> filters;  ///< a case runs if its name or its file contains one of these; none: all
  std::vector<std::string> tags;     ///< it has one of these; !tag: it does not have it
  std::size_t repeat = 1;
  std::size_t jobs = 1;
  bool fail_fast = false;  ///< what comes after the first failure is skipped
  CaseOptions cases = {};
};

struct Totals {
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::size_t errors = 0;
  std::size_t skipped = 0;
  std::size_t all() const { return passed + failed + errors + skipped; }
  bool good() const { return failed == 0 && errors == 0; }
  void add(CaseResult::Outcome outcome);
};

/// The cases that are asked for, in the order of the scripts; each row of a table is a case, and each repetition.
std::vector<CaseRun> plan(const std::vector<Script>& scripts, const SuiteOptions& options);

/// Runs them. What a reporter throws comes out.
Totals run(const std::vector<CaseRun>& cases, CardSource& cards, const SuiteOptions& options, std::span<Reporter* const> reporters);

}  // namespace uicclab::script
