// SPDX-License-Identifier: Apache-2.0
// uicclab ota: over-the-air management. The subcommands are in the files ota_*.cpp.
#include "cli/ota/ota.hpp"

namespace uicclab::cli {

void add_ota(App& app, Action& action) {
  auto* command = app.add_subcommand("ota", "Manage cards over the air: secured short messages, from the sender's side");
  command->require_subcommand();
  add_ota_send(*command, action);
  add_ota_smsc(*command, action);
  add_ota_decode(*command, action);
}

}  // namespace uicclab::cli
