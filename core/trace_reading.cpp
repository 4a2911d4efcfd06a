// SPDX-License-Identifier: Apache-2.0
#include "core/trace_reading.hpp"

#include <algorithm>
#include <charconv>

#include "core/ascii.hpp"
#include "core/hex.hpp"

namespace uicclab {
namespace {

using std::chrono::nanoseconds;

/// Takes the first word off the front of `text`.
std::string_view word(std::string_view& text) {
  const auto blank = text.find(' ');
  const std::string_view out = text.substr(0, blank);
  text = blank == std::string_view::npos ? std::string_view() : trimmed(text.substr(blank));
  return out;
}

template <typename Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "12.345": seconds and milliseconds.
std::optional<nanoseconds> seconds(std::string_view text) {
  const auto point = text.find('.');
  if (point == std::string_view::npos || text.size() != point + 4) return std::nullopt;
  const auto whole = number<std::uint32_t>(text.substr(0, point));
  const auto rest = number<std::uint16_t>(text.substr(point + 1));
  if (!whole || !rest) return std::nullopt;
  return std::chrono::seconds(*whole) + std::chrono::milliseconds(*rest);
}

/// Digits as our traces write them, which words of a sentence are not.
std::optional<Bytes> digits(std::string_view text) {
  const bool plain = std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); });
  if (text.empty() || !plain) return std::nullopt;
  auto bytes = from_hex(text);
  if (!bytes) return std::nullopt;
  return *std::move(bytes);
}

/// Data and status in digits, then the meaning of the status in words.
std::optional<Bytes> text_answer(std::string_view text) {
  if (text == "(no status word)") return Bytes{};
  auto first = digits(word(text));
  if (!first) return std::nullopt;
  if (text == "(no status word)") return first;
  std::string_view rest = text;
  const auto second = digits(word(rest));
  if (second && second->size() == 2) {
    append(*first, *second);
    return first;
  }
  return first->size() == 2 ? first : std::nullopt;
}

std::optional<RecordedEvent> text_event(std::string_view line) {
  RecordedEvent event;
  std::string_view first = word(line);
  if (first == "card") {
    const auto card = number<unsigned>(word(line));
    if (!card) return std::nullopt;
    event.card = *card;
    first = word(line);
  }
  event.time = seconds(first);
  if (!event.time) return std::nullopt;
  if (line == "power off") {
    event.kind = TraceEvent::Kind::kPowerOff;
    return event;
  }
  const std::string_view what = word(line);
  if (what == "reset") {
    event.kind = TraceEvent::Kind::kReset;
  } else if (auto command = digits(what)) {
    event.command = *std::move(command);
  } else {
    return std::nullopt;
  }
  const std::string_view next = word(line);
  if (next == "failed:") {
    event.kind = TraceEvent::Kind::kError;
    event.text = line;
    return event;
  }
  if (next != "->") return std::nullopt;
  auto answer = event.kind == TraceEvent::Kind::kReset ? digits(line) : text_answer(line);
  if (!answer) return std::nullopt;
  event.answer = *std::move(answer);
  return event;
}

/// The value of a string member, as it is; the members that matter have no escapes.
std::optional<std::string_view> member(std::string_view line, std::string_view name) {
  const std::string key = "\"" + std::string(name) + "\":\"";
  const auto found = line.find(key);
  if (found == std::string_view::npos) return std::nullopt;
  const auto begin = found + key.size();
  const auto end = line.find('"', begin);
  if (end == std::string_view::npos) return std::nullopt;
  return line.substr(begin, end - begin);
}

template <typename Number>
std::optional<Number> number_member(std::string_view line, std::string_view name) {
  const std::string key = "\"" + std::string(name) + "\":";
  const auto found = line.find(key);
  if (found == std::string_view::npos) return std::nullopt;
  line.remove_prefix(found + key.size());
  return number<Number>(line.substr(0, line.find_first_not_of("0123456789")));
}

/// The bytes of a string member; none if it is not there or holds something else.
std::optional<Bytes> bytes_member(std::string_view line, std::string_view name) {
  const auto text = member(line, name);
  if (!text) return std::nullopt;
  auto bytes = from_hex(*text);
  if (!bytes) return std::nullopt;
  return *std::move(bytes);
}

std::optional<RecordedEvent> json_event(std::string_view line) {
  const auto what = member(line, "event");
  if (!what) return std::nullopt;
  RecordedEvent event;
  if (const auto time = number_member<std::uint32_t>(line, "time_ms")) event.time = std::chrono::milliseconds(*time);
  event.card = number_member<unsigned>(line, "card").value_or(0);
  if (*what == "power_off") {
    event.kind = TraceEvent::Kind::kPowerOff;
    return event;
  }
  if (*what == "error") {
    event.kind = TraceEvent::Kind::kError;
    event.command = bytes_member(line, "command").value_or(Bytes());
    event.text = member(line, "text").value_or("");
    return event;
  }
  if (*what == "reset") {
    event.kind = TraceEvent::Kind::kReset;
    auto atr = bytes_member(line, "atr");
    if (!atr) return std::nullopt;
    event.answer = *std::move(atr);
    return event;
  }
  auto command = bytes_member(line, "command");
  auto data = bytes_member(line, "data");
  if (*what != "exchange" || !command || command->empty() || !data) return std::nullopt;
  event.command = *std::move(command);
  event.answer = *std::move(data);
  if (!member(line, "sw")) return event;
  const auto status = bytes_member(line, "sw");
  if (!status || status->size() != 2) return std::nullopt;
  append(event.answer, *status);
  return event;
}

}  // namespace

std::optional<RecordedEvent> parse_trace_line(std::string_view line) {
  line = trimmed(line);
  return line.starts_with('{') ? json_event(line) : text_event(line);
}

}  // namespace uicclab
