// SPDX-License-Identifier: Apache-2.0
// Text from outside (cards, servers, short messages, file names, profiles) as terminals and logs may show it. A terminal obeys control
// characters (ECMA-48), a reader is misled by text that changes its direction (Unicode UAX #9), and a line end forges a line of a log.
#pragma once

#include <mutex>
#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>

#include "core/bytes.hpp"

namespace uicclab {

/// Length of the well-formed UTF-8 sequence at the begin of `bytes`, 0 if there is none (Unicode table 3-7). `bytes` is not empty.
std::size_t utf8_sequence(BytesView bytes);

/// The text on one line, in UTF-8: \n, \r and \t, \u001b for other control characters (C0, DEL, C1), marks of direction, line separators
/// and characters without width, \x9b for a byte that is no UTF-8. A backslash stays as it is.
std::string visible(std::string_view text);

/// The same in quotes, with quotes and backslashes escaped, where escapes mean the character: a JSON string (RFC 8259 clause 7) or a basic
/// string of TOML. A byte that is no UTF-8 has no place in either: it becomes the text \x9b.
std::string visible_in_json(std::string_view text);
std::string visible_in_toml(std::string_view text);

/// Whether visible() changes nothing.
bool is_visible(std::string_view text);

/// As long as it lives, what is written to a stream is made visible, but for line ends and tabs: the last defence, for text that nobody
/// gave to visible(). Thread-safe as the stream's own buffer is.
class VisibleOutput final : public std::streambuf {
 public:
  explicit VisibleOutput(std::ostream& stream);
  ~VisibleOutput() override;
  VisibleOutput(const VisibleOutput&) = delete;
  VisibleOutput& operator=(const VisibleOutput&) = delete;

  /// Bytes as they are, for files on standard output and for bars that go back to the begin of a line.
  static void write_raw(std::ostream& stream, std::string_view bytes);

 private:
  int_type overflow(int_type c) override;
  std::streamsize xsputn(const char* text, std::streamsize size) override;
  int sync() override;
  bool put(std::string_view text);

  std::ostream& m_stream;
  std::streambuf* m_below;
  std::mutex m_mutex;
  std::string m_begun;  ///< of a character whose other bytes may follow
};

}  // namespace uicclab
