// SPDX-License-Identifier: Apache-2.0
// Trace events: the traffic of a CardPort, for logs, GSMTAP and recordings.
#pragma once

#include <memory>

#include "core/card_port.hpp"
#include "core/environment.hpp"

namespace uicclab {

/// One thing that happened on a port.
struct TraceEvent {
  enum class Kind { kReset, kExchange, kPowerOff, kError };
  Kind kind;
  std::chrono::milliseconds time{0};
  unsigned card = 0;                     ///< number of the card, from 0, where several are served
  BytesView command;                     ///< kExchange: the command
  BytesView answer;                      ///< kExchange: data and status word; kReset: the ATR
  std::string text;                      ///< kError: what went wrong
  std::vector<std::string> hidden = {};  ///< kinds of secrets that were overwritten in command and answer
};

/// Takes events; what they point to lives only during the call.
class TraceSink {
 public:
  virtual ~TraceSink() = default;
  virtual void on_event(const TraceEvent& event) = 0;
};

/// Passes everything through to another port and reports it to a sink.
class TracePort final : public CardPort {
 public:
  TracePort(CardPort& port, TraceSink& sink, const Clock& clock, unsigned card = 0)
      : m_port(port), m_sink(sink), m_clock(clock), m_card(card) {}

  Result<Atr> reset() override;
  Result<Bytes> transmit(BytesView command) override;
  void power_off() override;
  Result<void> select_protocol(Protocol protocol) override { return m_port.select_protocol(protocol); }
  Protocol protocol() const override { return m_port.protocol(); }

 private:
  TraceEvent event(TraceEvent::Kind kind) const;

  CardPort& m_port;
  TraceSink& m_sink;
  const Clock& m_clock;
  unsigned m_card;
};

}  // namespace uicclab
