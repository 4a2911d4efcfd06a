// SPDX-License-Identifier: Apache-2.0
// The one interpreter: every operation checks kinds of cells, stack, null, class, bounds, array store, casts and the firewall. JCVM 3.1
// clause 7.5, JCRE 3.1 clause 6.2.8.
//
// What a compiler never makes, but a bent CAP file may (a cell of another kind, a stack that runs over, an object of another class), throws
// SecurityException.
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
  /// The same with arguments from elsewhere.
  static bool push_frame(Machine& machine, Thread& thread, const Method& method, Context context, std::span<const Cell> arguments);
  /// The class whose virtual methods an object has: of arrays java/lang/Object.
  static const Class& class_of(const Machine& machine, const Object& object);

 private:
  // Each returns false if it threw: the exception is then pending.

  bool execute(const Code& code);
  bool execute_int(const Code& code);
  bool execute_object(const Code& code);
  bool throws(ApiClass exception, std::int16_t reason = 0);
  bool insecure() { return throws(kSecurityException); }

  // stack.cpp
  bool push(Cell cell);
  bool push_short(std::int32_t value) { return push({static_cast<std::int16_t>(value), Kind::kShort}); }
  bool push_int(std::int32_t value);
  bool push_reference(Ref ref) { return push(Cell::reference(ref)); }
  bool push_value(const Value& value);
  bool pop(Cell& cell);
  bool pop_short(std::int32_t& value);
  bool pop_int(std::int32_t& value);
  bool pop_reference(Ref& ref);
  Cell& local(std::uint8_t number) { return m_thread.m_cells[m_frame->locals + number]; }
  bool load(std::uint8_t number, Kind kind);
  bool load_int(std::uint8_t number);
  bool store(std::uint8_t number, Kind kind, Kind or_else);
  bool store_int(std::uint8_t number);
  bool local_int(std::uint8_t number, std::int32_t& value);
  void set_local_int(std::uint8_t number, std::int32_t value);
  bool duplicate(unsigned count, unsigned depth);
  bool swap(unsigned upper, unsigned lower);

  template <typename Function>
  bool binary_short(const Function& function);
  template <typename Function>
  bool binary_int(const Function& function);
  template <typename Test>
  bool branch_short(const Code& code, const Test& test);
  template <typename Test>
  bool branch_shorts(const Code& code, const Test& test);
  bool branch_reference(const Code& code, bool if_null);
  bool branch_references(const Code& code, bool if_equal);
  bool divide_short(bool remainder);
  bool divide_int(bool remainder);
  bool jump(std::int32_t target);
  bool go(const Code& code, std::int32_t value);

  // access.cpp
  Object* object(Ref ref);
  Object* instance(Ref ref, const Class& klass);
  Object* array(Ref ref);
  Object* element(Ref ref, std::int32_t index, code::ArrayType type);
  bool may_hold(Ref value);
  bool is_type(const Object& object, const Code& code) const;
  bool may_cast(const Object& object, const Code& code) const;
  bool get_element(code::ArrayType type);
  bool put_element(code::ArrayType type);
  bool put_reference_element();
  bool get_field(const Code& code, char type, bool of_this);
  bool put_field(const Code& code, char type, bool of_this);
  bool get_static(const Code& code, char type);
  bool put_static(const Code& code, char type);
  bool make_instance(const Code& code);
  bool make_array(const Code& code);
  bool made(Ref ref);
  bool array_length();
  bool check_cast(const Code& code);
  bool instance_of(const Code& code);
  bool throw_object();
  bool write(Object& object, std::size_t offset, BytesView bytes);

  // invoke.cpp
  bool invoke_virtual(const Code& code);
  bool invoke_special(const Code& code);
  bool invoke_static(const Code& code);
  bool invoke_interface(const Code& code);
  bool invoke(const Method* method, unsigned arguments, Context context);
  Ref receiver(unsigned arguments);
  std::optional<Context> context_for(const Object& object, const Class* interface);
  bool leave(const Value& value);
  void run_native();
  bool arguments_fit(const Frame& frame);
  void raise();

  const Resolved& constant(const Code& code) const { return m_frame->method->module->constants[code.b]; }

  Machine& m_machine;
  Thread& m_thread;
  Heap& m_heap;
  Frame* m_frame = nullptr;
};

// The innermost functions of the loop.

inline bool Interpreter::push(Cell cell) {
  if (m_frame->top == m_frame->base + m_frame->method->max_stack) return insecure();
  m_thread.m_cells[m_frame->top++] = cell;
  return true;
}

inline bool Interpreter::push_int(std::int32_t value) {
  return push(high_cell(value)) && push(low_cell(value));
}

inline bool Interpreter::pop(Cell& cell) {
  if (m_frame->top == m_frame->base) return insecure();
  cell = m_thread.m_cells[--m_frame->top];
  return true;
}

inline bool Interpreter::pop_short(std::int32_t& value) {
  Cell cell;
  if (!pop(cell)) return false;
  if (cell.kind != Kind::kShort) return insecure();
  value = cell.value;
  return true;
}

inline bool Interpreter::pop_int(std::int32_t& value) {
  Cell upper;
  Cell lower;
  if (!pop(lower) || !pop(upper)) return false;
  if (lower.kind != Kind::kIntLow || upper.kind != Kind::kIntHigh) return insecure();
  value = joined_cells(upper, lower);
  return true;
}

inline bool Interpreter::pop_reference(Ref& ref) {
  Cell cell;
  if (!pop(cell)) return false;
  if (cell.kind != Kind::kReference) return insecure();
  ref = cell.ref();
  return true;
}

inline bool Interpreter::load(std::uint8_t number, Kind kind) {
  const Cell cell = local(number);
  return cell.kind == kind ? push(cell) : insecure();
}

inline bool Interpreter::local_int(std::uint8_t number, std::int32_t& value) {
  const Cell upper = local(number);
  const Cell lower = local(static_cast<std::uint8_t>(number + 1));
  if (upper.kind != Kind::kIntHigh || lower.kind != Kind::kIntLow) return insecure();
  value = joined_cells(upper, lower);
  return true;
}

inline void Interpreter::set_local_int(std::uint8_t number, std::int32_t value) {
  local(number) = high_cell(value);
  local(static_cast<std::uint8_t>(number + 1)) = low_cell(value);
}

}  // namespace uicclab::jcvm::machine
