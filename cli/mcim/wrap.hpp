// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/common/commands.hpp"

namespace uicclab::cli {

/// Adds "wrap" to the command "mcim".
void add_mcim_wrap(App& command, Action& action);

}  // namespace uicclab::cli
