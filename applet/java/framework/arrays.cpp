// SPDX-License-Identifier: Apache-2.0
// Global arrays of JCSystem, and SensitiveArrays. Nothing disturbs this memory, so the integrity of an array always holds; the rules about
// such arrays are kept.
#include "applet/java/framework/arrays.hpp"

#include "core/reader.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using jcvm::code::ArrayType;
using machine::Lifetime;
using machine::NativeCall;
using machine::Outcome;

std::optional<Elements> elements_at(NativeCall& call, std::size_t argument, std::int32_t offset, std::int32_t length,
                                    machine::ApiClass not_an_array, std::int16_t reason) {
  const machine::Ref ref = call.reference_at(argument);
  if (call.object(ref) == nullptr) return std::nullopt;
  machine::Object* array = call.heap().find(ref);
  if (!array->is_array()) {
    call.throws(not_an_array, reason);
    return std::nullopt;
  }
  if (offset < 0 || length < 0 || std::int64_t{offset} + length > std::int64_t{array->length}) {
    call.throws(machine::kArrayIndexOutOfBoundsException);
    return std::nullopt;
  }
  const std::size_t size = machine::element_size(array->type);
  call.charge(static_cast<std::uint64_t>(length) * size);
  return Elements{array, static_cast<std::size_t>(offset) * size, static_cast<std::size_t>(length) * size};
}

bool write_elements(NativeCall& call, const Elements& to, BytesView bytes, bool atomic) {
  if (!atomic) {
    call.heap().write_now(*to.array, to.offset, bytes);
    return true;
  }
  if (call.heap().write(*to.array, to.offset, bytes)) return true;
  call.throws(machine::kTransactionException, machine::kTransactionBufferFull);
  return false;
}

std::optional<ArrayType> array_type(std::int8_t type) {
  constexpr std::array kTypes{jcvm::code::kTypeBoolean, jcvm::code::kTypeByte, jcvm::code::kTypeShort, jcvm::code::kTypeInt,
                              jcvm::code::kTypeReferences};
  if (type < 1 || static_cast<std::size_t>(type) > kTypes.size()) return std::nullopt;
  return kTypes[static_cast<std::size_t>(type - 1)];
}

bool may_write_now(NativeCall& call, std::size_t argument) {
  const machine::Object* array = call.heap().find(call.reference_at(argument));
  if (array == nullptr || !array->has(machine::kIntegritySensitive) || array->lifetime != Lifetime::kPersistent) return true;
  call.throws(machine::kSystemException, machine::kIllegalValue);
  return false;
}

namespace {

std::optional<machine::Ref> make(NativeCall& call, ArrayType type, std::int16_t length, Lifetime lifetime) {
  return type == jcvm::code::kTypeReferences ? call.make_object_array(machine::kObject, length, call.caller(), lifetime)
                                             : call.make_array(type, length, call.caller(), lifetime);
}

/// It can be kept nowhere, so it goes with the call that the card made.
Outcome make_global(NativeCall& call) {
  const auto type = array_type(call.byte_at(0));
  if (!type) return call.throws(machine::kSystemException, machine::kIllegalValue);
  const auto array = make(call, *type, call.short_at(1), Lifetime::kClearOnReset);
  if (!array) return call.failed();
  call.heap().grant(*array, machine::kGlobalArray);
  session_of(call).erase_after_call(*array);
  return call.returns_reference(*array);
}

Outcome make_sensitive(NativeCall& call) {
  const auto type = array_type(call.byte_at(0));
  const std::int8_t memory = call.byte_at(1);
  if (!type || memory < 0 || memory > 2) return call.throws(machine::kSystemException, machine::kIllegalValue);
  const auto lifetime = static_cast<Lifetime>(memory);
  if (lifetime == Lifetime::kClearOnDeselect && !(call.selected() && call.selected()->package == call.caller().package)) {
    return call.throws(machine::kSystemException, machine::kIllegalTransient);
  }
  const auto array = make(call, *type, call.short_at(2), lifetime);
  if (!array) return call.failed();
  call.heap().grant(*array, machine::kIntegritySensitive);
  return call.returns_reference(*array);
}

/// The array; null: return failed().
machine::Object* sensitive_at(NativeCall& call, std::size_t argument) {
  const machine::Ref ref = call.reference_at(argument);
  if (call.object(ref) == nullptr) return nullptr;
  machine::Object* array = call.heap().find(ref);
  if (array->has(machine::kIntegritySensitive)) return array;
  call.throws(machine::kSystemException, machine::kIllegalValue);
  return nullptr;
}

Outcome assert_integrity(NativeCall& call) {
  return sensitive_at(call, 0) != nullptr ? call.returns() : call.failed();
}

Outcome is_sensitive(NativeCall& call) {
  const machine::Object* object = call.object_at(0);
  return object != nullptr ? call.returns(boolean(object->has(machine::kIntegritySensitive))) : call.failed();
}

Outcome is_supported(NativeCall& call) {
  return call.returns(boolean(true));
}

Outcome clear(NativeCall& call) {
  machine::Object* array = sensitive_at(call, 0);
  if (array == nullptr) return call.failed();
  const Bytes zeros(array->body.size());
  const auto length = static_cast<std::int16_t>(array->length);
  return write_elements(call, {array, 0, zeros.size()}, zeros, true) ? call.returns(length) : call.failed();
}

/// Two shorts, the upper half first.
Outcome available_memory(NativeCall& call) {
  const std::int8_t type = call.byte_at(2);
  if (type < 0 || type > 2) return call.throws(machine::kSystemException, machine::kIllegalValue);
  const auto to = elements_at(call, 0, call.short_at(1), 2, machine::kSystemException, machine::kIllegalValue);
  if (!to) return call.failed();
  const std::uint32_t free = std::min<std::uint32_t>(call.heap().free(call.caller(), static_cast<Lifetime>(type)), 0x7FFFFFFF);
  return write_elements(call, *to, ByteWriter().u32(free).view(), true) ? call.returns() : call.failed();
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"JCSystem", "makeGlobalArray", "(BS)Ljava/lang/Object;", make_global},
    {"JCSystem", "getAvailableMemory", "([SSB)V", available_memory},
    {"SensitiveArrays", "assertIntegrity", "(Ljava/lang/Object;)V", assert_integrity},
    {"SensitiveArrays", "isIntegritySensitive", "(Ljava/lang/Object;)Z", is_sensitive},
    {"SensitiveArrays", "isIntegritySensitiveArraysSupported", "()Z", is_supported},
    {"SensitiveArrays", "makeIntegritySensitiveArray", "(BBS)Ljava/lang/Object;", make_sensitive},
    {"SensitiveArrays", "clearArray", "(Ljava/lang/Object;)S", clear},
});

}  // namespace

void add_arrays(machine::NativeTable& table) {
  table.add("javacard/framework", kMethods);
}

}  // namespace uicclab::applet::java
