// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/common/commands.hpp"

namespace uicclab::cli {

/// Adds "register" and "install" to the command "mcim".
void add_mcim_install(App& command, Action& action);

}  // namespace uicclab::cli
