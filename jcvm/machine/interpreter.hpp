// SPDX-License-Identifier: Apache-2.0
// The one interpreter: every operation checks kinds of cells, stack, null, class, bounds, array store, casts and the firewall. JCVM 3.1
// clause 7.5, JCRE 3.1 clause 6.2.8.
//
// What a compiler never makes, but a bent CAP file may (a cell of another kind, a stack that runs over, an object of another class), throws
// SecurityException.
//
// Below the operand stack of a frame is one cell of kind kEmpty, which no operation puts on a stack: whoever pops a cell of a kind needs
// not look whether there is one.
#pragma once

#include "jcvm/machine/machine.hpp"

namespace uicclab::jcvm::machine {

class Interpreter {
 public:
  Interpreter(Machine& machine, Thread& thread) : m_machine(machine), m_thread(thread), m_heap(machine.heap()) {}

  RunState run(std::uint64_t& budget);

  /// Puts a frame for a method on top; the arguments, with the object, are the uppermost cells of the frame below. false: the stack of the
  /// machine is full.
  static bool push_frame(Machine& machine, Thread& thread, const Method& method, Context context);
  /// The same with arguments from elsewhere. `self`: the object, before them; null: the method is static.
  static bool push_frame(Machine& machine, Thread& thread, const Method& method, Context context, const Cell* self,
                         std::span<const Cell> arguments);
  /// The class whose virtual methods an object has: of arrays java/lang/Object.
  static const Class& class_of(const Machine& machine, const Object& object);

 private:
  static bool make_room(const Machine& machine, Thread& thread, std::size_t cells);
  /// Until the topmost frame is a native method's, or the thread does not go on.
  void run_java(std::uint64_t& budget);
  bool throws(ApiClass exception, std::int16_t reason = 0);
  bool insecure() { return throws(kSecurityException); }
  /// The same, of what only a bent file's code does.
  bool bent() {
    ++m_thread.m_bent;
    return insecure();
  }

  // stack.cpp: on the frame as it is kept, not on the registers of run_java.
  bool push(Cell cell);
  bool push_value(const Value& value);
  bool duplicate(unsigned count, unsigned depth);
  bool swap(unsigned upper, unsigned lower);

  // access.cpp: null or false if it threw; the exception is then pending.
  Object* object(Ref ref);
  Object* instance(Ref ref, const Class& klass);
  Object* array(Ref ref);
  Object* element(Ref ref, std::int32_t index, code::ArrayType type);
  Object* usual_instance(Ref ref, const Class* klass, std::uint16_t package) const;
  Object* usual_element(Ref ref, std::int32_t index, code::ArrayType type, std::uint16_t package) const;
  Object* statics(const Module& module);
  Object* refuse_instance(Ref ref);
  Object* refuse_array(Ref ref);
  Object* refuse_element(Ref ref, std::int32_t index, code::ArrayType type);
  bool owns(const Object& object) const { return m_frame->context.is_runtime() || object.owner.package == m_frame->context.package; }
  bool may_use_array(const Object& object) const;
  bool may_hold(Ref value);
  bool is_type(const Object& object, const Code& code) const;
  bool may_cast(const Object& object, const Code& code) const;
  bool commit_buffer_full();
  bool put_stored(Object& object, std::size_t offset, BytesView bytes);
  template <std::size_t kSize>
  bool put_number(Object& object, std::size_t offset, std::int32_t value);
  bool put_reference(Object& object, std::size_t offset, Ref value);
  bool put_reference_element(Ref array, std::int32_t index, Ref value);
  bool put_reference_field(const Code& code, Ref ref, Ref value);
  Ref make_instance(const Code& code);
  Ref make_array(const Code& code, std::int32_t length);
  Ref made(Ref ref);
  bool check_cast(const Code& code, Ref ref);
  std::optional<bool> instance_of(const Code& code, Ref ref);
  void throw_object(Ref ref);

  // invoke.cpp: the frame below must be as it is.
  bool invoke_virtual(const Code& code);
  bool invoke_special(const Code& code);
  bool invoke_static(const Code& code);
  bool invoke_interface(const Code& code);
  bool invoke(const Method* method, unsigned arguments, Context context);
  Ref receiver(unsigned arguments);
  std::optional<Context> context_for(const Object& object, const Class* interface);
  bool leave(const Value& value);
  bool leave_with(Cell value);
  void run_native();
  bool arguments_fit(const Frame& frame);
  void raise();

  const Resolved& constant(const Code& code) const { return m_frame->method->module->constants[code.b]; }
  std::uint16_t number_of(const Module& module);

  Machine& m_machine;
  Thread& m_thread;
  Heap& m_heap;
  Frame* m_frame = nullptr;
  // The number that was asked for last: mostly that of the module whose code runs.
  const Module* m_last_module = nullptr;
  std::uint16_t m_last_number = 0;
};

// What runs often.

inline std::uint16_t Interpreter::number_of(const Module& module) {
  if (m_last_module != &module) {
    m_last_number = m_machine.number_of(module).value_or(0);
    m_last_module = &module;
  }
  return m_last_number;
}

/// For operations on arrays (clauses 6.2.8.2, 6.1.6: CLEAR_ON_DESELECT only in the selected context).
inline bool Interpreter::may_use_array(const Object& object) const {
  if (m_frame->context.is_runtime()) return true;
  if (object.lifetime == Lifetime::kClearOnDeselect && (!m_thread.selected || m_thread.selected->package != m_frame->context.package))
    return false;
  return object.owner.package == m_frame->context.package || object.has(kGlobalArray);
}

/// What getfield and putfield (clause 6.2.8.3) nearly always find: an object of this very class, of the context whose package is `package`.
/// Null: instance() says what it is. `klass` is not null.
inline Object* Interpreter::usual_instance(Ref ref, const Class* klass, std::uint16_t package) const {
  Object* found = m_heap.recent(ref, Heap::key_of(code::kTypeClass, package));
  return found != nullptr && found->klass == klass ? found : nullptr;
}

/// The same of elements of arrays, and of global arrays, of which the APDU buffer is one: element() says what else it is.
inline Object* Interpreter::usual_element(Ref ref, std::int32_t index, code::ArrayType type, std::uint16_t package) const {
  Object* found = m_heap.recent(ref, Heap::key_of(type, package));
  if (found == nullptr) found = m_heap.recent(ref, Heap::global_key(type));
  return found != nullptr && static_cast<std::uint32_t>(index) < found->length ? found : nullptr;
}

inline Object* Interpreter::array(Ref ref) {
  Object* found = m_heap.find(ref);
  return found != nullptr && found->is_array() && may_use_array(*found) ? found : refuse_array(ref);
}

/// The last `kSize` bytes of it.
template <std::size_t kSize>
[[gnu::always_inline]] inline bool Interpreter::put_number(Object& object, std::size_t offset, std::int32_t value) {
  const auto bits = static_cast<std::uint32_t>(value);
  std::array<std::uint8_t, kSize> bytes;
  for (std::size_t i = 0; i < kSize; ++i) bytes[i] = static_cast<std::uint8_t>(bits >> (8 * (kSize - 1 - i)));
  if (object.body_stored()) return put_stored(object, offset, bytes);
  std::memcpy(object.body.data() + offset, bytes.data(), kSize);
  return true;
}

inline bool Interpreter::push(Cell cell) {
  if (m_frame->top == m_frame->base + m_frame->method->max_stack) return bent();
  m_thread.m_cells[m_frame->top++] = cell;
  return true;
}

/// With a short or a reference, mostly to a method in Java.
inline bool Interpreter::leave_with(Cell value) {
  auto& frames = m_thread.m_frames;
  if (frames.size() < 2 || frames[frames.size() - 2].method->is_native) {
    return leave(value.kind == Kind::kShort ? Value::of(static_cast<std::int16_t>(value.value)) : Value::reference(value.ref()));
  }
  frames.pop_back();
  m_frame = &frames.back();
  return push(value);
}

}  // namespace uicclab::jcvm::machine
