// SPDX-License-Identifier: Apache-2.0
// Packages javacard.framework and javacardx.framework.* (Java Card API 3.0.5) as native methods. What is not here throws SystemException
// ILLEGAL_USE.
#pragma once

#include "applet/java/session.hpp"

namespace uicclab::applet::java {

void add_framework(jcvm::machine::NativeTable& table);

// Each adds its classes.
void add_apdu(jcvm::machine::NativeTable& table);
void add_arrays(jcvm::machine::NativeTable& table);
void add_array_logic(jcvm::machine::NativeTable& table);
void add_applet_and_aid(jcvm::machine::NativeTable& table);
void add_exceptions(jcvm::machine::NativeTable& table);
void add_owner_pin(jcvm::machine::NativeTable& table);
void add_math(jcvm::machine::NativeTable& table);
void add_services(jcvm::machine::NativeTable& table);
void add_strings(jcvm::machine::NativeTable& table);
void add_system(jcvm::machine::NativeTable& table);
void add_tags(jcvm::machine::NativeTable& table);
void add_tlvs(jcvm::machine::NativeTable& table);
void add_util(jcvm::machine::NativeTable& table);

/// Constructor and setReason() of every exception with a reason.
jcvm::machine::Outcome set_exception_reason(jcvm::machine::NativeCall& call);
/// The APDU's: as much of the command's data as fits there, and how much that is; a part of the answer, of `promised` bytes.
std::int16_t receive_into_buffer(jcvm::machine::NativeCall& call, std::int16_t offset);
void send_to_terminal(jcvm::machine::NativeCall& call, BytesView bytes);
/// makeTransientIntArray(SB)[I
jcvm::machine::Outcome make_transient_ints(jcvm::machine::NativeCall& call);

inline Session& session_of(jcvm::machine::NativeCall& call) {
  return static_cast<Session&>(call.host());
}
/// A native object of this very class or interface. An applet's class that implements the interface is none: its fields are the applet's.
inline bool is_native(jcvm::machine::NativeCall& call, jcvm::machine::Ref object, const jcvm::machine::ApiClass& of) {
  const jcvm::machine::Object* found = call.heap().find(object);
  return found != nullptr && !found->is_array() && found->klass == &call.machine().library().api_class(of);
}
inline std::int16_t boolean(bool value) {
  return value ? 1 : 0;
}

}  // namespace uicclab::applet::java
