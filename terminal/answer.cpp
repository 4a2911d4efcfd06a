// SPDX-License-Identifier: Apache-2.0
#include "terminal/answer.hpp"

#include "core/comprehension_tlv.hpp"

namespace uicclab::terminal {

void Answer::add(std::uint16_t tag, BytesView value) {
  ctlv::write(objects, tag, value, false);
}

Bytes terminal_response(const ProactiveCommand& command, const Answer& answer) {
  Bytes out;
  ctlv::write(out, tag::kCommandDetails, command.details, command.details_required);
  ctlv::write(out, tag::kDevices, std::array{device::kTerminal, device::kCard}, false);
  ctlv::write(out, tag::kResult, answer.result);
  append(out, answer.objects);
  return out;
}

}  // namespace uicclab::terminal
