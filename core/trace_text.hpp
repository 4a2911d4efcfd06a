// SPDX-License-Identifier: Apache-2.0
// Traces to read: lines for people, and lines of JSON for programs. An APDU trace holds what the APDUs hold, PIN values included, unless
// somebody takes them out before (trace/redacting_sink.hpp).
#pragma once

#include <mutex>
#include <ostream>
#include <vector>

#include "core/trace.hpp"

namespace uicclab {

/// One line for each event: `12.345 00A40004023F00 -> 6115 data available`; with a card's number in front if it is not 0.
class TextTrace final : public TraceSink {
 public:
  explicit TextTrace(std::ostream& out) : m_out(out) {}
  /// Thread-safe.
  void on_event(const TraceEvent& event) override;

 private:
  std::mutex m_mutex;
  std::ostream& m_out;
};

/// One object for each event: `{"time_ms":12345,"card":0,"event":"exchange","command":"00A40004023F00","data":"","sw":"6115"}`;
/// events are `reset` (with `atr`), `exchange`, `power_off` and `error` (with `command`, if it was one that failed, and `text`); `hidden`
/// lists the kinds of what was overwritten.
class JsonTrace final : public TraceSink {
 public:
  explicit JsonTrace(std::ostream& out) : m_out(out) {}
  /// Thread-safe.
  void on_event(const TraceEvent& event) override;

 private:
  std::mutex m_mutex;
  std::ostream& m_out;
};

/// Passes every event on to several sinks, in the order given; they outlive it.
class TraceGroup final : public TraceSink {
 public:
  explicit TraceGroup(std::vector<TraceSink*> sinks) : m_sinks(std::move(sinks)) {}
  void on_event(const TraceEvent& event) override {
    for (auto* sink : m_sinks) sink->on_event(event);
  }

 private:
  std::vector<TraceSink*> m_sinks;
};

}  // namespace uicclab
