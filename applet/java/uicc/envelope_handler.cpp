// SPDX-License-Identifier: Apache-2.0
// EnvelopeHandler and EnvelopeResponseHandler: ETSI TS 102 241 annex A.
#include "applet/java/uicc/toolkit.hpp"
#include "core/ber_tlv.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::NativeCall;
using machine::Outcome;

namespace {

constexpr std::int16_t kBadLength = 3;  // APDUException
constexpr std::size_t kMostAnswer = 256;

template <HandlerKind kKind>
Outcome get_the_handler(NativeCall& call) {
  return session_of(call).give_handler(call, kKind);
}

}  // namespace

/// The answer to the ENVELOPE is closed then, and the handler is gone.
Outcome post_answer(NativeCall& call, const Bytes& data, bool success) {
  if (data.size() > kMostAnswer) return call.throws(machine::kAPDUException, kBadLength);
  Activation& now = *session_of(call).activation();
  // Call control has its result in the data: the status is always success.
  success = success || now.event.event == Event::kCallControl;
  now.event.answer->post(data, success ? sw::kOk : sw::kWarningUnchanged);
  now.may_answer = false;
  return call.returns();
}

namespace {

Outcome post_plain(NativeCall& call) {
  Handler list(call);
  return list ? post_answer(call, list->bytes, call.boolean_at(0)) : call.failed();
}

Outcome post_as_ber_tlv(NativeCall& call) {
  Handler list(call);
  if (!list) return call.failed();
  return post_answer(call, ber::encode(static_cast<std::uint8_t>(call.byte_at(1)), list->bytes), call.boolean_at(0));
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"EnvelopeHandlerSystem", "getTheHandler", "()Luicc/toolkit/EnvelopeHandler;", get_the_handler<HandlerKind::kEnvelope>},
    {"EnvelopeResponseHandler", "post", "(Z)V", post_plain},
    {"EnvelopeResponseHandler", "postAsBERTLV", "(ZB)V", post_as_ber_tlv},
    {"EnvelopeResponseHandlerSystem", "getTheHandler", "()Luicc/toolkit/EnvelopeResponseHandler;",
     get_the_handler<HandlerKind::kEnvelopeResponse>},
});

}  // namespace

void add_envelope_handlers(machine::NativeTable& table) {
  table.add(kToolkitPackage, kMethods);
}

}  // namespace uicclab::applet::java
