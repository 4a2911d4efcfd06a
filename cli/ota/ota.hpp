// SPDX-License-Identifier: Apache-2.0
// The subcommands of uicclab ota.
#pragma once

#include "cli/common/commands.hpp"

namespace uicclab::cli {

/// decode, explain, por
void add_ota_decode(App& ota, Action& action);
void add_ota_send(App& ota, Action& action);
void add_ota_smsc(App& ota, Action& action);

}  // namespace uicclab::cli
