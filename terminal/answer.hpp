// SPDX-License-Identifier: Apache-2.0
// A terminal's answer to a proactive command: ETSI TS 102 223 clause 6.8 (TERMINAL RESPONSE).
#pragma once

#include "terminal/proactive_command.hpp"

namespace uicclab::terminal {

struct Answer {
  Bytes result{result::kPerformed};  ///< general result and additional information (clause 8.12)
  Bytes objects;                     ///< those that follow it, coded

  /// One more object; comprehension of those that are not mandatory is not required (clause 6.8).
  void add(std::uint16_t tag, BytesView value);

  static Answer of(std::uint8_t general) { return {Bytes{general}, {}}; }
  static Answer of(std::uint8_t general, std::uint8_t additional) { return {Bytes{general, additional}, {}}; }
  bool performed() const { return !result.empty() && result[0] < 0x10; }
};

/// The data field of TERMINAL RESPONSE: details as the command had them, with their comprehension bit (clause 6.8.1); terminal to card, not
/// required; the result; the objects.
Bytes terminal_response(const ProactiveCommand& command, const Answer& answer);

}  // namespace uicclab::terminal
