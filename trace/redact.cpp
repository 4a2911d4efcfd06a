// SPDX-License-Identifier: Apache-2.0
// Removal of secrets from a report for other readers.
#include <algorithm>

#include "trace/report.hpp"

namespace uicclab::trace {

void redact(Exchange& exchange) {
  const Secrets& secrets = exchange.secrets;
  overwrite(exchange.command, secrets.sent);
  overwrite(exchange.data, secrets.received);
  if (exchange.plain) {
    overwrite(exchange.plain->command, secrets.command);
    overwrite(exchange.plain->data, secrets.answer);
  }
  overwrite(exchange.command_fields, secrets.command, secrets.message);
  overwrite(exchange.answer_fields, secrets.answer, secrets.message);
  for (const auto* list : {&secrets.command, &secrets.answer, &secrets.message, &secrets.sent, &secrets.received}) {
    for (const Secret& one : *list) {
      if (std::ranges::find(exchange.hidden, one.kind) == exchange.hidden.end()) exchange.hidden.emplace_back(one.kind);
    }
  }
}

}  // namespace uicclab::trace
