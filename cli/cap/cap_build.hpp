// SPDX-License-Identifier: Apache-2.0
// uicclab cap build, cap stubs: from Java to a CAP file.
#pragma once

#include "cli/common/commands.hpp"

namespace uicclab::cli {

void add_cap_build(App& cap, Action& action);
void add_cap_stubs(App& cap, Action& action);

}  // namespace uicclab::cli
