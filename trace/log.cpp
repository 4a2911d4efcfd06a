// SPDX-License-Identifier: Apache-2.0
#include "trace/log.hpp"

#include <algorithm>
#include <charconv>

#include "core/apdu.hpp"
#include "core/ascii.hpp"
#include "core/hex.hpp"
#include "trace/wire.hpp"

namespace uicclab::trace {
namespace {

std::optional<Bytes> hex(std::string_view text) {
  auto bytes = from_hex(text);
  if (!bytes || bytes->empty()) return std::nullopt;
  return *std::move(bytes);
}

/// Colours of a terminal: ESC [ ... m.
std::string without_colours(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto escape = text.find('\x1b');
    out += text.substr(0, escape);
    if (escape == std::string_view::npos) break;
    const auto end = text.find('m', escape);
    if (end == std::string_view::npos) break;
    text = text.substr(end + 1);
  }
  return out;
}

/// pcscd's microseconds since the line before: eight digits in front of it.
std::optional<std::chrono::microseconds> daemon_time(std::string_view line) {
  if (line.size() < 9 || line[8] != ' ') return std::nullopt;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + 8, value);
  if (error != std::errc() || end != line.data() + 8) return std::nullopt;
  return std::chrono::microseconds(value);
}

/// "=> SCARD_S_SUCCESS [0x00000000] [0.000123]": how long the call took.
std::optional<std::chrono::nanoseconds> spy_time(std::string_view line) {
  const auto open = line.rfind('[');
  if (open == std::string_view::npos || !line.ends_with(']')) return std::nullopt;
  const std::string_view text = line.substr(open + 1, line.size() - open - 2);
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || !(seconds >= 0 && seconds < 1e6)) return std::nullopt;
  return std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
}

}  // namespace

Result<bool> LogSource::read_line() {
  m_line.clear();
  if (m_ended) return false;
  for (int c = m_in.get();; c = m_in.get()) {
    if (c == std::istream::traits_type::eof()) {
      m_ended = true;
      if (m_line.empty()) return false;
      break;
    }
    if (c == '\n') break;
    if (m_line.size() == kMaxLine) {
      m_ended = true;
      return fail(ErrorCode::kRange,
                  "line " + std::to_string(m_number + 1) + " is longer than " + std::to_string(kMaxLine) + " characters");
    }
    m_line += static_cast<char>(c);
  }
  ++m_number;
  return true;
}

Result<std::optional<RecordedEvent>> LogSource::next() {
  while (m_ready.empty()) {
    const auto more = read_line();
    if (!more) return tl::unexpected(more.error());
    if (!*more) {
      if (auto event = end_dump()) m_ready.push_back(*std::move(event));
      if (m_open) m_ready.push_back(*std::move(m_open));
      m_open.reset();
      if (m_ready.empty()) return std::nullopt;
      break;
    }
    if (m_line.find('\x1b') != std::string::npos) m_line = without_colours(m_line);
    std::string_view line = trimmed(m_line);
    if (m_dump) {
      const auto bytes = dump_line(line);
      if (bytes) append(m_dump->bytes, *bytes);
      if (!bytes || (m_dump->due != 0 && m_dump->bytes.size() >= m_dump->due)) {
        if (auto event = end_dump()) m_ready.push_back(*std::move(event));
      }
      if (bytes) continue;
    }
    if (auto event = take_line(line)) m_ready.push_back(*std::move(event));
  }
  auto out = std::move(m_ready.front());
  m_ready.pop_front();
  return out;
}

std::optional<RecordedEvent> LogSource::take_line(std::string_view line) {
  if (line.empty()) return std::nullopt;
  if (auto event = parse_trace_line(line)) return event;
  if (line == "SCardTransmit") {
    m_spy = Spy::kOther;
    return std::nullopt;
  }
  if (m_spy != Spy::kNone) return spy_line(line);
  bool mine = false;
  std::string_view rest = line;
  m_time = take_time(rest);
  if (m_time) {
    constexpr std::chrono::hours kDay{24};
    if (m_last_time && *m_time + m_days + kDay / 2 < *m_last_time && *m_time < kDay) m_days += kDay;  // past midnight
    *m_time += m_days;
    m_last_time = m_time;
  } else {
    m_time = m_last_time;  // of a line before, as OpenSC writes it
  }
  if (auto posted = read_log_line(rest.starts_with("# SCard") ? rest.substr(2) : rest)) return posted_line(*std::move(posted));
  if (line[0] == '#') return std::nullopt;
  if (auto event = daemon_line(line, mine); event || mine) return event;
  if (auto event = bare_line(rest, mine); event || mine) return event;
  ++m_passed_over;
  return std::nullopt;
}

std::optional<RecordedEvent> LogSource::posted_line(LogLine line) {
  if (line.goes_on) {
    m_dump = std::move(line);
    return std::nullopt;
  }
  const bool again = m_open && m_open->command == line.bytes;  // a modem's echo
  switch (line.kind) {
    case LogLine::Kind::kCommand: {
      auto before = again ? std::nullopt : begin(std::move(line.bytes));
      if (line.answer.empty()) return before;
      if (before) m_ready.push_back(*std::move(before));
      return end(line.answer);
    }
    case LogLine::Kind::kWrapped:
      if (m_open) {
        m_open->command = std::move(line.bytes);
        return std::nullopt;
      }
      return begin(std::move(line.bytes));
    case LogLine::Kind::kAnswer: {
      auto out = end(line.bytes);
      if (out && line.took) out->took = line.took;
      return out;
    }
    case LogLine::Kind::kReset: {
      if (m_open) m_ready.push_back(*std::move(m_open));
      m_open.reset();
      RecordedEvent reset;
      reset.kind = TraceEvent::Kind::kReset;
      reset.time = m_time;
      reset.answer = std::move(line.bytes);
      return reset;
    }
    case LogLine::Kind::kIgnored:
      break;
  }
  return std::nullopt;
}

std::optional<RecordedEvent> LogSource::end_dump() {
  if (!m_dump) return std::nullopt;
  LogLine line = *std::move(m_dump);
  m_dump.reset();
  line.goes_on = false;
  append(line.bytes, line.tail);
  const std::size_t least = line.kind == LogLine::Kind::kAnswer ? 2 : 4;
  return line.bytes.size() < least ? std::nullopt : posted_line(std::move(line));
}

std::optional<RecordedEvent> LogSource::begin(Bytes command) {
  auto before = std::move(m_open);  // one that was never answered
  m_open.emplace();
  m_open->command = std::move(command);
  m_open->time = m_time;
  return before;
}

std::optional<RecordedEvent> LogSource::end(BytesView answer) {
  if (!m_open) return std::nullopt;
  auto out = std::move(m_open);
  m_open.reset();
  out->answer = to_bytes(answer);
  if (out->time && m_time && *m_time >= *out->time) out->took = *m_time - *out->time;
  return out;
}

std::optional<RecordedEvent> LogSource::spy_line(std::string_view line) {
  if (line.starts_with("=>")) {
    m_spy = Spy::kNone;
    auto out = end(m_answer);
    if (out) out->took = spy_time(line);
    m_answer.clear();
    return out;
  }
  const std::string_view rest = line.size() > 2 ? trimmed(line.substr(2)) : std::string_view();
  if (rest.starts_with("bSendBuffer")) {
    m_spy = Spy::kSend;
  } else if (rest.starts_with("bRecvBuffer")) {
    m_spy = Spy::kReceive;
  } else if ((m_spy == Spy::kSend || m_spy == Spy::kReceive) && rest.size() > 5 && rest[4] == ' ') {
    // Offset, up to sixteen bytes with blanks between, then the same as characters.
    constexpr std::size_t kColumns = 16 * 3 - 1;
    const auto bytes = hex(rest.substr(5, kColumns));
    if (!bytes) return std::nullopt;
    if (m_spy == Spy::kReceive) {
      append(m_answer, *bytes);
      return std::nullopt;
    }
    if (rest.starts_with("0000")) return begin(*bytes);
    if (m_open) append(m_open->command, *bytes);
  } else if (m_spy != Spy::kOther) {
    m_spy = Spy::kOther;
  }
  return std::nullopt;
}

std::optional<RecordedEvent> LogSource::daemon_line(std::string_view line, bool& mine) {
  if (const auto passed = daemon_time(line)) {
    m_clock += *passed;
    m_has_clock = true;
  }
  const auto found = std::min(line.find("APDU: "), line.find("SW: "));
  if (found == std::string_view::npos || (found != 0 && line[found - 1] != ' ')) return std::nullopt;
  const bool command = line[found] == 'A';
  auto bytes = hex(line.substr(found + (command ? 6 : 4)));
  if (!bytes) return std::nullopt;
  mine = true;
  if (command) {
    auto before = begin(*std::move(bytes));
    if (m_has_clock) m_open->time = m_clock;
    return before;
  }
  auto out = end(*bytes);
  if (out && out->time) out->took = m_clock - *out->time;
  return out;
}

std::optional<RecordedEvent> LogSource::bare_line(std::string_view line, bool& mine) {
  auto bytes = hex(line.substr(0, line.find('#')));
  if (!bytes) return std::nullopt;
  mine = true;
  if (bytes->size() < 4 || apdu::parse(*bytes)) {
    // A status word alone, or an answer that cannot be a command, ends the command before it.
    const bool status_only = bytes->size() < 4;
    if (status_only) return end(*bytes);
    return begin(*std::move(bytes));
  }
  if (m_open) return end(*bytes);
  const auto size = command_size(*bytes);
  if (!size) return begin(*std::move(bytes));
  RecordedEvent event;
  event.time = m_time;
  event.command = to_bytes(BytesView(*bytes).first(*size));
  event.answer = to_bytes(BytesView(*bytes).subspan(*size));
  return event;
}

}  // namespace uicclab::trace
