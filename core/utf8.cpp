// SPDX-License-Identifier: Apache-2.0
#include "core/utf8.hpp"

#include "core/visible.hpp"

namespace uicclab {

std::optional<std::size_t> first_non_utf8(BytesView bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t size = utf8_sequence(bytes.subspan(at));
    if (size == 0 || bytes[at] == 0) return at;
    at += size;
  }
  return std::nullopt;
}

}  // namespace uicclab
