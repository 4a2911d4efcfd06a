// SPDX-License-Identifier: Apache-2.0
#include "cli/common/progress.hpp"

#include <algorithm>
#include <iostream>
#include <string>

#include <unistd.h>

#include "core/visible.hpp"

namespace uicclab::cli {

void show_progress(std::size_t done, std::size_t all) {
  constexpr std::size_t kWidth = 40;
  if (isatty(STDERR_FILENO) == 0 || all == 0 || (done != all && done % std::max<std::size_t>(all / 200, 1) != 0)) return;
  const std::size_t filled = done * kWidth / all;
  VisibleOutput::write_raw(std::cerr, "\r[" + std::string(filled, '#') + std::string(kWidth - filled, ' ') + "] " + std::to_string(done) +
                                          "/" + std::to_string(all) + (done == all ? "\n" : ""));
}

}  // namespace uicclab::cli
