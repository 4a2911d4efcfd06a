// SPDX-License-Identifier: Apache-2.0
#include "trace/posted_log.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "core/ascii.hpp"
#include "core/hex.hpp"

namespace uicclab::trace {
namespace {

using Kind = LogLine::Kind;
using std::chrono::nanoseconds;

constexpr std::string_view kBlanks = " \t";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

bool is_word(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

std::optional<std::uint64_t> number(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc() && end == digits.data() + digits.size() && !digits.empty() ? std::optional(value) : std::nullopt;
}

/// Bytes at the begin of a text: "00A40004 02 3F00", "0x90, 0x00", "[] 90 0" (pyscard, whose last digits may be missing a zero); up to two
/// blanks, or the first word that is not hexadecimal. Nothing if there are none.
std::optional<Bytes> leading_bytes(std::string_view text) {
  Bytes out;
  text = without_blanks(text);
  if (text.starts_with("[]")) text = without_blanks(text.substr(2));
  while (!text.empty()) {
    const bool prefixed = text.starts_with("0x") || text.starts_with("0X");
    const std::string_view token = prefixed ? text.substr(2) : text;
    const auto size = static_cast<std::size_t>(std::ranges::find_if_not(token, is_hex) - token.begin());
    if (size == 0 || (size < token.size() && is_word(token[size]))) break;
    if (size == 1) {
      if (out.empty()) return std::nullopt;
      std::uint8_t value = 0;
      std::from_chars(token.data(), token.data() + 1, value, 16);
      out.push_back(value);
    } else {
      const auto bytes = from_hex(token.substr(0, size));
      if (!bytes) break;
      append(out, *bytes);
    }
    text = token.substr(size);
    if (text.starts_with(',') || text.starts_with(':')) text.remove_prefix(1);
    if (text.starts_with("  ")) break;
    text = without_blanks(text);
  }
  return out.empty() ? std::nullopt : std::optional(out);
}

/// The value behind "NAME: " or "NAME=".
std::optional<std::uint8_t> byte_behind(std::string_view line, std::string_view name) {
  const auto at = line.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view text = line.substr(at + name.size());
  if (text.empty() || (text[0] != ':' && text[0] != '=')) return std::nullopt;
  text = without_blanks(text.substr(1));
  if (text.starts_with("0x")) text.remove_prefix(2);
  std::uint8_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + std::min<std::size_t>(2, text.size()), value, 16);
  return error == std::errc() && end != text.data() ? std::optional(value) : std::nullopt;
}

Bytes data_behind(std::string_view line, std::string_view name) {
  const auto at = line.find(name);
  return at == std::string_view::npos ? Bytes() : leading_bytes(line.substr(at + name.size())).value_or(Bytes());
}

/// Header and status word in words, as lpac writes them, and pySim's shell.
std::optional<LogLine> in_fields(std::string_view line) {
  if (const auto sw = line.find("sw: "); sw != std::string_view::npos && line.find(", resp:") == sw + 8) {
    const auto status = from_hex(line.substr(sw + 4, 4));
    if (!status) return std::nullopt;
    return LogLine{.kind = Kind::kAnswer, .bytes = concat({data_behind(line, "resp:"), *status})};
  }
  if (const auto cla = byte_behind(line, "cla"); cla && line.find("lc:") != std::string_view::npos) {
    const auto ins = byte_behind(line, "ins");
    const auto p1 = byte_behind(line, "p1");
    const auto p2 = byte_behind(line, "p2");
    const auto lc = byte_behind(line, "lc");
    if (!ins || !p1 || !p2 || !lc) return std::nullopt;
    return LogLine{.kind = Kind::kCommand, .bytes = concat({Bytes{*cla, *ins, *p1, *p2, *lc}, data_behind(line, "data:")})};
  }
  const auto sw1 = byte_behind(line, "sw1");
  const auto sw2 = byte_behind(line, "sw2");
  if (!sw1 || !sw2) return std::nullopt;
  LogLine out{.kind = Kind::kAnswer, .tail = {*sw1, *sw2}};
  if (line.find("received") == std::string_view::npos) {
    out.bytes = concat({data_behind(line, "data:"), out.tail});
    out.tail.clear();
  } else {
    out.goes_on = line.ends_with(':');  // opensc-tool: the data is below
    if (!out.goes_on) std::swap(out.bytes, out.tail);
  }
  return out;
}

/// The text in quotes, or without, behind the last comma: AT+CSIM=14,"00A4...".
std::optional<LogLine> of_modem(std::string_view line) {
  struct Marker {
    std::string_view text;
    Kind kind;
  };
  static constexpr auto kMarkers = std::to_array<Marker>(
      {{"at+csim=", Kind::kCommand}, {"at+cgla=", Kind::kCommand}, {"+csim:", Kind::kAnswer}, {"+cgla:", Kind::kAnswer}});
  for (const Marker& marker : kMarkers) {
    const auto at = line.find(marker.text);
    if (at == std::string_view::npos) continue;
    std::string_view text = line.substr(at + marker.text.size());
    const auto comma = text.rfind(',');
    if (comma == std::string_view::npos) return LogLine{};  // AT+CSIM=?
    const auto quote = text.find('"');
    text = quote == std::string_view::npos ? without_blanks(text.substr(comma + 1))
                                           : text.substr(quote + 1, text.find('"', quote + 1) - quote - 1);
    const auto bytes = from_hex(text.substr(0, text.find_last_not_of(" \t\r") + 1));
    if (!bytes || bytes->size() < 2) return LogLine{};
    return LogLine{.kind = marker.kind, .bytes = *bytes};
  }
  return std::nullopt;
}

/// lpac's own interface: commands and answers as JSON.
std::optional<LogLine> of_lpac(std::string_view line) {
  if (line.find("\"type\":\"apdu\"") == std::string_view::npos) return std::nullopt;
  const auto value = [&](std::string_view name) -> Bytes {
    const auto at = line.find(name);
    if (at == std::string_view::npos) return {};
    const std::string_view text = line.substr(at + name.size());
    return from_hex(text.substr(0, text.find('"'))).value_or(Bytes());
  };
  if (line.find("\"func\":\"transmit\"") != std::string_view::npos) {
    if (Bytes command = value("\"param\":\""); command.size() >= 4) return LogLine{.kind = Kind::kCommand, .bytes = std::move(command)};
  } else if (Bytes answer = value("\"data\":\""); answer.size() >= 2) {
    return LogLine{.kind = Kind::kAnswer, .bytes = std::move(answer)};
  }
  return LogLine{};
}

std::optional<LogLine> of_reset(std::string_view line) {
  if (line.starts_with("-- reset")) return LogLine{.kind = Kind::kReset};
  if (line.find("scardconnect(") != std::string_view::npos) {
    const auto at = line.rfind(", ");
    auto atr = at == std::string_view::npos ? std::nullopt : leading_bytes(line.substr(at + 2));
    if (!atr || (atr->front() != 0x3B && atr->front() != 0x3F)) return std::nullopt;
    return LogLine{.kind = Kind::kReset, .bytes = *std::move(atr)};
  }
  if (line.starts_with("atr=")) {
    if (auto atr = leading_bytes(line.substr(4))) return LogLine{.kind = Kind::kReset, .bytes = *std::move(atr)};
  }
  return std::nullopt;
}

/// "(1s569ms)": how long it took.
std::optional<nanoseconds> duration(std::string_view text) {
  std::uint64_t milliseconds = 0;
  if (const auto seconds = text.find("s"); seconds != std::string_view::npos && seconds != 0 && text[seconds - 1] != 'm') {
    const auto whole = number(text.substr(0, seconds));
    if (!whole || *whole > 1'000'000) return std::nullopt;
    milliseconds = *whole * 1000;
    text = text.substr(seconds + 1);
  }
  if (!text.ends_with("ms")) return text.empty() ? std::optional(nanoseconds(milliseconds * 1'000'000)) : std::nullopt;
  const auto rest = number(text.substr(0, text.size() - 2));
  if (!rest || *rest > 1'000'000'000) return std::nullopt;
  return nanoseconds((milliseconds + *rest) * 1'000'000);
}

/// Passes over "T=1" and what is in parentheses; a time in them is kept.
std::string_view behind_remarks(std::string_view text, LogLine& out) {
  for (;;) {
    text = without_blanks(text);
    if ((text.starts_with("T=") || text.starts_with("t=")) && text.size() > 3) {
      text = text.substr(3);
    } else if (text.starts_with('(') && text.find(')') != std::string_view::npos) {
      const auto end = text.find(')');
      if (const auto took = duration(text.substr(1, end - 1))) out.took = took;
      text = text.substr(end + 1);
      if (text.starts_with(':')) text.remove_prefix(1);
    } else {
      return text;
    }
  }
}

struct Marker {
  std::string_view text;
  Kind kind;
};

/// The longer ones first: what is in another one comes behind it.
constexpr auto kMarkers = std::to_array<Marker>({
    {"unwrapped response <--", Kind::kIgnored},
    {"wrapped command -->", Kind::kWrapped},
    {"command -->", Kind::kCommand},
    {"response <--", Kind::kAnswer},
    {"a>>", Kind::kCommand},
    {"a<<", Kind::kAnswer},
    {"command apdu:", Kind::kCommand},
    {"response apdu:", Kind::kAnswer},
    {"c-apdu:", Kind::kCommand},
    {"r-apdu:", Kind::kAnswer},
    {"capdu:", Kind::kCommand},
    {"rapdu:", Kind::kAnswer},
    {"sending:", Kind::kCommand},
    {"received:", Kind::kAnswer},
    {"command:", Kind::kCommand},
    {"response:", Kind::kAnswer},
    {"request:", Kind::kCommand},
    {"send:", Kind::kCommand},
    {"sent:", Kind::kCommand},
    {"recv:", Kind::kAnswer},
    {"resp:", Kind::kAnswer},
    {"rcv:", Kind::kAnswer},
    {"rsp:", Kind::kAnswer},
    {"cmd:", Kind::kCommand},
    {"tx:", Kind::kCommand},
    {"rx:", Kind::kAnswer},
    {"> apdu", Kind::kCommand},
    {"-->", Kind::kCommand},
    {"<--", Kind::kAnswer},
    {"=>", Kind::kCommand},
    {"<=", Kind::kAnswer},
    {"->", Kind::kCommand},
    {"<-", Kind::kAnswer},
    {">>", Kind::kCommand},
    {"<<", Kind::kAnswer},
    {">", Kind::kCommand},
    {"<", Kind::kAnswer},
});

/// Whether the marker at `at` is a word of its own.
bool is_alone(std::string_view line, std::size_t at, std::string_view marker) {
  if (at == 0) return true;
  const char before = line[at - 1];
  if (is_word(marker[0])) return !is_word(before) && before != '-';
  return before == ' ' || before == '\t' || before == ']' || before == ':' || before == ')' || before == '|';
}

/// Of a line that has the command before it: "C-APDU: 00A4.. R-APDU: 9000".
Bytes answer_behind(std::string_view text) {
  for (const Marker& marker : kMarkers) {
    const auto at = text.find(marker.text);
    if (marker.kind != Kind::kAnswer || at == std::string_view::npos || !is_alone(text, at, marker.text)) continue;
    auto bytes = leading_bytes(text.substr(at + marker.text.size()));
    if (bytes && bytes->size() >= 2) return *std::move(bytes);
  }
  const auto arrow = text.find(" -> ");
  const auto bytes = arrow == std::string_view::npos ? std::nullopt : leading_bytes(text.substr(arrow + 4));
  return bytes && bytes->size() >= 2 ? *bytes : Bytes();
}

/// `line` is `given` in lower case.
std::optional<LogLine> of_marker(std::string_view line, std::string_view given) {
  for (const Marker& marker : kMarkers) {
    const auto at = line.find(marker.text);
    if (at == std::string_view::npos || !is_alone(line, at, marker.text)) continue;
    LogLine out{.kind = marker.kind};
    const std::string_view text = behind_remarks(given.substr(at + marker.text.size()), out);
    const bool is_dump = marker.text == "=>" || marker.text == "<=";
    std::optional<Bytes> bytes = is_dump ? dump_line(text) : std::nullopt;
    out.goes_on = is_dump;
    if (!bytes && marker.text == "<-" && text.size() > 4 && text[4] == ':') {  // pySim: the status word first
      bytes = from_hex(text.substr(0, 4)).map_error([](const Error&) { return 0; }).value_or(Bytes());
      if (bytes->size() == 2) bytes = concat({leading_bytes(text.substr(5)).value_or(Bytes()), *bytes});
    }
    if (!bytes) bytes = leading_bytes(text);
    const std::size_t least = marker.kind == Kind::kAnswer ? 2 : 4;
    if (!bytes || bytes->size() < least) continue;
    if (marker.kind == Kind::kIgnored) return LogLine{};
    out.bytes = *std::move(bytes);
    if (out.kind == Kind::kCommand && !out.goes_on) out.answer = answer_behind(line.substr(at + marker.text.size()));
    return out;
  }
  return std::nullopt;
}

/// "00A4000402 3F00 -> 9F17"
std::optional<LogLine> of_one_line(std::string_view line) {
  auto command = leading_bytes(line);
  if (!command || command->size() < 4) return std::nullopt;
  const auto arrow = line.find('>');
  if (arrow == std::string_view::npos || arrow == 0 || (line[arrow - 1] != '-' && line[arrow - 1] != '=')) return std::nullopt;
  auto answer = leading_bytes(line.substr(arrow + 1));
  if (!answer || answer->size() < 2) return std::nullopt;
  return LogLine{.kind = Kind::kCommand, .bytes = *std::move(command), .answer = *std::move(answer)};
}

/// "Outgoing APDU (11 bytes):": a dump is below.
std::optional<LogLine> of_dump(std::string_view line) {
  const bool command = line.find("outgoing apdu") != std::string_view::npos;
  if (!command && line.find("incoming apdu") == std::string_view::npos) return std::nullopt;
  LogLine out{.kind = command ? Kind::kCommand : Kind::kAnswer, .goes_on = true};
  const auto open = line.rfind('(');
  if (open != std::string_view::npos) {
    const std::string_view text = line.substr(open + 1);
    out.due = number(text.substr(0, static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin()))).value_or(0);
  }
  return out;
}

/// So many digits, as a number; they are cut.
std::optional<std::int64_t> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count || !std::ranges::all_of(text.substr(0, count), is_digit)) return std::nullopt;
  const auto value = number(text.substr(0, count));
  text.remove_prefix(count);
  return value ? std::optional(static_cast<std::int64_t>(*value)) : std::nullopt;
}

bool take_char(std::string_view& text, std::string_view any) {
  if (text.empty() || any.find(text[0]) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

/// ".123456": a fraction of a second. Behind a comma it has three digits or more: bytes may follow one, too.
nanoseconds take_fraction(std::string_view& text) {
  const auto digits =
      static_cast<std::size_t>(std::ranges::find_if_not(text.begin() + (text.empty() ? 0 : 1), text.end(), is_digit) - text.begin());
  if (digits < 2 || !(text[0] == '.' || (text[0] == ',' && digits >= 4))) return nanoseconds(0);
  text.remove_prefix(1);
  std::int64_t value = 0;
  std::int64_t unit = 1'000'000'000;
  for (; !text.empty() && is_digit(text[0]); text.remove_prefix(1)) {
    if (unit == 1) continue;
    unit /= 10;
    value += (text[0] - '0') * unit;
  }
  return nanoseconds(value);
}

std::optional<nanoseconds> clock_at(std::string_view& text) {
  std::string_view rest = text;
  const auto hours = take_digits(rest, 2);
  if (!hours || *hours > 23 || !take_char(rest, ":")) return std::nullopt;
  const auto minutes = take_digits(rest, 2);
  if (!minutes || *minutes > 59 || !take_char(rest, ":")) return std::nullopt;
  const auto seconds = take_digits(rest, 2);
  if (!seconds || *seconds > 60) return std::nullopt;
  const auto time = std::chrono::hours(*hours) + std::chrono::minutes(*minutes) + std::chrono::seconds(*seconds) + take_fraction(rest);
  if (!rest.empty() && ((is_word(rest[0]) && rest[0] != 'Z') || (rest.size() > 1 && rest[0] == ':' && is_hex(rest[1]))))
    return std::nullopt;
  take_char(rest, "Z");
  text = rest;
  return time;
}

std::optional<nanoseconds> date_at(std::string_view& text) {
  std::string_view rest = text;
  const auto year = take_digits(rest, 4);
  if (!year || *year < 1970 || *year > 2200 || !take_char(rest, "-/")) return std::nullopt;
  const auto month = take_digits(rest, 2);
  if (!month || !take_char(rest, "-/")) return std::nullopt;
  const auto day = take_digits(rest, 2);
  if (!day || !take_char(rest, " T")) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const auto clock = clock_at(rest);
  if (!clock) return std::nullopt;
  text = rest;
  return std::chrono::sys_days(date).time_since_epoch() + *clock;
}

/// "[12345.678] "
std::optional<nanoseconds> brackets_at(std::string_view& text) {
  std::string_view rest = text;
  if (!take_char(rest, "[")) return std::nullopt;
  rest = without_blanks(rest);
  const auto size = static_cast<std::size_t>(std::ranges::find_if_not(rest, is_digit) - rest.begin());
  if (size == 0 || size > 9) return std::nullopt;
  const auto seconds = take_digits(rest, size);
  if (!seconds || rest.empty() || rest[0] != '.') return std::nullopt;
  const auto time = std::chrono::seconds(*seconds) + take_fraction(rest);
  if (!take_char(rest, "]")) return std::nullopt;
  text = rest;
  return time;
}

}  // namespace

std::optional<LogLine> read_log_line(std::string_view given) {
  const std::string text = lower(given);
  const std::string_view line = text;
  if (auto found = of_modem(line)) return found;
  if (auto found = of_lpac(line)) return found;
  if (auto found = of_dump(line)) return found;
  if (auto found = in_fields(line)) return found;
  if (auto found = of_reset(line)) return found;
  if (auto found = of_one_line(line)) return found;
  return of_marker(line, given);
}

std::optional<Bytes> dump_line(std::string_view line) {
  line = without_blanks(line);
  // Some put the offset in front.
  if (const auto colon = line.find(": "); colon == 8 || colon == 4) line = without_blanks(line.substr(colon + 1));
  Bytes bytes;
  std::array<std::string_view, 17> behind{};  // what follows so many bytes
  std::string_view rest = line;
  while (bytes.size() < 16 && rest.size() >= 2 && is_hex(rest[0]) && is_hex(rest[1]) && (rest.size() == 2 || rest[2] == ' ')) {
    bytes.push_back(from_hex(rest.substr(0, 2))->front());
    rest.remove_prefix(std::min<std::size_t>(3, rest.size()));
    behind.at(bytes.size()) = rest;
    if (rest.starts_with(' ')) break;
  }
  // The characters may look like digits: they are as many as the bytes and say the same. Blanks at their ends may be lost.
  const auto says = [&](std::string_view shown, std::size_t from) {
    return std::ranges::equal(shown, BytesView(bytes).subspan(from, shown.size()),
                              [](char c, std::uint8_t byte) { return c == '.' || static_cast<std::uint8_t>(c) == byte; });
  };
  for (std::size_t count = bytes.size(); count > 0; --count) {
    const std::string_view shown = behind.at(count).size() > count ? without_blanks(behind.at(count)) : behind.at(count);
    if (shown.size() == count && says(shown, 0)) return to_bytes(BytesView(bytes).first(count));
  }
  for (std::size_t count = bytes.size(); count > 0; --count) {
    const std::string_view shown = without_blanks(behind.at(count));
    if (shown.empty() && count == bytes.size()) return bytes;
    for (std::size_t from = 0; !shown.empty() && from + shown.size() <= count; ++from) {
      if (says(shown, from)) return to_bytes(BytesView(bytes).first(count));
    }
  }
  return std::nullopt;
}

std::optional<nanoseconds> take_time(std::string_view& line) {
  // At the begin, or behind one word or two.
  constexpr std::size_t kFarthest = 48;
  for (std::size_t at = 0; at < std::min(line.size(), kFarthest); ++at) {
    if (at != 0 && (is_word(line[at - 1]) || (line[at - 1] == ':' && at > 1 && is_hex(line[at - 2])))) continue;
    std::string_view rest = line.substr(at);
    auto time = date_at(rest);
    if (!time) time = clock_at(rest);
    if (!time && at == 0) time = brackets_at(rest);
    if (!time) continue;
    const auto next = rest.find_first_not_of(" \t,;:|])");
    line = next == std::string_view::npos ? std::string_view() : rest.substr(next);
    return time;
  }
  return std::nullopt;
}

}  // namespace uicclab::trace
