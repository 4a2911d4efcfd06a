// SPDX-License-Identifier: Apache-2.0
// Statistics of a trace: commands by name, status words, bytes each way, times.
#pragma once

#include <map>
#include <ostream>

#include "trace/exchange.hpp"

namespace uicclab::trace {

/// Durations. After kMaxSamples of them every second one is kept, and so on, so that memory is bounded.
class Durations {
 public:
  static constexpr std::size_t kMaxSamples = 65536;

  void add(std::chrono::nanoseconds duration);
  std::uint64_t count() const { return m_count; }
  std::chrono::nanoseconds least() const { return m_least; }
  std::chrono::nanoseconds most() const { return m_most; }
  /// The duration that `percent` of those kept do not exceed; zero if there are none.
  std::chrono::nanoseconds percentile(unsigned percent) const;

 private:
  std::vector<std::chrono::nanoseconds> m_samples;
  std::uint64_t m_count = 0;
  std::uint64_t m_stride = 1;
  std::chrono::nanoseconds m_least{0};
  std::chrono::nanoseconds m_most{0};
};

class Statistics {
 public:
  /// Commands of one name.
  struct Line {
    std::uint64_t count = 0;
    std::uint64_t refused = 0;            ///< a status that is no success
    std::uint64_t bytes_to_card = 0;      ///< commands
    std::uint64_t bytes_to_terminal = 0;  ///< data and status words
    Durations took;                       ///< as the trace says; otherwise since the event before of the same card
  };

  void add(const Exchange& exchange);

  const std::map<std::string, Line>& commands() const { return m_commands; }
  const std::map<std::uint16_t, std::uint64_t>& statuses() const { return m_statuses; }
  const Line& all() const { return m_all; }
  std::uint64_t resets() const { return m_resets; }
  std::uint64_t notes() const { return m_notes; }
  /// The durations are those from command to answer, not those from one answer to the next.
  bool knows_durations() const { return m_took; }

 private:
  std::map<std::string, Line> m_commands;
  std::map<std::uint16_t, std::uint64_t> m_statuses;
  std::map<unsigned, std::chrono::nanoseconds> m_before;
  Line m_all;
  std::uint64_t m_resets = 0;
  std::uint64_t m_notes = 0;
  bool m_took = false;
};

void write_text(std::ostream& out, const Statistics& statistics);
/// One object in one line.
void write_json(std::ostream& out, const Statistics& statistics);
/// "1.500 ms"
std::string milliseconds(std::chrono::nanoseconds duration);

}  // namespace uicclab::trace
