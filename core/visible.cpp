// SPDX-License-Identifier: Apache-2.0
#include "core/visible.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace uicclab {
namespace {

char32_t character(BytesView sequence) {
  if (sequence.size() == 1) return sequence[0];
  char32_t c = sequence[0] & (0xFFU >> (sequence.size() + 1));
  for (const std::uint8_t tail : sequence.subspan(1)) c = (c << 6) | (tail & 0x3FU);
  return c;
}

/// What a terminal obeys, or what a reader does not see. U+200C and U+200D join letters and stay.
constexpr bool is_hidden(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x61C || c == 0x180E || c == 0x200B || c == 0x200E || c == 0x200F ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) ||
         (c >= 0xE0000 && c <= 0xE007F);
}

enum class Form { kLine, kLines, kJson, kToml };

constexpr bool is_quoted(Form form) {
  return form == Form::kJson || form == Form::kToml;
}

std::string number(const char* format, char32_t c) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), format, static_cast<unsigned>(c));
  return text.data();
}

std::string escape(char32_t c, Form form) {
  if (!is_quoted(form)) {
    if (c == '\n') return "\\n";
    if (c == '\r') return "\\r";
    if (c == '\t') return "\\t";
  }
  if (c <= 0xFFFF) return number("\\u%04x", c);
  if (form != Form::kJson) return number("\\U%08x", c);
  return number("\\u%04x", 0xD7C0 + (c >> 10)) + number("\\u%04x", 0xDC00 + (c & 0x3FF));  // a pair of surrogates
}

/// Nothing but printable ASCII; line ends and tabs, too, where they stay.
bool is_plain(std::string_view text, Form form) {
  return std::ranges::all_of(text, [&](char c) {
    if (c == '\n' || c == '\t') return form == Form::kLines;
    return c >= 0x20 && c < 0x7F && !(is_quoted(form) && (c == '"' || c == '\\'));
  });
}

/// Appends the text as visible() says. Returns the number of bytes that were taken: without a sequence at the end whose other bytes are
/// missing, if `more` may come.
std::size_t append_visible(std::string& out, std::string_view text, Form form, bool more = false) {
  const BytesView bytes = as_bytes(text);
  std::size_t at = 0;
  while (at < bytes.size()) {
    const BytesView rest = bytes.subspan(at);
    const std::size_t size = utf8_sequence(rest);
    if (size == 0) {
      // Whatever has a lead byte, and tails up to the end, may go on.
      const std::size_t wanted = rest[0] >= 0xF0 && rest[0] <= 0xF4  ? 4U
                                 : rest[0] >= 0xE0 && rest[0] < 0xF0 ? 3U
                                 : rest[0] >= 0xC2                   ? 2U
                                                                     : 1U;
      const bool tails = std::ranges::all_of(rest.subspan(1), [](std::uint8_t byte) { return (byte & 0xC0) == 0x80; });
      if (more && rest[0] <= 0xF4 && rest.size() < wanted && tails) return at;
      out += number(is_quoted(form) ? "\\\\x%02x" : "\\x%02x", rest[0]);
      ++at;
      continue;
    }
    const char32_t c = character(rest.first(size));
    if (is_hidden(c) && !(form == Form::kLines && (c == '\n' || c == '\t'))) {
      out += escape(c, form);
    } else {
      if (is_quoted(form) && (c == '"' || c == '\\')) out += '\\';
      out += text.substr(at, size);
    }
    at += size;
  }
  return at;
}

}  // namespace

std::size_t utf8_sequence(BytesView bytes) {
  const auto is_tail = [&](std::size_t at, std::uint8_t low = 0x80, std::uint8_t high = 0xBF) {
    return at < bytes.size() && bytes[at] >= low && bytes[at] <= high;
  };
  const std::uint8_t lead = bytes[0];
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return is_tail(1) ? 2 : 0;
  if ((lead & 0xF0) == 0xE0) {
    const std::uint8_t low = lead == 0xE0 ? 0xA0 : 0x80;
    const std::uint8_t high = lead == 0xED ? 0x9F : 0xBF;
    return is_tail(1, low, high) && is_tail(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const std::uint8_t low = lead == 0xF0 ? 0x90 : 0x80;
    const std::uint8_t high = lead == 0xF4 ? 0x8F : 0xBF;
    return is_tail(1, low, high) && is_tail(2) && is_tail(3) ? 4 : 0;
  }
  return 0;
}

std::string visible(std::string_view text) {
  if (is_plain(text, Form::kLine)) return std::string(text);
  std::string out;
  append_visible(out, text, Form::kLine);
  return out;
}

std::string visible_in_json(std::string_view text) {
  std::string out = "\"";
  append_visible(out, text, Form::kJson);
  return out + '"';
}

std::string visible_in_toml(std::string_view text) {
  std::string out = "\"";
  append_visible(out, text, Form::kToml);
  return out + '"';
}

bool is_visible(std::string_view text) {
  return is_plain(text, Form::kLine) || visible(text) == text;
}

VisibleOutput::VisibleOutput(std::ostream& stream) : m_stream(stream), m_below(stream.rdbuf(this)) {}

VisibleOutput::~VisibleOutput() {
  std::string rest;
  append_visible(rest, m_begun, Form::kLines);
  m_below->sputn(rest.data(), static_cast<std::streamsize>(rest.size()));
  m_stream.rdbuf(m_below);
}

void VisibleOutput::write_raw(std::ostream& stream, std::string_view bytes) {
  if (auto* self = dynamic_cast<VisibleOutput*>(stream.rdbuf())) {
    const std::lock_guard lock(self->m_mutex);
    if (self->m_below->sputn(bytes.data(), static_cast<std::streamsize>(bytes.size())) != static_cast<std::streamsize>(bytes.size())) {
      stream.setstate(std::ios::badbit);
    }
  } else {
    stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
}

VisibleOutput::int_type VisibleOutput::overflow(int_type c) {
  if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
  const char one = traits_type::to_char_type(c);
  return put({&one, 1}) ? c : traits_type::eof();
}

std::streamsize VisibleOutput::xsputn(const char* text, std::streamsize size) {
  return put({text, static_cast<std::size_t>(size)}) ? size : 0;
}

int VisibleOutput::sync() {
  const std::lock_guard lock(m_mutex);
  return m_below->pubsync();
}

bool VisibleOutput::put(std::string_view text) {
  const std::lock_guard lock(m_mutex);
  std::string shown;
  if (!m_begun.empty() || !is_plain(text, Form::kLines)) {
    m_begun += text;
    m_begun.erase(0, append_visible(shown, m_begun, Form::kLines, true));
    text = shown;
  }
  return m_below->sputn(text.data(), static_cast<std::streamsize>(text.size())) == static_cast<std::streamsize>(text.size());
}

}  // namespace uicclab
