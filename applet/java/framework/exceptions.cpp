// SPDX-License-Identifier: Apache-2.0
// Exceptions with a reason; and which classes the package has.
#include "applet/java/framework/framework.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::NativeCall;
using machine::Outcome;

namespace {

/// A token of the class whose own the throwIt is.
template <std::uint8_t kToken>
Outcome throw_it(NativeCall& call) {
  constexpr machine::ApiClass kThrown{"javacard/framework", kToken};
  return call.throws(kThrown, call.short_at(0));
}

machine::ApiClass holder(NativeCall& call) {
  return call.machine().is_a(call.self(), machine::kCardException) ? machine::kCardException : machine::kCardRuntimeException;
}

Outcome set_reason(NativeCall& call) {
  return set_exception_reason(call);
}

Outcome nothing(NativeCall& call) {
  return call.returns();
}

Outcome get_reason(NativeCall& call) {
  return call.returns(static_cast<std::int16_t>(call.number_in(call.self(), holder(call), 0)));
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"CardException", "<init>", "(S)V", set_reason},
    {"CardException", "throwIt", "(S)V", throw_it<4>},
    {"CardException", "getReason", "()S", get_reason},
    {"CardException", "setReason", "(S)V", set_reason},
    {"CardRuntimeException", "<init>", "(S)V", set_reason},
    {"CardRuntimeException", "throwIt", "(S)V", throw_it<5>},
    {"CardRuntimeException", "getReason", "()S", get_reason},
    {"CardRuntimeException", "setReason", "(S)V", set_reason},
    {"ISOException", "<init>", "(S)V", set_reason},
    {"ISOException", "throwIt", "(S)V", throw_it<7>},
    {"PINException", "<init>", "(S)V", set_reason},
    {"PINException", "throwIt", "(S)V", throw_it<11>},
    {"APDUException", "<init>", "(S)V", set_reason},
    {"APDUException", "throwIt", "(S)V", throw_it<12>},
    {"SystemException", "<init>", "(S)V", set_reason},
    {"SystemException", "throwIt", "(S)V", throw_it<13>},
    {"TransactionException", "<init>", "(S)V", set_reason},
    {"TransactionException", "throwIt", "(S)V", throw_it<14>},
    {"UserException", "<init>", "()V", nothing},
    {"UserException", "<init>", "(S)V", set_reason},
    {"UserException", "throwIt", "(S)V", throw_it<15>},
});

}  // namespace

Outcome set_exception_reason(NativeCall& call) {
  return call.set_number(call.self(), holder(call), 0, call.short_at(0)) ? call.returns() : call.failed();
}

void add_exceptions(machine::NativeTable& table) {
  table.add("javacard/framework", kMethods);
}

void add_framework(machine::NativeTable& table) {
  add_exceptions(table);
  add_util(table);
  add_applet_and_aid(table);
  add_system(table);
  add_owner_pin(table);
  add_apdu(table);
  add_arrays(table);
  add_array_logic(table);
  add_math(table);
  add_services(table);
  add_strings(table);
  add_tags(table);
  add_tlvs(table);
}

}  // namespace uicclab::applet::java
