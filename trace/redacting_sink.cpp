// SPDX-License-Identifier: Apache-2.0
#include "trace/redacting_sink.hpp"

#include "trace/report.hpp"

namespace uicclab::trace {

void RedactingSink::on_event(const TraceEvent& event) {
  const std::lock_guard lock(m_mutex);
  RecordedEvent recorded;
  recorded.kind = event.kind;
  recorded.card = event.card;
  recorded.command = to_bytes(event.command);
  recorded.answer = to_bytes(event.answer);
  Exchange exchange = m_decoder.decode(recorded);
  if (exchange.secrets.none()) return m_to.on_event(event);
  redact(exchange);
  TraceEvent out = event;
  out.hidden = std::move(exchange.hidden);
  out.command = exchange.command;
  Bytes answer = std::move(exchange.data);
  append(answer, event.answer.subspan(answer.size()));  // the status word
  out.answer = answer;
  m_to.on_event(out);
}

}  // namespace uicclab::trace
