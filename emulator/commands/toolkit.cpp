// SPDX-License-Identifier: Apache-2.0
// TERMINAL PROFILE, ENVELOPE, FETCH and TERMINAL RESPONSE: ETSI TS 102 221 clause 11.2.
#include "core/ber_tlv.hpp"
#include "emulator/cat/events.hpp"
#include "emulator/commands/handlers.hpp"
#include "emulator/remote/short_message.hpp"

namespace uicclab::emulator::commands {
StatusWord terminal_profile(Execution& e) {
  if (e.command.p1p2() != 0) return sw::kIncorrectP1P2;
  if (e.command.data.empty()) return sw::kWrongLength;
  e.session.toolkit().terminal_profile(e.command.data);
  return sw::kOk;
}

StatusWord envelope(Execution& e) {
  if (e.command.p1p2() != 0) return sw::kIncorrectP1P2;
  if (e.command.data.empty()) return sw::kWrongLength;
  const auto tlv = ber::first(e.command.data);
  if (!tlv || tlv->whole.size() != e.command.data.size() || tlv->tag > 0xFF) return sw::kIncorrectData;
  if (tlv->tag == envelope_tag::kSmsPpDownload) {
    if (const auto answer = sms_pp_download(e)) return *answer;
  }
  if (tlv->tag == envelope_tag::kCellBroadcastDownload) {
    if (const auto answer = cell_broadcast_download(e)) return *answer;
  }
  return e.session.toolkit().envelope(static_cast<std::uint8_t>(tlv->tag), tlv->value, e.out);
}

StatusWord fetch(Execution& e) {
  if (e.command.p1p2() != 0) return sw::kIncorrectP1P2;
  if (!e.command.data.empty()) return sw::kWrongLength;
  const ProactiveCommand* next = e.session.cat.next();
  if (next == nullptr) return sw::kConditionsNotSatisfied;
  if (!e.command.le) return sw::kWrongLength;
  if (!e.le_fits(next->command.size())) return sw::exact_length(next->command.size());
  append(e.out, next->command);
  e.session.cat.mark_fetched();
  return sw::kOk;
}

StatusWord terminal_response(Execution& e) {
  if (e.command.p1p2() != 0) return sw::kIncorrectP1P2;
  if (!e.session.cat.fetched()) return sw::kConditionsNotSatisfied;
  if (e.command.data.empty()) return sw::kWrongLength;
  return e.session.toolkit().terminal_response(e.command.data);
}

}  // namespace uicclab::emulator::commands
