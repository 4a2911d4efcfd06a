// SPDX-License-Identifier: Apache-2.0
// Cells: the operand stack and local variables of a frame.
#include "jcvm/machine/interpreter.hpp"

namespace uicclab::jcvm::machine {
bool Interpreter::push_value(const Value& value) {
  switch (value.type) {
    case Value::Type::kVoid:
      return true;
    case Value::Type::kShort:
      return push(Cell::of(static_cast<std::int16_t>(value.number)));
    case Value::Type::kInt:
      return push(high_cell(value.number)) && push(low_cell(value.number));
    case Value::Type::kReference:
      return push(Cell::reference(value.ref()));
  }
  return true;
}

/// The upper `count` cells again, below the upper `depth` ones (clause 7.5, dup_x).
bool Interpreter::duplicate(unsigned count, unsigned depth) {
  const unsigned below = depth == 0 ? count : depth;
  const std::uint32_t used = m_frame->top - m_frame->base;
  if (used < below || used + count > m_frame->method->max_stack) return bent();
  const auto end = m_thread.m_cells.begin() + m_frame->top;
  std::copy_backward(end - below, end, end + count);
  std::copy(end, end + count, end - below);
  m_frame->top += count;
  return true;
}

bool Interpreter::swap(unsigned upper, unsigned lower) {
  if (m_frame->top - m_frame->base < upper + lower) return bent();
  const auto end = m_thread.m_cells.begin() + m_frame->top;
  std::rotate(end - upper - lower, end - upper, end);
  return true;
}

}  // namespace uicclab::jcvm::machine
