// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/common/commands.hpp"

namespace uicclab::cli {

/// Adds "ca" and "certify" to the command "mcim".
void add_mcim_certify(App& command, Action& action);

}  // namespace uicclab::cli
