// SPDX-License-Identifier: Apache-2.0
// Operations that touch objects, with the firewall's rule for each: JCRE 3.1 clause 6.2.8.
#include "jcvm/machine/interpreter.hpp"

namespace uicclab::jcvm::machine {
namespace {

constexpr std::size_t kReferenceSize = 4;

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
  Object* found = m_heap.find(ref);
  const bool fits = found != nullptr && !found->is_array() && found->klass != nullptr && owns(*found) && found->klass->is(klass);
  return fits ? found : refuse_instance(ref);
}

/// baload and bastore serve boolean and byte arrays.
Object* Interpreter::element(Ref ref, std::int32_t index, code::ArrayType type) {
  Object* found = m_heap.find(ref);
  const bool fits = found != nullptr && (found->type == type || (type == code::kTypeByte && found->type == code::kTypeBoolean)) &&
                    static_cast<std::uint32_t>(index) < found->length && may_use_array(*found);
  return fits ? found : refuse_element(ref, index, type);
}

Object* Interpreter::refuse_instance(Ref ref) {
  const Object* found = object(ref);
  if (found != nullptr) owns(*found) ? bent() : insecure();
  return nullptr;
}

Object* Interpreter::refuse_array(Ref ref) {
  const Object* found = object(ref);
  if (found != nullptr) found->is_array() ? insecure() : bent();
  return nullptr;
}

/// The kind of the array comes before the index.
Object* Interpreter::refuse_element(Ref ref, std::int32_t index, code::ArrayType type) {
  const Object* found = array(ref);
  if (found == nullptr) return nullptr;
  const bool bytes = found->type == code::kTypeBoolean || found->type == code::kTypeByte;
  if (type == code::kTypeByte ? !bytes : found->type != type) {
    bent();
  } else if (index < 0 || static_cast<std::uint32_t>(index) >= found->length) {
    throws(kArrayIndexOutOfBoundsException);
  }
  return nullptr;
}

/// Clause 6.2.8.1: everybody may read and write them.
Object* Interpreter::statics(const Module& module) {
  Object* found = m_heap.find(kFirstStatics + number_of(module));
  if (found == nullptr) insecure();
  return found;
}

/// Temporary entry points and global arrays are kept nowhere (clauses 6.2.1, 6.2.2).
bool Interpreter::may_hold(Ref value) {
  if (value == kNull || m_frame->context.is_runtime()) return true;
  const Object* held = object(value);
  if (held == nullptr) return false;
  return held->never_stored() ? insecure() : true;
}

bool Interpreter::commit_buffer_full() {
  return throws(kTransactionException, kTransactionBufferFull);
}

bool Interpreter::put_stored(Object& object, std::size_t offset, BytesView bytes) {
  return m_heap.write(object, offset, bytes) || commit_buffer_full();
}

bool Interpreter::put_reference(Object& object, std::size_t offset, Ref value) {
  return put_number<kReferenceSize>(object, offset, static_cast<std::int32_t>(value));
}

bool Interpreter::put_reference_element(Ref array, std::int32_t index, Ref value) {
  Object* found = element(array, index, code::kTypeReferences);
  if (found == nullptr) return false;
  if (value != kNull) {
    const Object* held = object(value);
    if (held == nullptr) return false;
    const bool fits = held->is_array() ? is_object_class(*found->klass) : held->klass->is(*found->klass);
    if (!fits) return throws(kArrayStoreException);
    if (!may_hold(value)) return false;
  }
  return put_reference(*found, static_cast<std::size_t>(index) * kReferenceSize, value);
}

bool Interpreter::put_reference_field(const Code& code, Ref ref, Ref value) {
  Object* found = instance(ref, *constant(code).klass);
  if (found == nullptr || !may_hold(value)) return false;
  return put_reference(*found, static_cast<std::size_t>(code.c) * kReferenceSize, value);
}

Ref Interpreter::made(Ref ref) {
  if (ref == kNull) throws(kSystemException, kNoResource);
  return ref;
}

Ref Interpreter::make_instance(const Code& code) {
  const Class& klass = *constant(code).klass;
  if (klass.is_interface || klass.is_abstract) {
    bent();
    return kNull;
  }
  return made(m_heap.make_instance(klass, class_id(number_of(*klass.module), klass.index), m_frame->context, Lifetime::kPersistent));
}

Ref Interpreter::make_array(const Code& code, std::int32_t length) {
  if (length < 0) {
    throws(kNegativeArraySizeException);
    return kNull;
  }
  const auto count = static_cast<std::uint32_t>(length);
  if (static_cast<Step>(code.op) == Step::kNewarray) {
    return made(m_heap.make_array(static_cast<code::ArrayType>(code.a), count, m_frame->context, Lifetime::kPersistent));
  }
  const Class& klass = *constant(code).klass;
  return made(m_heap.make_array(code::kTypeReferences, count, m_frame->context, Lifetime::kPersistent, &klass, m_machine.number_of(klass)));
}

/// Clause 7.5, checkcast and instanceof. Types 10 to 13 are arrays of numbers, 14 an array of references.
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
  if (now.is_runtime() || object.owner.package == now.package || object.is_of_everybody()) return true;
  if (object.is_array() || code.a != code::kTypeClass) return false;
  const Class& target = *constant(code).klass;
  return object.klass->is_shareable && target.is_interface && target.is_shareable;
}

bool Interpreter::check_cast(const Code& code, Ref ref) {
  if (ref == kNull) return true;
  const Object* found = object(ref);
  if (found == nullptr) return false;
  if (!may_cast(*found, code)) return insecure();
  return is_type(*found, code) ? true : throws(kClassCastException);
}

std::optional<bool> Interpreter::instance_of(const Code& code, Ref ref) {
  if (ref == kNull) return false;
  const Object* found = object(ref);
  if (found == nullptr) return std::nullopt;
  if (may_cast(*found, code)) return is_type(*found, code);
  insecure();
  return std::nullopt;
}

/// Clause 6.2.8.7.
void Interpreter::throw_object(Ref ref) {
  const Object* found = object(ref);
  if (found == nullptr) return;
  const bool allowed = owns(*found) || (found->privileges & (kPermanentEntryPoint | kTemporaryEntryPoint)) != 0;
  if (found->is_array() || !found->klass->is(m_machine.library().api_class(kThrowable))) {
    bent();
  } else if (!allowed) {
    insecure();
  } else {
    m_thread.m_pending = ref;
  }
}

}  // namespace uicclab::jcvm::machine
