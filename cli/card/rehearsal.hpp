// SPDX-License-Identifier: Apache-2.0
// --rehearse: a job is done on a copy of the card first, and its consumption and changes are shown.
#pragma once

#include "cli/card/card_option.hpp"

namespace uicclab::cli {

struct RehearsalOption {
  bool wanted = false;
  bool yes = false;

  /// --rehearse, --yes.
  void add_to(App& command);
};

/// Nothing without --rehearse. Runs `job` on a copy, reports on standard error what that consumed, and, for a card in a reader, asks
/// whether to go on; without a terminal --yes says so. A card in a reader is copied as uicclab clone does it; a PIN whose value is not
/// known is taken to be right there, once. Throws Exit if the job failed on the copy, which then has its code, or if the answer is no:
/// nothing was done on the card.
void rehearse(const RehearsalOption& option, const OpenCard& card, const std::function<int(CardPort& copy)>& job);

}  // namespace uicclab::cli
