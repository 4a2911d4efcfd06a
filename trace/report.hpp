// SPDX-License-Identifier: Apache-2.0
// Decoded exchanges for people and programs: text, JSON lines, and one HTML file that needs nothing else.
#pragma once

#include <ostream>

#include "trace/exchange.hpp"
#include "trace/statistics.hpp"

namespace uicclab::trace {

struct TextOptions {
  bool brief = false;  ///< one line each
  bool clauses = false;
  std::size_t width = 24;  ///< bytes of long fields, 0: all
};

void write_text(std::ostream& out, const Exchange& exchange, const TextOptions& options);

/// One object in one line: number, event, time (seconds), took_us, card, channel, name, title, clause, path, file, command, data, sw,
/// meaning, status_clause, fields, answer, plain {protocol, command, data}, notes, hidden; what is not there is left out.
void write_json(std::ostream& out, const Exchange& exchange);

/// Removes secrets: Exchange::secrets, by kind of data (script/secrets.hpp). `*` is written over their bytes, fields
/// and Exchange::hidden say what was removed. Secure messaging and ciphered messages that were not deciphered are unchanged.
void redact(Exchange& exchange);
/// "PIN, key": what was taken out.
std::string hidden_words(const Exchange& exchange);

/// One page that opens without a network: style and script are in it, what comes from the trace is escaped. Written as it comes; the head
/// at once, the end by finish(). Times count from the first event, with the gap since the one before.
class HtmlReport {
 public:
  /// `title`: what the trace is called.
  HtmlReport(std::ostream& out, const std::string& title);
  void add(const Exchange& exchange);
  void finish(const Statistics& statistics);

 private:
  std::ostream& m_out;
  std::optional<std::chrono::nanoseconds> m_first;   ///< time of the first event
  std::optional<std::chrono::nanoseconds> m_before;  ///< of the one before
};

}  // namespace uicclab::trace
