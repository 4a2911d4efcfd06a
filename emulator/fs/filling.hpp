// SPDX-License-Identifier: Apache-2.0
// Filling patterns of a new file: tags C1 and C2 of the proprietary information, ETSI TS 102 222 clause 6.3.2.2.2.
#pragma once

#include <algorithm>

#include "core/bytes.hpp"

namespace uicclab::emulator {

/// C1 is repeated by its last byte, C2 as a whole; the pattern starts again in each record.
struct Filling {
  Bytes pattern;  ///< empty: FF
  bool repeat_whole = false;

  /// Fills `body` from a position to its end; `unit` is the record length, 0 for a file without records.
  void fill(Bytes& body, std::size_t from, std::size_t unit) const {
    for (std::size_t i = from; i < body.size(); ++i) {
      const std::size_t at = unit == 0 ? i : i % unit;
      if (pattern.empty()) {
        body[i] = 0xFF;
      } else {
        body[i] = repeat_whole ? pattern[at % pattern.size()] : pattern[std::min(at, pattern.size() - 1)];
      }
    }
  }
};

}  // namespace uicclab::emulator
