// SPDX-License-Identifier: Apache-2.0
#include "cli/common/nearest.hpp"

#include <algorithm>

namespace uicclab::cli {
namespace {

/// Longer words are no names of ours, and the time grows with the square.
constexpr std::size_t kLongestWord = 64;

/// Distance of Damerau and Levenshtein, with neighbours swapped once at most (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before_last, last);
    std::swap(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.empty() || word.size() > kLongestWord) return std::nullopt;
  std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
  std::optional<std::string> out;
  for (const std::string& one : candidates) {
    if (one.size() > kLongestWord) continue;
    if (const std::size_t d = distance(word, one); d < least) {
      least = d;
      out = one;
    }
  }
  return out;
}

}  // namespace uicclab::cli
