// SPDX-License-Identifier: Apache-2.0
// The way back from traces that were written down: lines of TextTrace and JsonTrace (core/trace_text.hpp).
#pragma once

#include <chrono>
#include <optional>

#include "core/trace.hpp"

namespace uicclab {

/// An event that was recorded: as TraceEvent, but it owns what it holds, and may not know when it was.
struct RecordedEvent {
  TraceEvent::Kind kind = TraceEvent::Kind::kExchange;
  std::optional<std::chrono::nanoseconds> time;  ///< on the clock of the recording, whichever it was
  std::optional<std::chrono::nanoseconds> took;  ///< from command to answer
  unsigned card = 0;                             ///< number of the card, from 0
  Bytes command;                                 ///< kExchange: the command; kError: that failed, if it was one
  Bytes answer;                                  ///< kExchange: data and status word; kReset: the ATR
  std::string text;                              ///< kError: what went wrong

  bool operator==(const RecordedEvent&) const = default;
};

/// One line of a text or JSON trace. Nothing for any other line.
std::optional<RecordedEvent> parse_trace_line(std::string_view line);

}  // namespace uicclab
