// SPDX-License-Identifier: Apache-2.0
// uicclab lwm2m sms: messages of the SMS binding, secured with session keys, at the device (send, receive, deliver) and at the server
// (answer, ask, refresh).
#include "cli/lwm2m/lwm2m.hpp"
#include "cli/lwm2m/sms_ends.hpp"

namespace uicclab::cli {

void add_lwm2m_sms(App& lwm2m, Action& action) {
  auto* sms = lwm2m.add_subcommand("sms", "Messages of the SMS binding, secured with session keys");
  sms->require_subcommand();
  add_sms_device(*sms, action);
  add_sms_server(*sms, action);
}

}  // namespace uicclab::cli
