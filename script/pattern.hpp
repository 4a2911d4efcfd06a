// SPDX-License-Identifier: Apache-2.0
// Expectations for bytes and for a status word.
#pragma once

#include <optional>

#include "core/status_word.hpp"
#include "script/value.hpp"

namespace uicclab::script {

/// Bytes with holes: fixed digits, x for any digit, .. for any bytes, [4] and [2-10] for so many.
class Pattern {
 public:
  /// The variables of `part` were expanded. Errors: kMalformed with the place.
  static Result<Pattern> of(const Part& part);

  /// Nothing if `bytes` fit; else the offset of the first byte that does not (their size if bytes are missing).
  std::optional<std::size_t> mismatch(BytesView bytes) const;
  /// The bytes that it means; nothing if it has wildcards.
  std::optional<Bytes> fixed() const;
  /// "62 .. 83 02 xx xx"
  const std::string& text() const { return m_text; }

 private:
  struct Piece {
    std::uint8_t value = 0;
    std::uint8_t mask = 0xFF;
    std::size_t least = 1;
    std::size_t most = 1;
  };
  std::vector<Piece> m_pieces;
  std::string m_text;
};

/// One or more status words with holes: 9000, 63Cx, "9000 or 91xx", success (9000, 91xx, 92xx).
class StatusPattern {
 public:
  /// `tokens` are expanded. Errors: kMalformed with the place.
  static Result<StatusPattern> of(const Part& part);
  /// What a command without an expectation shall answer.
  static StatusPattern success();

  bool fits(StatusWord status) const;
  /// Nothing but 61xx, 6Cxx and 9Fxx, which is between card and reader (ETSI TS 102 221 clause 7.3.1.1).
  bool is_of_transmission() const;
  const std::string& text() const { return m_text; }

 private:
  struct Alternative {
    std::uint16_t value = 0;
    std::uint16_t mask = 0xFFFF;
  };
  void add(std::string_view word);

  std::vector<Alternative> m_alternatives;
  std::string m_text;
};

/// Both, as written after ->.
struct Expectation {
  std::optional<Pattern> data;
  std::optional<StatusPattern> status;
  static Result<Expectation> of(const Part& part);
};

}  // namespace uicclab::script
