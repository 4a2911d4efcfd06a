// SPDX-License-Identifier: Apache-2.0
// Package uicc.system: HandlerBuilder and UICCPlatform. ETSI TS 102 241 annex A.
#include "applet/java/uicc/toolkit.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::NativeCall;
using machine::Outcome;

namespace {

/// EDIT_HANDLER, BER_EDIT_HANDLER.
std::optional<machine::ApiClass> handler_class(std::int8_t type) {
  if (type == 1) return kEditHandler;
  if (type == 2) return kBerTlvEditHandler;
  return std::nullopt;
}

Outcome build(NativeCall& call, BytesView content) {
  const auto of = handler_class(call.byte_at(0));
  const std::int16_t capacity = call.short_at(1);
  if (!of || capacity < 0) return call.throws(machine::kSystemException, machine::kIllegalValue);
  if (content.size() > static_cast<std::size_t>(capacity)) return toolkit_refuses(call, kBadInputParameter);
  const auto handler = make_handler(call, *of, capacity, content);
  return handler ? call.returns_reference(*handler) : call.failed();
}

Outcome build_empty(NativeCall& call) {
  return build(call, {});
}

Outcome build_with(NativeCall& call) {
  const auto content = call.read_array(2, call.short_at(3), call.short_at(4));
  return content ? build(call, *content) : call.failed();
}

/// For the applet that is selected or triggered.
Outcome volatile_array(NativeCall& call) {
  Session& session = session_of(call);
  const Activation* now = session.activation();
  const bool triggered = now != nullptr && now->instance.context.package == call.caller().package;
  const bool selected = call.selected() && call.selected()->package == call.caller().package;
  return triggered || selected ? call.returns_reference(session.volatile_array()) : call.throws(machine::kSecurityException);
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"HandlerBuilder", "buildTLVHandler", "(BS)Luicc/toolkit/ViewHandler;", build_empty},
    {"HandlerBuilder", "buildTLVHandler", "(BS[BSS)Luicc/toolkit/ViewHandler;", build_with},
    {"UICCPlatform", "getTheVolatileByteArray", "()[B", volatile_array},
});

}  // namespace

void add_handler_builder(machine::NativeTable& table) {
  table.add("uicc/system", kMethods);
}

}  // namespace uicclab::applet::java
