// SPDX-License-Identifier: Apache-2.0
// One turn of a toolkit applet: processToolkit() from the event to its end, over any number of commands. ETSI TS 102 241 clauses 6.4, 6.7.
#pragma once

#include "applet/api/toolkit.hpp"
#include "applet/java/card_store.hpp"
#include "applet/java/uicc/tlv_list.hpp"

namespace uicclab::applet::java {

/// The handlers of the card, one object each.
enum class HandlerKind : std::uint8_t { kEnvelope, kEnvelopeResponse, kProactive, kProactiveResponse };
inline constexpr std::size_t kHandlerKinds = 4;

struct Activation {
  Activation(jcvm::machine::Machine& machine, const Instance& one, const EventCall& call);

  /// Null: the handler is not available now.
  TlvList* list(HandlerKind kind);

  Instance instance;
  EventCall event;  ///< its data are in `envelope`, its answer is good as long as the command that brought it
  TlvList envelope;
  bool has_envelope = false;
  TlvList answer;
  bool may_answer = false;
  TlvList command;
  bool may_send = false;
  TlvList response;  ///< of the last TERMINAL RESPONSE; available as `command` is
  jcvm::machine::Thread thread;
};

}  // namespace uicclab::applet::java
