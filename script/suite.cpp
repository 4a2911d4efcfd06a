// SPDX-License-Identifier: Apache-2.0
#include "script/suite.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "core/enum_table.hpp"

namespace uicclab::script {
namespace {

bool is_wanted(const CaseRun& run, const SuiteOptions& options) {
  const std::string name = run.name();
  const auto in_name = [&](const std::string& filter) {
    return name.find(filter) != std::string::npos || run.script->file.find(filter) != std::string::npos;
  };
  if (!options.filters.empty() && std::ranges::none_of(options.filters, in_name)) return false;
  bool asked = false;
  bool found = false;
  for (const std::string& tag : options.tags) {
    if (tag.starts_with('!')) {
      if (run.one->tags.contains(tag.substr(1))) return false;
    } else {
      asked = true;
      found = found || run.one->tags.contains(tag);
    }
  }
  return !asked || found;
}

CaseResult without_card(const CaseRun& run, CaseResult::Outcome outcome, std::string text) {
  CaseResult out;
  out.file = run.script->file;
  out.name = run.name();
  out.place = run.row != nullptr ? run.row->place : run.one->place;
  out.tags = run.one->tags;
  out.clause = run.one->clause;
  out.outcome = outcome;
  out.failure = Failure{out.place, "", std::move(text)};
  return out;
}

/// Takes results in any order and passes them on in theirs.
class InOrder {
 public:
  InOrder(const std::vector<CaseRun>& cases, bool fail_fast, std::span<Reporter* const> reporters)
      : m_cases(cases), m_fail_fast(fail_fast), m_results(cases.size()), m_reporters(reporters) {}

  void put(std::size_t number, CaseResult result) {
    const std::lock_guard lock(m_mutex);
    m_results[number] = std::move(result);
    while (m_next < m_results.size() && m_results[m_next]) {
      if (m_fail_fast && !m_totals.good()) {
        // Other threads may have run it before the failure was known.
        m_results[m_next] = without_card(m_cases[m_next], CaseResult::Outcome::kSkipped, "a case before it failed");
      }
      m_totals.add(m_results[m_next]->outcome);
      for (Reporter* reporter : m_reporters) reporter->on_result(*m_results[m_next]);
      m_results[m_next++].reset();
    }
  }
  const Totals& totals() const { return m_totals; }

 private:
  const std::vector<CaseRun>& m_cases;
  bool m_fail_fast;
  std::mutex m_mutex;
  std::vector<std::optional<CaseResult>> m_results;
  std::span<Reporter* const> m_reporters;
  std::size_t m_next = 0;
  Totals m_totals;
};

}  // namespace

void Totals::add(CaseResult::Outcome outcome) {
  using Outcome = CaseResult::Outcome;
  static constexpr auto kCounters = enum_table<Outcome::kSkipped, std::size_t Totals::*>({{Outcome::kPassed, &Totals::passed},
                                                                                          {Outcome::kFailed, &Totals::failed},
                                                                                          {Outcome::kError, &Totals::errors},
                                                                                          {Outcome::kSkipped, &Totals::skipped}});
  ++(this->*kCounters[outcome]);
}

std::vector<CaseRun> plan(const std::vector<Script>& scripts, const SuiteOptions& options) {
  std::vector<CaseRun> out;
  const auto add = [&](const CaseRun& run) {
    if (!is_wanted(run, options)) return;
    for (std::size_t i = 0; i < options.repeat; ++i) {
      out.push_back(run);
      out.back().repetition = i;
    }
  };
  for (const Script& script : scripts) {
    for (const Case& one : script.cases) {
      if (one.rows.empty()) add({&script, &one});
      for (const Case::Row& row : one.rows) add({&script, &one, &row});
    }
  }
  return out;
}

Totals run(const std::vector<CaseRun>& cases, CardSource& cards, const SuiteOptions& options, std::span<Reporter* const> reporters) {
  for (Reporter* reporter : reporters) reporter->begin(cases.size());
  InOrder results(cases, options.fail_fast, reporters);
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  const auto run_one = [&](std::size_t number) {
    if (options.fail_fast && failed) return without_card(cases[number], CaseResult::Outcome::kSkipped, "a case before it failed");
    try {
      const auto card = cards.card(number);
      if (!card) return without_card(cases[number], CaseResult::Outcome::kError, card.error().text);
      auto result = run_case(cases[number], (*card)->port(), (*card)->ports(), (*card)->random(), options.cases);
      if (const auto finished = (*card)->finish(); !finished) {
        result.outcome = CaseResult::Outcome::kError;
        result.failure = Failure{result.place, "", finished.error().text};
      }
      return result;
    } catch (const SystemError& error) {
      return without_card(cases[number], CaseResult::Outcome::kError, error.what());
    }
  };
  const auto work = [&] {
    for (std::size_t number = next++; number < cases.size(); number = next++) {
      auto result = run_one(number);
      if (result.outcome == CaseResult::Outcome::kFailed || result.outcome == CaseResult::Outcome::kError) failed = true;
      results.put(number, std::move(result));
    }
  };
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < options.jobs; ++i) others.emplace_back(work);
  work();
  others.clear();
  for (Reporter* reporter : reporters) reporter->end();
  return results.totals();
}

}  // namespace uicclab::script
