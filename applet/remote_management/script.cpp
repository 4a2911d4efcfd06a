// SPDX-License-Identifier: Apache-2.0
#include "applet/remote_management/script.hpp"

#include "applet/remote_management/runner.hpp"
#include "ota/remote_apdu_expanded.hpp"

namespace uicclab::applet::remote_management {

Bytes run_script(Context& context, const RemoteRequest& request, ota::CommandSet set, bool gsm_class) {
  RemoteCommands* commands = context.remote_commands();
  if (commands == nullptr) return {};
  Runner runner(*commands, set, gsm_class);
  if (ota::is_expanded(request.data)) return run_expanded(runner, context, request);
  commands->begin();
  return run_compact(runner, request);
}

}  // namespace uicclab::applet::remote_management
