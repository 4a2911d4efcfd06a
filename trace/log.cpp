// SPDX-License-Identifier: Apache-2.0
#include "trace/log.hpp"

#include <algorithm>
#include <charconv>

#include "core/apdu.hpp"
#include "core/hex.hpp"
#include "trace/wire.hpp"

namespace uicclab::trace {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") + 1 - first);
}

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
  while (true) {
    const auto more = read_line();
    if (!more) return tl::unexpected(more.error());
    if (!*more) {
      auto last = std::move(m_open);
      m_open.reset();
      return last;
    }
    if (auto event = take_line(trimmed(m_line.find('\x1b') == std::string::npos ? m_line : (m_line = without_colours(m_line)))))
      return event;
  }
}

std::optional<RecordedEvent> LogSource::take_line(std::string_view line) {
  if (line.empty() || line[0] == '#') return std::nullopt;
  if (auto event = parse_trace_line(line)) return event;
  if (line == "SCardTransmit") {
    m_spy = Spy::kOther;
    return std::nullopt;
  }
  if (m_spy != Spy::kNone) return spy_line(line);
  bool mine = false;
  if (auto event = daemon_line(line, mine); event || mine) return event;
  if (auto event = bare_line(line, mine); event || mine) return event;
  ++m_passed_over;
  return std::nullopt;
}

std::optional<RecordedEvent> LogSource::begin(Bytes command) {
  auto before = std::move(m_open);  // one that was never answered
  m_open.emplace();
  m_open->command = std::move(command);
  return before;
}

std::optional<RecordedEvent> LogSource::end(BytesView answer) {
  if (!m_open) return std::nullopt;
  auto out = std::move(m_open);
  m_open.reset();
  out->answer = to_bytes(answer);
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
  const bool command = line.starts_with("> ");
  const bool answer = line.starts_with("< ");
  if (answer) {
    // Data and status in digits, then words.
    const auto words = line.find("  ", 2);
    const auto bytes = hex(line.substr(2, words == std::string_view::npos ? words : words - 2));
    mine = bytes.has_value();
    return bytes ? end(*bytes) : std::nullopt;
  }
  auto bytes = hex(command ? line.substr(2) : line.substr(0, line.find('#')));
  if (!bytes) return std::nullopt;
  mine = true;
  if (command || bytes->size() < 4 || apdu::parse(*bytes)) {
    // A status word alone, or an answer that cannot be a command, ends the command before it.
    const bool status_only = bytes->size() < 4;
    if (status_only) return end(*bytes);
    return begin(*std::move(bytes));
  }
  if (m_open) return end(*bytes);
  const auto size = command_size(*bytes);
  if (!size) return begin(*std::move(bytes));
  RecordedEvent event;
  event.command = to_bytes(BytesView(*bytes).first(*size));
  event.answer = to_bytes(BytesView(*bytes).subspan(*size));
  return event;
}

}  // namespace uicclab::trace
