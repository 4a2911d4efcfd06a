// SPDX-License-Identifier: Apache-2.0
#include "emulator/runtime/jcre.hpp"

#include "emulator/commands/handlers.hpp"
#include "emulator/runtime/instance_context.hpp"

namespace uicclab::emulator::jcre {
namespace {

constexpr std::uint8_t kByDfName = 0x04;

enum Instruction : std::uint8_t {
  kTerminalResponse = 0x14,
  kFetch = 0x12,
  kManageChannel = 0x70,
  kSelect = 0xA4,
  kEnvelope = 0xC2,
  kStatus = 0xF2,
};

/// Commands of the toolkit's session with the card, which goes on whatever is selected; null for all others.
Handler toolkit_command(const Execution& e) {
  if (e.command.cla != 0x80 || e.channel_number != Channel{0} || !e.session.cat.has_profile()) return nullptr;
  switch (e.command.ins) {
    case kEnvelope:
      return commands::envelope;
    case kFetch:
      return commands::fetch;
    case kTerminalResponse:
      return commands::terminal_response;
    default:
      return nullptr;
  }
}

}  // namespace

bool has_class(std::uint8_t cla) {
  const int kind = cla & 0xF0;
  return kind == 0x10 || kind == 0x90 || kind == 0xA0 || kind == 0xB0;
}

StatusWord process(Execution& e) {
  const std::uint32_t instance = *e.channel.instance;
  InstanceContext context(e, instance);
  apdu::Command command = e.command;
  command.cla = e.sent_class.value_or(command.cla);
  e.data_with_any_status = true;
  const StatusWord answer = context.end_call(e.session.runtime().object(instance).process(context, command, e.out));
  if (answer == sw::kNoPreciseDiagnosis) e.out.clear();  // what an application did that failed altogether is no answer
  return answer;
}

StatusWord execute(Execution& e) {
  if (e.command.cla == 0x00) {
    if (e.command.ins == kManageChannel) return commands::manage_channel(e);
    // The name of no application is a command like others (clause 4.5.2).
    const bool by_name = e.command.ins == kSelect && e.command.p1 == kByDfName;
    if (by_name && commands::names_application(e)) return commands::select(e);
  }
  if (const Handler handler = toolkit_command(e)) return handler(e);
  const StatusWord answer = process(e);
  const bool is_status = e.command.cla == 0x80 && e.command.ins == kStatus;
  if (!is_status || (answer != sw::kInsNotSupported && answer != sw::kClaNotSupported)) return answer;
  e.out.clear();
  e.data_with_any_status = false;
  return commands::status(e);
}

}  // namespace uicclab::emulator::jcre
