#include "script/foreign.hpp"

#include <algorithm>
#include <cctype>

#include "core/hex.hpp"

namespace uicclab::script {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") + 1 - first);
}

Token hex_token(BytesView bytes, const Place& place) {
  return {Token::Kind::kWord, to_hex(bytes), place.line, place.column};
}

/// A command, raw, with what it answered if that is known.
Statement command_of(BytesView command, const Place& place, std::string_view line) {
  return {Statement::Kind::kRaw, place, std::string(line), {}, {hex_token(command, place)}, {}};
}

/// pcsc-tools' scriptor(1p): hexadecimal digits and "reset"; # begins a comment; a backslash goes on in the next line.
std::optional<Block> bare_commands(std::string_view text, const std::string& file) {
  Block out;
  std::string command;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    std::string_view line = trimmed(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    line = trimmed(line.substr(0, line.find('#')));
    const bool more = line.ends_with('\\');
    command += line.substr(0, line.size() - (more ? 1 : 0));
    if (more) continue;
    const std::string whole = std::exchange(command, {});
    if (whole.empty()) continue;
    const Place place{file, number, 1};
    std::string lower = whole;
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (lower == "reset") {
      out.push_back({Statement::Kind::kReset, place, whole, {}, {}, {}});
      continue;
    }
    const auto bytes = from_hex(whole);
    if (!bytes || bytes->size() < 4) return std::nullopt;
    out.push_back(command_of(*bytes, place, whole));
  }
  return out.empty() ? std::nullopt : std::optional(std::move(out));
}

/// A line of a text trace: "12.345 00A40004023F00 -> 6115 response data available".
std::optional<Statement> text_event(std::string_view line, const Place& place) {
  const auto blank = line.find(' ');
  if (blank == std::string_view::npos || line.find('.') > blank) return std::nullopt;
  if (!std::ranges::all_of(line.substr(0, blank), [](unsigned char c) { return std::isdigit(c) != 0 || c == '.'; })) return std::nullopt;
  const std::string_view event = trimmed(line.substr(blank));
  if (event == "power off") return Statement{Statement::Kind::kPowerOff, place, std::string(event), {}, {}, {}};
  const auto arrow = event.find(" -> ");
  if (arrow == std::string_view::npos) return std::nullopt;
  const std::string_view answer = event.substr(arrow + 4);
  if (event.starts_with("reset")) {
    const auto atr = from_hex(answer);
    if (!atr) return std::nullopt;
    return Statement{Statement::Kind::kReset, place, std::string(event), {}, {}, {hex_token(*atr, place)}, true};
  }
  const auto command = from_hex(event.substr(0, arrow));
  if (!command || command->empty()) return std::nullopt;
  // Data and status in digits, then the meaning of the status in words.
  std::string first(answer.substr(0, answer.find(' ')));
  std::string second;
  if (first.size() < answer.size()) {
    const std::string_view rest = answer.substr(first.size() + 1);
    second = rest.substr(0, rest.find(' '));
  }
  const auto is_status = [](const std::string& word) { return word.size() == 4 && from_hex(word).has_value() && word.find_first_of("abcdef") == std::string::npos; };
  Statement out = command_of(*command, place, event);
  out.expects = true;
  if (is_status(second)) {
    const auto data = from_hex(first);
    if (!data) return std::nullopt;
    out.expected = {hex_token(*data, place), {Token::Kind::kWord, second, place.line, place.column}};
  } else if (is_status(first)) {
    out.expected = {{Token::Kind::kWord, "none", place.line, place.column}, {Token::Kind::kWord, first, place.line, place.column}};
  } else {
    return std::nullopt;
  }
  return out;
}

/// The value of a member of a JSON trace's line, which has no escapes in the members that matter.
std::optional<std::string> member(std::string_view line, std::string_view name) {
  const std::string key = "\"" + std::string(name) + "\":\"";
  const auto found = line.find(key);
  if (found == std::string_view::npos) return std::nullopt;
  const auto begin = found + key.size();
  const auto end = line.find('"', begin);
  if (end == std::string_view::npos) return std::nullopt;
  return std::string(line.substr(begin, end - begin));
}

/// A line of a JSON trace (core/trace_text.hpp).
std::optional<Statement> json_event(std::string_view line, const Place& place) {
  const auto event = member(line, "event");
  if (!line.starts_with('{') || !event) return std::nullopt;
  if (*event == "power_off") return Statement{Statement::Kind::kPowerOff, place, "power off", {}, {}, {}};
  if (*event == "reset") {
    const auto atr = from_hex(member(line, "atr").value_or("?"));
    if (!atr) return std::nullopt;
    return Statement{Statement::Kind::kReset, place, "reset", {}, {}, {hex_token(*atr, place)}, true};
  }
  const auto command = from_hex(member(line, "command").value_or("?"));
  const auto data = from_hex(member(line, "data").value_or("?"));
  const auto status = member(line, "sw");
  if (*event != "exchange" || !command || !data || !status || status->size() != 4 || !from_hex(*status)) return std::nullopt;
  Statement out = command_of(*command, place, to_hex(*command));
  out.expects = true;
  out.expected = {data->empty() ? Token{Token::Kind::kWord, "none", place.line, place.column} : hex_token(*data, place),
                  {Token::Kind::kWord, *status, place.line, place.column}};
  return out;
}

std::optional<Block> trace(std::string_view text, const std::string& file) {
  Block out;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.empty() || line.starts_with('#')) continue;
    const Place place{file, number, 1};
    auto event = line.starts_with('{') ? json_event(line, place) : text_event(line, place);
    if (!event) return std::nullopt;
    out.push_back(*std::move(event));
  }
  return out.empty() ? std::nullopt : std::optional(std::move(out));
}

}  // namespace

std::optional<Script> parse_foreign(std::string_view text, const std::string& file) {
  Script script;
  script.file = file;
  auto body = trace(text, file);
  if (!body) {
    body = bare_commands(text, file);
    script.unchecked = body.has_value();
  }
  if (!body) return std::nullopt;
  const auto slash = file.rfind('/');
  const std::string name = slash == std::string::npos ? file : file.substr(slash + 1);
  const Place place = body->front().place;
  script.cases.push_back({name.substr(0, name.rfind('.')), place, {}, {}, {}, {}, {}, *std::move(body)});
  return script;
}

}  // namespace uicclab::script
