// SPDX-License-Identifier: Apache-2.0
#include "script/foreign.hpp"

#include <algorithm>
#include <cctype>

#include "core/apdu.hpp"
#include "core/ascii.hpp"
#include "core/hex.hpp"
#include "core/trace_reading.hpp"

namespace uicclab::script {
namespace {

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
    if (same_but_for_case(whole, "reset")) {
      out.push_back({Statement::Kind::kReset, place, whole, {}, {}, {}});
      continue;
    }
    const auto bytes = from_hex(whole);
    if (!bytes || bytes->size() < 4) return std::nullopt;
    out.push_back(command_of(*bytes, place, whole));
  }
  return out.empty() ? std::nullopt : std::optional(std::move(out));
}

/// A line of a trace of ours; nothing for one that reports a failure, which no card can be asked to repeat.
std::optional<Statement> trace_event(std::string_view line, const Place& place) {
  const auto event = parse_trace_line(line);
  if (!event || event->kind == TraceEvent::Kind::kError) return std::nullopt;
  if (event->kind == TraceEvent::Kind::kPowerOff) return Statement{Statement::Kind::kPowerOff, place, "power off", {}, {}, {}};
  if (event->kind == TraceEvent::Kind::kReset) {
    return Statement{Statement::Kind::kReset, place, "reset", {}, {}, {hex_token(event->answer, place)}, true};
  }
  const auto response = apdu::parse_response(event->answer);
  if (!response) return std::nullopt;
  Statement out = command_of(event->command, place, to_hex(event->command));
  out.expects = true;
  out.expected = {response->data.empty() ? Token{Token::Kind::kWord, "none", place.line, place.column} : hex_token(response->data, place),
                  {Token::Kind::kWord, to_hex(response->status), place.line, place.column}};
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
    auto event = trace_event(line, place);
    if (!event) return std::nullopt;
    out.push_back(*std::move(event));
  }
  return out.empty() ? std::nullopt : std::optional(std::move(out));
}

/// What scriptor(1p) writes: "> 00 A4 ..", "< 61 15 : words", "> RESET", "< OK: 3B ..", and lines about the reader and
/// of its input, which do not matter.
std::optional<Block> scriptor_output(std::string_view text, const std::string& file) {
  Block out;
  bool waits = false;  // a command, for its answer
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    const Place place{file, number, 1};
    if (line.starts_with("> ")) {
      const std::string_view words = trimmed(line.substr(2));
      const bool reset = words == "RESET" || words == "reset";
      const auto bytes = from_hex(words);
      if (!reset && (!bytes || bytes->size() < 4)) return std::nullopt;
      out.push_back(reset ? Statement{Statement::Kind::kReset, place, std::string(words), {}, {}, {}} : command_of(*bytes, place, words));
      waits = true;
    } else if (line.starts_with("< ") && waits) {
      const bool reset = out.back().kind == Statement::Kind::kReset;
      std::string_view words = line.substr(2);
      if (reset && words.starts_with("OK:")) words.remove_prefix(3);
      auto bytes = from_hex(trimmed(words.substr(0, words.find(':'))));
      if (!bytes || bytes->size() < 2) return std::nullopt;
      waits = false;
      out.back().expects = true;
      if (reset) {
        out.back().expected = {hex_token(*bytes, place)};
        continue;
      }
      const Token status = hex_token(BytesView(*bytes).last(2), place);
      bytes->resize(bytes->size() - 2);
      out.back().expected = {bytes->empty() ? Token{Token::Kind::kWord, "none", place.line, place.column} : hex_token(*bytes, place),
                             status};
    }
  }
  return out.empty() ? std::nullopt : std::optional(std::move(out));
}

}  // namespace

std::optional<Script> parse_foreign(std::string_view text, const std::string& file) {
  Script script;
  script.file = file;
  auto body = trace(text, file);
  if (!body) body = scriptor_output(text, file);
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
