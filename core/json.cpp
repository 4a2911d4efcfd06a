// SPDX-License-Identifier: Apache-2.0
#include "core/json.hpp"

#include "core/visible.hpp"

namespace uicclab {

std::string json_quoted(std::string_view text) {
  return visible_in_json(text);
}

std::optional<std::size_t> json_too_deep(std::string_view text) {
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxJsonDepth) return i;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return std::nullopt;
}

}  // namespace uicclab
