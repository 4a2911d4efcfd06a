// SPDX-License-Identifier: Apache-2.0
// Which of the known names somebody meant.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace uicclab::cli {

/// The candidate with the fewest letters added, left out, changed or swapped, if those are at most a third of the word (but one is always
/// forgiven); none if no candidate is that near.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace uicclab::cli
