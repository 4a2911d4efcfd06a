// SPDX-License-Identifier: Apache-2.0
// How far something is.
#pragma once

#include <cstddef>

namespace uicclab::cli {

/// A bar on standard error, where somebody sees it: nothing if that is no terminal. Drawn again over itself until `done` is `all`.
void show_progress(std::size_t done, std::size_t all);

}  // namespace uicclab::cli
