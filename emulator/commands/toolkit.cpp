// SPDX-License-Identifier: Apache-2.0
// TERMINAL PROFILE, ENVELOPE, FETCH and TERMINAL RESPONSE: ETSI TS 102 221 clause 11.2.
#include "applet/api/toolkit_module.hpp"
#include "core/ber_tlv.hpp"
#include "core/comprehension_tlv.hpp"
#include "emulator/commands/handlers.hpp"
#include "emulator/remote/short_message.hpp"
#include "emulator/runtime/instance_context.hpp"

namespace uicclab::emulator::commands {
namespace {

constexpr ber::Tag kSmsPpDownload = 0xD1;
constexpr ber::Tag kCellBroadcastDownload = 0xD2;

}  // namespace

StatusWord terminal_profile(Execution& e) {
  if (e.command.p1p2() != 0) return sw::kIncorrectP1P2;
  if (e.command.data.empty()) return sw::kWrongLength;
  e.session.cat.set_terminal_profile(e.command.data);
  Runtime& runtime = e.session.runtime;
  for (const std::uint32_t number : runtime.numbers()) {
    const auto* toolkit = dynamic_cast<const applet::ToolkitModule*>(runtime.instance(number).module.get());
    if (toolkit == nullptr || !runtime.is_selectable(number)) continue;
    InstanceContext context(e.session, number, e.channel_number, e.security);
    toolkit->on_terminal_profile(runtime.object(number), context);
  }
  return sw::kOk;
}

StatusWord envelope(Execution& e) {
  if (e.command.p1p2() != 0) return sw::kIncorrectP1P2;
  if (e.command.data.empty()) return sw::kWrongLength;
  const auto tlv = ber::first(e.command.data);
  if (!tlv || tlv->whole.size() != e.command.data.size() || tlv->tag > 0xFF) return sw::kIncorrectData;
  if (tlv->tag == kSmsPpDownload) {
    if (const auto answer = sms_pp_download(e)) return *answer;
  }
  if (tlv->tag == kCellBroadcastDownload) {
    if (const auto answer = cell_broadcast_download(e)) return *answer;
  }
  for (std::uint32_t number : e.session.runtime.numbers()) {
    if (!e.session.runtime.is_selectable(number)) continue;
    InstanceContext context(e.session, number, e.channel_number, e.security);
    const auto answer = e.session.runtime.object(number).on_envelope(context, static_cast<std::uint8_t>(tlv->tag), tlv->value, e.out);
    if (answer) return *answer;
  }
  return sw::kFunctionNotSupported;  // no application on this card takes this envelope
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
  const auto& fetched = e.session.cat.fetched();
  if (!fetched) return sw::kConditionsNotSatisfied;
  if (e.command.data.empty()) return sw::kWrongLength;
  ctlv::Reader reader(e.command.data);
  while (!reader.empty()) {
    if (!reader.next()) return sw::kIncorrectData;
  }
  const std::uint32_t instance = fetched->instance;
  e.session.cat.mark_answered();
  if (!e.session.runtime.exists(instance)) return sw::kOk;  // deleted since
  InstanceContext context(e.session, instance, e.channel_number, e.security);
  e.session.runtime.object(instance).on_terminal_response(context, e.command.data);
  return sw::kOk;
}

}  // namespace uicclab::emulator::commands
