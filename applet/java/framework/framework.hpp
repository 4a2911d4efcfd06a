// SPDX-License-Identifier: Apache-2.0
// Package javacard.framework (Java Card API 3.0.5) as native methods. What is not here throws SystemException ILLEGAL_USE.
#pragma once

#include "applet/java/session.hpp"

namespace uicclab::applet::java {

void add_framework(jcvm::machine::NativeTable& table);

// Each adds its classes.
void add_apdu(jcvm::machine::NativeTable& table);
void add_applet_and_aid(jcvm::machine::NativeTable& table);
void add_exceptions(jcvm::machine::NativeTable& table);
void add_owner_pin(jcvm::machine::NativeTable& table);
void add_system(jcvm::machine::NativeTable& table);
void add_util(jcvm::machine::NativeTable& table);

inline Session& session_of(jcvm::machine::NativeCall& call) {
  return static_cast<Session&>(call.host());
}
inline std::int16_t boolean(bool value) {
  return value ? 1 : 0;
}

}  // namespace uicclab::applet::java
