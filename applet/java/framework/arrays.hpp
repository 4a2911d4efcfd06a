// SPDX-License-Identifier: Apache-2.0
// Arrays of any element type passed from Java: null, firewall and bounds are checked as NativeCall does for byte arrays.
#pragma once

#include "applet/java/framework/framework.hpp"

namespace uicclab::applet::java {

/// Elements of an array, by their bytes.
struct Elements {
  jcvm::machine::Object* array = nullptr;
  std::size_t offset = 0;  ///< in the body
  std::size_t bytes = 0;

  BytesView view() const { return BytesView(array->body).subspan(offset, bytes); }
};

/// Empty: return failed(). An object that is no array throws `not_an_array`.
std::optional<Elements> elements_at(jcvm::machine::NativeCall& call, std::size_t argument, std::int32_t offset, std::int32_t length,
                                    jcvm::machine::ApiClass not_an_array, std::int16_t reason);

/// As Java writes, or outside the transaction. False: return failed().
bool write_elements(jcvm::machine::NativeCall& call, const Elements& to, BytesView bytes, bool atomic);

/// JCSystem.ARRAY_TYPE_..; empty: there is no such type.
std::optional<jcvm::code::ArrayType> array_type(std::int8_t type);

/// Writes outside a transaction are not allowed for persistent integrity-sensitive arrays: SystemException ILLEGAL_VALUE. False: return
/// failed().
bool may_write_now(jcvm::machine::NativeCall& call, std::size_t argument);

}  // namespace uicclab::applet::java
