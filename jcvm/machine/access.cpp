// SPDX-License-Identifier: Apache-2.0
// Operations that touch objects, with the firewall's rule for each: JCRE 3.1 clause 6.2.8.
#include "jcvm/machine/interpreter.hpp"

namespace uicclab::jcvm::machine {
namespace {

constexpr std::size_t kReferenceSize = 4;
constexpr std::int32_t kCellOfInt = 4;

std::array<std::uint8_t, 4> big_endian(std::int32_t value) {
  const auto bits = static_cast<std::uint32_t>(value);
  return {static_cast<std::uint8_t>(bits >> 24), static_cast<std::uint8_t>(bits >> 16), static_cast<std::uint8_t>(bits >> 8),
          static_cast<std::uint8_t>(bits)};
}

/// The last `size` bytes of a number.
BytesView tail(const std::array<std::uint8_t, 4>& bytes, std::size_t size) {
  return BytesView(bytes).last(size);
}

std::int32_t number_at(const Object& object, std::size_t offset, std::size_t size) {
  if (size == 1) return static_cast<std::int8_t>(object.body[offset]);
  if (size == 2) return static_cast<std::int16_t>(object.u16(offset));
  return static_cast<std::int32_t>(object.u32(offset));
}

std::size_t size_of(char type) {
  return type == 'b' ? 1 : type == 's' ? 2 : 4;
}

bool is_object_class(const Class& klass) {
  return !klass.is_interface && klass.super == nullptr;
}

}  // namespace

/// An object that a program holds a reference to exists; one that does not is a reference out of nowhere.
Object* Interpreter::object(Ref ref) {
  if (ref == kNull) {
    throws(kNullPointerException);
    return nullptr;
  }
  Object* found = m_heap.find(ref);
  if (found == nullptr || Heap::is_statics(ref)) {
    insecure();
    return nullptr;
  }
  return found;
}

/// For getfield and putfield (clause 6.2.8.3).
Object* Interpreter::instance(Ref ref, const Class& klass) {
  Object* found = object(ref);
  if (found == nullptr) return nullptr;
  const bool own = m_frame->context.is_runtime() || found->owner.package == m_frame->context.package;
  if (!own || found->is_array() || !found->klass->is(klass)) {
    insecure();
    return nullptr;
  }
  return found;
}

/// For operations on arrays (clauses 6.2.8.2, 6.1.6: CLEAR_ON_DESELECT only in the selected context).
Object* Interpreter::array(Ref ref) {
  Object* found = object(ref);
  if (found == nullptr) return nullptr;
  bool allowed = m_frame->context.is_runtime() || found->has(kGlobalArray) || found->owner.package == m_frame->context.package;
  if (found->lifetime == Lifetime::kClearOnDeselect && !m_frame->context.is_runtime()) {
    allowed &= m_thread.selected && m_thread.selected->package == m_frame->context.package;
  }
  if (!found->is_array() || !allowed) {
    insecure();
    return nullptr;
  }
  return found;
}

/// baload and bastore serve boolean and byte arrays.
Object* Interpreter::element(Ref ref, std::int32_t index, code::ArrayType type) {
  Object* found = array(ref);
  if (found == nullptr) return nullptr;
  const bool bytes = found->type == code::kTypeBoolean || found->type == code::kTypeByte;
  if (type == code::kTypeByte ? !bytes : found->type != type) {
    insecure();
    return nullptr;
  }
  if (index < 0 || static_cast<std::uint32_t>(index) >= found->length) {
    throws(kArrayIndexOutOfBoundsException);
    return nullptr;
  }
  return found;
}

/// Temporary entry points and global arrays are kept nowhere (clauses 6.2.1, 6.2.2).
bool Interpreter::may_hold(Ref value) {
  if (value == kNull || m_frame->context.is_runtime()) return true;
  const Object* held = object(value);
  if (held == nullptr) return false;
  return held->never_stored() ? insecure() : true;
}

bool Interpreter::write(Object& object, std::size_t offset, BytesView bytes) {
  return m_heap.write(object, offset, bytes) ? true : throws(kTransactionException, kTransactionBufferFull);
}

bool Interpreter::get_element(code::ArrayType type) {
  std::int32_t index = 0;
  Ref ref = kNull;
  if (!pop_short(index) || !pop_reference(ref)) return false;
  const Object* found = element(ref, index, type);
  if (found == nullptr) return false;
  const std::size_t size = element_size(type);
  const std::size_t offset = static_cast<std::size_t>(index) * size;
  if (type == code::kTypeReferences) return push_reference(found->u32(offset));
  const std::int32_t value = number_at(*found, offset, size);
  return type == code::kTypeInt ? push_int(value) : push_short(value);
}

bool Interpreter::put_element(code::ArrayType type) {
  std::int32_t value = 0;
  std::int32_t index = 0;
  Ref ref = kNull;
  if (!(type == code::kTypeInt ? pop_int(value) : pop_short(value)) || !pop_short(index) || !pop_reference(ref)) return false;
  Object* found = element(ref, index, type);
  if (found == nullptr) return false;
  // A boolean array keeps the lowest bit (clause 7.5.14).
  if (found->type == code::kTypeBoolean) value &= 1;
  const std::size_t size = element_size(type);
  return write(*found, static_cast<std::size_t>(index) * size, tail(big_endian(value), size));
}

bool Interpreter::put_reference_element() {
  Ref value = kNull;
  std::int32_t index = 0;
  Ref ref = kNull;
  if (!pop_reference(value) || !pop_short(index) || !pop_reference(ref)) return false;
  Object* found = element(ref, index, code::kTypeReferences);
  if (found == nullptr) return false;
  if (value != kNull) {
    const Object* held = object(value);
    if (held == nullptr) return false;
    const bool fits = held->is_array() ? is_object_class(*found->klass) : held->klass->is(*found->klass);
    if (!fits) return throws(kArrayStoreException);
    if (!may_hold(value)) return false;
  }
  return write(*found, static_cast<std::size_t>(index) * kReferenceSize, big_endian(static_cast<std::int32_t>(value)));
}

bool Interpreter::get_field(const Code& code, char type, bool of_this) {
  Ref ref = kNull;
  if (of_this) {
    if (local(0).kind != Kind::kReference) return insecure();
    ref = local(0).ref();
  } else if (!pop_reference(ref)) {
    return false;
  }
  const Object* found = instance(ref, *constant(code).klass);
  if (found == nullptr) return false;
  const std::size_t offset = static_cast<std::size_t>(code.c * kCellOfInt);
  if (type == 'a') return push_reference(found->u32(offset));
  const std::int32_t value = number_at(*found, offset, 4);
  if (type == 'i') return push_int(value);
  return push_short(type == 'b' ? static_cast<std::int8_t>(value) : value);
}

bool Interpreter::put_field(const Code& code, char type, bool of_this) {
  std::int32_t value = 0;
  Ref held = kNull;
  Ref ref = kNull;
  const bool popped = type == 'a' ? pop_reference(held) : type == 'i' ? pop_int(value) : pop_short(value);
  if (!popped) return false;
  if (of_this) {
    if (local(0).kind != Kind::kReference) return insecure();
    ref = local(0).ref();
  } else if (!pop_reference(ref)) {
    return false;
  }
  Object* found = instance(ref, *constant(code).klass);
  if (found == nullptr || !may_hold(held)) return false;
  if (type == 'a') value = static_cast<std::int32_t>(held);
  if (type == 'b') value = static_cast<std::int8_t>(value);
  return write(*found, static_cast<std::size_t>(code.c * kCellOfInt), big_endian(value));
}

/// Clause 6.2.8.1: everybody may read and write them.
bool Interpreter::get_static(const Code& code, char type) {
  const Object* statics = m_heap.find(kFirstStatics + *m_machine.number_of(*constant(code).module));
  if (statics == nullptr) return insecure();
  const auto offset = static_cast<std::size_t>(code.c);
  if (type == 'a') return push_reference(statics->u32(offset));
  const std::int32_t value = number_at(*statics, offset, size_of(type));
  return type == 'i' ? push_int(value) : push_short(value);
}

bool Interpreter::put_static(const Code& code, char type) {
  std::int32_t value = 0;
  Ref held = kNull;
  const bool popped = type == 'a' ? pop_reference(held) : type == 'i' ? pop_int(value) : pop_short(value);
  if (!popped || !may_hold(held)) return false;
  if (type == 'a') value = static_cast<std::int32_t>(held);
  Object* statics = m_heap.find(kFirstStatics + *m_machine.number_of(*constant(code).module));
  if (statics == nullptr) return insecure();
  return write(*statics, static_cast<std::size_t>(code.c), tail(big_endian(value), size_of(type)));
}

bool Interpreter::made(Ref ref) {
  return ref == kNull ? throws(kSystemException, kNoResource) : push_reference(ref);
}

bool Interpreter::make_instance(const Code& code) {
  const Class& klass = *constant(code).klass;
  if (klass.is_interface || klass.is_abstract) return insecure();
  return made(m_heap.make_instance(klass, m_machine.number_of(klass), m_frame->context, Lifetime::kPersistent));
}

bool Interpreter::make_array(const Code& code) {
  std::int32_t length = 0;
  if (!pop_short(length)) return false;
  if (length < 0) return throws(kNegativeArraySizeException);
  const auto count = static_cast<std::uint32_t>(length);
  if (static_cast<code::Op>(code.op) == code::Op::kNewarray) {
    return made(m_heap.make_array(static_cast<code::ArrayType>(code.a), count, m_frame->context, Lifetime::kPersistent));
  }
  const Class& klass = *constant(code).klass;
  return made(m_heap.make_array(code::kTypeReferences, count, m_frame->context, Lifetime::kPersistent, &klass, m_machine.number_of(klass)));
}

bool Interpreter::array_length() {
  Ref ref = kNull;
  if (!pop_reference(ref)) return false;
  const Object* found = array(ref);
  return found != nullptr && push_short(static_cast<std::int32_t>(found->length));
}

/// Clauses 7.5.15, 7.5.52. Types 10 to 13 are arrays of numbers, 14 an array of references.
bool Interpreter::is_type(const Object& object, const Code& code) const {
  if (code.a == code::kTypeClass) {
    const Class& target = *constant(code).klass;
    return object.is_array() ? is_object_class(target) : object.klass->is(target);
  }
  if (object.type != code.a) return false;
  return code.a != code::kTypeReferences || object.klass->is(*constant(code).klass);
}

/// Clause 6.2.8.8.
bool Interpreter::may_cast(const Object& object, const Code& code) const {
  const Context now = m_frame->context;
  if (now.is_runtime() || object.owner.package == now.package || object.privileges != 0) return true;
  if (object.is_array() || code.a != code::kTypeClass) return false;
  const Class& target = *constant(code).klass;
  return object.klass->is_shareable && target.is_interface && target.is_shareable;
}

bool Interpreter::check_cast(const Code& code) {
  Ref ref = kNull;
  if (!pop_reference(ref)) return false;
  if (ref != kNull) {
    const Object* found = object(ref);
    if (found == nullptr) return false;
    if (!may_cast(*found, code)) return insecure();
    if (!is_type(*found, code)) return throws(kClassCastException);
  }
  return push_reference(ref);
}

bool Interpreter::instance_of(const Code& code) {
  Ref ref = kNull;
  if (!pop_reference(ref)) return false;
  if (ref == kNull) return push_short(0);
  const Object* found = object(ref);
  if (found == nullptr) return false;
  if (!may_cast(*found, code)) return insecure();
  return push_short(is_type(*found, code) ? 1 : 0);
}

/// Clause 6.2.8.7.
bool Interpreter::throw_object() {
  Ref ref = kNull;
  if (!pop_reference(ref)) return false;
  const Object* found = object(ref);
  if (found == nullptr) return false;
  const Context now = m_frame->context;
  const bool allowed =
      now.is_runtime() || found->owner.package == now.package || (found->privileges & (kPermanentEntryPoint | kTemporaryEntryPoint)) != 0;
  if (!allowed || found->is_array() || !found->klass->is(m_machine.library().api_class(kThrowable))) return insecure();
  m_thread.m_pending = ref;
  return false;
}

}  // namespace uicclab::jcvm::machine
