// SPDX-License-Identifier: Apache-2.0
// Results of a run, as text for people, TAP, JUnit XML and JSON.
#pragma once

#include <ostream>

#include "script/suite.hpp"

namespace uicclab::script {

/// One line a case; what went wrong in full, with the commands that led to it.
class TextReport final : public Reporter {
 public:
  /// `all_commands`: also those of cases that passed.
  TextReport(std::ostream& out, bool quiet, bool all_commands) : m_out(out), m_quiet(quiet), m_all_commands(all_commands) {}
  void begin(std::size_t cases) override;
  void on_result(const CaseResult& result) override;
  void end() override;

 private:
  void print_failure(const CaseResult& result);

  std::ostream& m_out;
  bool m_quiet;
  bool m_all_commands;
  Totals m_totals;
  std::string m_file;
  std::size_t m_commands = 0;
  std::size_t m_checks = 0;
};

/// Test Anything Protocol, version 13.
class TapReport final : public Reporter {
 public:
  explicit TapReport(std::ostream& out) : m_out(out) {}
  void begin(std::size_t cases) override;
  void on_result(const CaseResult& result) override;

 private:
  std::ostream& m_out;
  std::size_t m_number = 0;
};

/// JUnit's XML, as Jenkins and GitLab read it: a testsuite for each file. tests/integration/junit.xsd is its schema.
class JunitReport final : public Reporter {
 public:
  explicit JunitReport(std::ostream& out) : m_out(out) {}
  void on_result(const CaseResult& result) override { m_results.push_back(result); }
  void end() override;

 private:
  std::ostream& m_out;
  std::vector<CaseResult> m_results;
};

/// One JSON object: totals, and each case with its commands.
class JsonReport final : public Reporter {
 public:
  explicit JsonReport(std::ostream& out) : m_out(out) {}
  void begin(std::size_t cases) override;
  void on_result(const CaseResult& result) override;
  void end() override;

 private:
  std::ostream& m_out;
  Totals m_totals;
};

}  // namespace uicclab::script
