// SPDX-License-Identifier: Apache-2.0
// Reports without PIN values and keys: they are kept and sent along by CI.
#pragma once

#include "script/suite.hpp"

namespace uicclab::script {

/// Removes secrets (secrets.hpp) from a result before a reporter gets it: * (2A) in commands and answers, *** where the same bytes
/// are in the line of the script, in details and in what was printed, in hexadecimal or as characters. The reporter outlives it.
class RedactingReport final : public Reporter {
 public:
  explicit RedactingReport(Reporter& reporter) : m_reporter(reporter) {}
  void begin(std::size_t cases) override { m_reporter.begin(cases); }
  void on_result(const CaseResult& result) override;
  void end() override { m_reporter.end(); }

 private:
  Reporter& m_reporter;
};

}  // namespace uicclab::script
