// SPDX-License-Identifier: Apache-2.0
#include "applet/java/uicc/activation.hpp"

namespace uicclab::applet::java {
namespace {

// What fits into one FETCH, ENVELOPE or TERMINAL RESPONSE: 256 bytes with D0 81 and the length, 255 without.
constexpr std::size_t kCommandCapacity = 253;
constexpr std::size_t kDataCapacity = 255;
constexpr std::size_t kAnswerCapacity = 256;

/// Events whose ENVELOPE, or the secured packet in it, has an answer of the application (TS 102 241 clause 6.7, 3GPP TS 31.130 clause 5.3:
/// availability of handlers).
constexpr std::array kAnswered{Event::kUnrecognizedEnvelope, Event::kCallControl,    Event::kMoShortMessageControl,
                               Event::kUnformattedSmsPp,     Event::kFormattedSmsPp, Event::kUnformattedUssd};

}  // namespace

Activation::Activation(jcvm::machine::Machine& machine, const Instance& one, const EventCall& call)
    : instance(one), event(call), thread(machine) {
  has_envelope = call.tag != 0 || !call.data.empty();
  envelope = {to_bytes(call.data), kDataCapacity, call.tag, {}};
  answer.capacity = kAnswerCapacity;
  may_answer = call.answer != nullptr && call.answer->is_open() && std::ranges::find(kAnswered, call.event) != kAnswered.end();
  command.capacity = kCommandCapacity;
  response.capacity = kDataCapacity;
  event.data = {};
}

TlvList* Activation::list(HandlerKind kind) {
  switch (kind) {
    case HandlerKind::kEnvelope:
      return has_envelope ? &envelope : nullptr;
    case HandlerKind::kEnvelopeResponse:
      return may_answer ? &answer : nullptr;
    case HandlerKind::kProactive:
      return may_send ? &command : nullptr;
    case HandlerKind::kProactiveResponse:
      return may_send ? &response : nullptr;  // empty before the first command
  }
  return nullptr;
}

}  // namespace uicclab::applet::java
