// SPDX-License-Identifier: Apache-2.0
#include "core/visible.hpp"

#include <sstream>

#include <doctest/doctest.h>

#include "core/json.hpp"

using namespace uicclab;

TEST_CASE("What a terminal obeys is shown, not obeyed (ECMA-48; Unicode UAX #9)") {
  CHECK(visible("plain \\ text") == "plain \\ text");
  CHECK(visible("a\x1b[31m\a\b\x7f") == "a\\u001b[31m\\u0007\\u0008\\u007f");
  CHECK(visible("one\ntwo\r\tthree") == "one\\ntwo\\r\\tthree");
  CHECK(visible(std::string_view("\0", 1)) == "\\u0000");
  CHECK(visible("C1: \xC2\x9B"
                "31m") == "C1: \\u009b31m");
  CHECK(visible("\x9B"
                "31m") == "\\x9b31m");
  for (const auto& [text, shown] : {std::pair{"\u202A", "\\u202a"},
                                    {"\u202E", "\\u202e"},
                                    {"\u2066", "\\u2066"},
                                    {"\u2069", "\\u2069"},
                                    {"\u200B", "\\u200b"},
                                    {"\u200F", "\\u200f"},
                                    {"\u2028", "\\u2028"},
                                    {"\uFEFF", "\\ufeff"},
                                    {"\U000E0041", "\\U000e0041"}}) {
    CHECK(visible(text) == shown);
    CHECK_FALSE(is_visible(text));
  }
}

TEST_CASE("Letters of every script stay as they are") {
  for (const char* text : {"Zürich", "Ελλάδα", "日本語", "שלום", "😀", "a\u00A0b"}) {
    CHECK(visible(text) == text);
    CHECK(is_visible(text));
  }
}

TEST_CASE("Bytes that are not UTF-8 are shown one by one (Unicode table 3-7)") {
  CHECK(visible("\xC3") == "\\xc3");
  CHECK(visible("\xC0\xAF") == "\\xc0\\xaf");           // overlong
  CHECK(visible("\xED\xA0\x80") == "\\xed\\xa0\\x80");  // a surrogate
  CHECK(visible("\xF4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");
  CHECK(visible("\xE6\x97x") == "\\xe6\\x97x");
}

TEST_CASE("A stream shows everything but line ends and tabs, also in pieces") {
  std::ostringstream out;
  {
    VisibleOutput shown(out);
    for (const char c : std::string_view("\x1b[1m 日本語 \u202E\n\tend\xE6\x97")) out << c;
    out << "x\xC3";
    VisibleOutput::write_raw(out, "\r\x1b");
    out << std::flush;
  }
  CHECK(out.str() == "\\u001b[1m 日本語 \\u202e\n\tend\\xe6\\x97x\r\x1b\\xc3");
  out << "\x1b";
  CHECK(out.str().ends_with("\x1b"));
}

TEST_CASE("A JSON string is UTF-8 and has no control characters (RFC 8259 clauses 7 and 8.1)") {
  CHECK(json_quoted("a\"\\\n\x1b") == R"("a\"\\\u000a\u001b")");
  CHECK(json_quoted("\u009B\u202E\U000E0041") == R"("\u009b\u202e\udb40\udc41")");
  CHECK(json_quoted("\x9B"
                    "x") == R"("\\x9bx")");
  CHECK(json_quoted("Zürich 😀") == "\"Zürich 😀\"");
}
