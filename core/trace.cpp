// SPDX-License-Identifier: Apache-2.0
#include "core/trace.hpp"

namespace uicclab {

TraceEvent TracePort::event(TraceEvent::Kind kind) const {
  TraceEvent e{};
  e.kind = kind;
  e.time = m_clock.now();
  e.card = m_card;
  return e;
}

Result<Atr> TracePort::reset() {
  auto atr = m_port.reset();
  auto e = event(atr ? TraceEvent::Kind::kReset : TraceEvent::Kind::kError);
  if (atr) {
    e.answer = *atr;
  } else {
    e.text = atr.error().text;
  }
  m_sink.on_event(e);
  return atr;
}

Result<Bytes> TracePort::transmit(BytesView command) {
  auto answer = m_port.transmit(command);
  auto e = event(answer ? TraceEvent::Kind::kExchange : TraceEvent::Kind::kError);
  e.command = command;
  if (answer) {
    e.answer = *answer;
  } else {
    e.text = answer.error().text;
  }
  m_sink.on_event(e);
  return answer;
}

void TracePort::power_off() {
  m_port.power_off();
  m_sink.on_event(event(TraceEvent::Kind::kPowerOff));
}

}  // namespace uicclab
