// SPDX-License-Identifier: Apache-2.0
// A live trace without secrets: removes from events what redact() removes from reports, before a sink sees them.
#pragma once

#include <mutex>

#include "core/trace.hpp"
#include "trace/decoder.hpp"

namespace uicclab::trace {

/// Passes events on with `*` written over their secrets; TraceEvent::hidden names their kinds. It follows channels, files and messages as
/// the decoder does, without keys: secure messaging that ciphers, and ciphered messages, go through as they are.
class RedactingSink final : public TraceSink {
 public:
  /// `to` outlives this object.
  explicit RedactingSink(TraceSink& to) : m_to(to) {}
  /// Thread-safe.
  void on_event(const TraceEvent& event) override;

 private:
  std::mutex m_mutex;
  TraceSink& m_to;
  Decoder m_decoder;
};

}  // namespace uicclab::trace
