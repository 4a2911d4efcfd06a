// SPDX-License-Identifier: Apache-2.0
// Results for programs: TAP 13 (testanything.org), JUnit XML, JSON.
#include <algorithm>
#include <array>
#include <cstdio>

#include "core/enum_table.hpp"
#include "core/hex.hpp"
#include "core/json.hpp"
#include "core/markup.hpp"
#include "core/visible.hpp"
#include "script/report.hpp"

namespace uicclab::script {
namespace {

using Outcome = CaseResult::Outcome;

std::string seconds(std::chrono::microseconds time) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6f", static_cast<double>(time.count()) / 1000000);
  return text.data();
}

/// Text for XML 1.0: lines stay lines in attributes; a character that is not printable ASCII becomes a question mark.
std::string xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "&#10;";
    } else {
      out += static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7E ? "?" : escape_markup({&c, 1});
    }
  }
  return out;
}

std::string whole(const Failure& failure) {
  std::string out = to_text(failure.place) + ": " + failure.text + "\n";
  if (!failure.statement.empty()) out += failure.statement + "\n";
  for (const std::string& line : failure.details) out += line + "\n";
  return out;
}

std::string tap_text(const std::string& given) {
  std::string text = visible(given);
  std::ranges::replace(text, '#', ' ');
  return text;
}

}  // namespace

void TapReport::begin(std::size_t cases) {
  m_out << "TAP version 13\n1.." << cases << "\n";
}

void TapReport::on_result(const CaseResult& result) {
  const bool good = result.outcome == Outcome::kPassed || result.outcome == Outcome::kSkipped;
  m_out << (good ? "ok " : "not ok ") << ++m_number << " - " << tap_text(result.file + ": " + result.name);
  if (result.outcome == Outcome::kSkipped) m_out << " # SKIP " << tap_text(result.failure ? result.failure->text : "");
  m_out << "\n";
  if (good || !result.failure) return;
  m_out << "  ---\n  message: " << json_quoted(result.failure->text)
        << "\n  severity: " << (result.outcome == Outcome::kError ? "error" : "fail")
        << "\n  at: " << json_quoted(to_text(result.failure->place)) << "\n  statement: " << json_quoted(result.failure->statement)
        << "\n  details:\n";
  for (const std::string& line : result.failure->details) m_out << "    - " << json_quoted(line) << "\n";
  m_out << "  ...\n";
}

void JunitReport::end() {
  Totals all;
  std::chrono::microseconds time{0};
  for (const CaseResult& result : m_results) {
    all.add(result.outcome);
    time += result.time;
  }
  const auto counts = [](const Totals& totals, std::chrono::microseconds taken) {
    return " tests=\"" + std::to_string(totals.all()) + "\" failures=\"" + std::to_string(totals.failed) + "\" errors=\"" +
           std::to_string(totals.errors) + "\" skipped=\"" + std::to_string(totals.skipped) + "\" time=\"" + seconds(taken) + "\"";
  };
  m_out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"uicclab\"" << counts(all, time) << ">\n";
  for (std::size_t first = 0; first < m_results.size();) {
    std::size_t last = first;
    Totals totals;
    std::chrono::microseconds taken{0};
    for (; last < m_results.size() && m_results[last].file == m_results[first].file; ++last) {
      totals.add(m_results[last].outcome);
      taken += m_results[last].time;
    }
    m_out << "  <testsuite name=\"" << xml(m_results[first].file) << "\"" << counts(totals, taken) << ">\n";
    for (; first < last; ++first) {
      const CaseResult& result = m_results[first];
      m_out << "    <testcase classname=\"" << xml(result.file) << "\" name=\"" << xml(result.name) << "\" file=\""
            << xml(result.place.file) << "\" line=\"" << result.place.line << "\" time=\"" << seconds(result.time) << "\"";
      if (!result.failure) {
        m_out << "/>\n";
        continue;
      }
      static constexpr auto kElements = enum_table<Outcome::kSkipped, std::string_view>(
          {{Outcome::kPassed, ""}, {Outcome::kFailed, "failure"}, {Outcome::kError, "error"}, {Outcome::kSkipped, "skipped"}});
      const std::string_view element = kElements[result.outcome];
      m_out << ">\n      <" << element << " message=\"" << xml(result.failure->text) << "\"";
      if (result.outcome == Outcome::kSkipped) {
        m_out << "/>\n";
      } else {
        m_out << " type=\"" << to_text(result.outcome) << "\">" << xml(whole(*result.failure)) << "</" << element << ">\n";
      }
      m_out << "    </testcase>\n";
    }
    m_out << "  </testsuite>\n";
  }
  m_out << "</testsuites>\n";
}

void JsonReport::begin(std::size_t) {
  m_out << "{\"cases\":[";
}

void JsonReport::on_result(const CaseResult& result) {
  Json out = Json::object();
  out.set("file", result.file).set("name", result.name).set("line", result.place.line).set("tags", Json::array_of(result.tags));
  out.set("clause", result.clause).set("result", to_text(result.outcome)).set("seconds", Json::raw(seconds(result.time)));
  out.set("checks", result.checks);
  if (const auto& failure = result.failure) {
    Json words = Json::object();
    words.set("at", to_text(failure->place)).set("statement", failure->statement).set("text", failure->text);
    out.set("failure", words.set("details", Json::array_of(failure->details)));
  }
  Json exchanges = Json::array();
  for (const Exchange& one : result.exchanges) {
    exchanges.add(Json::object()
                      .set("line", one.place.line)
                      .set("command", to_hex(one.command))
                      .set("data", to_hex(one.data))
                      .set("sw", to_hex(one.status)));
  }
  m_out << (m_totals.all() == 0 ? "\n" : ",\n") << out.set("exchanges", exchanges).text();
  m_totals.add(result.outcome);
}

void JsonReport::end() {
  m_out << "\n],\"passed\":" << m_totals.passed << ",\"failed\":" << m_totals.failed << ",\"errors\":" << m_totals.errors
        << ",\"skipped\":" << m_totals.skipped << "}\n";
}

}  // namespace uicclab::script
