// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdio>

#include "core/enum_table.hpp"
#include "core/hex.hpp"
#include "core/visible.hpp"
#include "script/explain.hpp"
#include "script/report.hpp"

namespace uicclab::script {
namespace {

constexpr std::size_t kLedTo = 6;  // commands that are shown before a failure

std::string milliseconds(std::chrono::microseconds time) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f ms", static_cast<double>(time.count()) / 1000);
  return text.data();
}

void print(std::ostream& out, const Exchange& one) {
  out << "        " << one.place.line << ": > " << to_hex(one.command) << "  " << describe_command(one.command) << "\n";
  out << "        " << std::string(std::to_string(one.place.line).size(), ' ') << "  < " << to_hex(one.data)
      << (one.data.empty() ? "" : " ") << to_hex(one.status) << "  " << meaning(one.status) << "\n";
}

std::string plural(std::size_t number, std::string_view word) {
  return std::to_string(number) + " " + std::string(word) + (number == 1 ? "" : "s");
}

}  // namespace

void TextReport::begin(std::size_t cases) {
  if (!m_quiet) m_out << plural(cases, "case") << "\n";
}

void TextReport::on_result(const CaseResult& result) {
  m_totals.add(result.outcome);
  m_commands += result.exchanges.size();
  m_checks += result.checks;
  const bool passed = result.outcome == CaseResult::Outcome::kPassed;
  if (m_quiet && passed) return;
  if (result.file != m_file) m_out << visible(result.file) << "\n";
  m_file = result.file;
  using Outcome = CaseResult::Outcome;
  static constexpr auto kMarks = enum_table<Outcome::kSkipped, std::string_view>({{Outcome::kPassed, "  ok      "},
                                                                                  {Outcome::kFailed, "  FAILED  "},
                                                                                  {Outcome::kError, "  ERROR   "},
                                                                                  {Outcome::kSkipped, "  skipped "}});
  m_out << kMarks[result.outcome] << visible(result.name);
  if (!passed && !result.clause.empty()) m_out << " (" << visible(result.clause) << ")";
  if (result.outcome == CaseResult::Outcome::kSkipped) {
    m_out << ": " << visible(result.failure ? result.failure->text : "") << "\n";
    return;
  }
  m_out << ", " << milliseconds(result.time) << "\n";
  if (m_all_commands && passed) {
    for (const Exchange& one : result.exchanges) print(m_out, one);
  }
  for (const std::string& line : result.printed) m_out << "        " << visible(line) << "\n";
  if (result.failure) print_failure(result);
}

void TextReport::print_failure(const CaseResult& result) {
  const Failure& failure = *result.failure;
  m_out << "        " << visible(to_text(failure.place) + ": " + failure.text) << "\n";
  if (!failure.statement.empty()) m_out << "          " << visible(failure.statement) << "\n";
  for (const std::string& line : failure.details) m_out << "          " << visible(line) << "\n";
  const std::size_t shown = m_all_commands ? result.exchanges.size() : std::min(kLedTo, result.exchanges.size());
  if (shown == 0) return;
  m_out << "        " << (shown < result.exchanges.size() ? "the last commands, by line:" : "the commands, by line:") << "\n";
  for (auto one = result.exchanges.end() - static_cast<std::ptrdiff_t>(shown); one != result.exchanges.end(); ++one) print(m_out, *one);
}

void TextReport::end() {
  m_out << m_totals.passed << " passed, " << m_totals.failed << " failed";
  if (m_totals.errors != 0) m_out << ", " << plural(m_totals.errors, "error");
  if (m_totals.skipped != 0) m_out << ", " << m_totals.skipped << " skipped";
  m_out << "; " << plural(m_commands, "command") << ", " << plural(m_checks, "check") << "\n";
}

}  // namespace uicclab::script
