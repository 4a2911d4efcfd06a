// SPDX-License-Identifier: Apache-2.0
// Logs in text: our own traces (text and JSON), what pcscd --apdu and pcsc-spy write, what other programs print (posted_log.hpp), and
// lines of bare hexadecimal.
#pragma once

#include <deque>
#include <istream>

#include "trace/posted_log.hpp"
#include "trace/source.hpp"

namespace uicclab::trace {

/// | line | what it is |
/// |---|---|
/// | `12.345 00A40004023F00 -> 6115 ...`, `{"time_ms":...}` | a trace of ours |
/// | `00000012 APDU: 00 A4 ...`, `00000034 SW: 61 15` | pcscd's log; the numbers are microseconds since the line before |
/// | `SCardTransmit` ... `=> ... [0.000123]` | pcsc-spy |
/// | `> 00A4...`, `< 6115 ...` | uicclab apdu; also the logs of posted_log.hpp |
/// | `00A4000402 3F00 6115` | hexadecimal: a command, its answer after it, or both in one line |
///
/// A time in front of a line is the event's. Other lines are passed over.
class LogSource final : public Source {
 public:
  /// Lines over this length are an error.
  static constexpr std::size_t kMaxLine = 1 << 20;

  explicit LogSource(std::istream& in) : m_in(in) {}
  Result<std::optional<RecordedEvent>> next() override;
  std::size_t passed_over() const override { return m_passed_over; }

 private:
  enum class Spy { kNone, kOther, kSend, kReceive };

  Result<bool> read_line();
  std::optional<RecordedEvent> take_line(std::string_view line);
  std::optional<RecordedEvent> spy_line(std::string_view line);
  std::optional<RecordedEvent> daemon_line(std::string_view line, bool& mine);
  std::optional<RecordedEvent> bare_line(std::string_view line, bool& mine);
  std::optional<RecordedEvent> posted_line(LogLine line);
  std::optional<RecordedEvent> end_dump();
  std::optional<RecordedEvent> begin(Bytes command);
  std::optional<RecordedEvent> end(BytesView answer);

  std::istream& m_in;
  std::string m_line;
  std::size_t m_number = 0;
  std::size_t m_passed_over = 0;
  bool m_ended = false;
  std::optional<RecordedEvent> m_open;  ///< a command that waits for its answer
  Bytes m_answer;                       ///< of pcsc-spy, as far as it has come
  Spy m_spy = Spy::kNone;
  std::chrono::microseconds m_clock{0};  ///< pcscd's
  bool m_has_clock = false;
  std::optional<LogLine> m_dump;                   ///< of which more lines may come
  std::optional<std::chrono::nanoseconds> m_time;  ///< that the line begins with
  std::optional<std::chrono::nanoseconds> m_last_time;
  std::chrono::nanoseconds m_days{0};  ///< since the log began, where its times have no date
  std::deque<RecordedEvent> m_ready;   ///< a line may end two events
};

}  // namespace uicclab::trace
