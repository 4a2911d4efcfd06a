// SPDX-License-Identifier: Apache-2.0
// Cells: the operand stack and local variables of a frame.
#include "jcvm/machine/interpreter.hpp"

namespace uicclab::jcvm::machine {
namespace {

constexpr Cell high(std::int32_t value) {
  return {static_cast<std::int16_t>(value >> 16), Kind::kIntHigh};
}

constexpr Cell low(std::int32_t value) {
  return {static_cast<std::int16_t>(value), Kind::kIntLow};
}

std::int32_t joined(const Cell& upper, const Cell& lower) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(upper.value) << 16 | (static_cast<std::uint32_t>(lower.value) & 0xFFFF));
}

}  // namespace

bool Interpreter::push(Cell cell) {
  if (m_frame->top == m_frame->base + m_frame->method->max_stack) return insecure();
  m_thread.m_cells[m_frame->top++] = cell;
  return true;
}

bool Interpreter::push_int(std::int32_t value) {
  return push(high(value)) && push(low(value));
}

bool Interpreter::push_value(const Value& value) {
  switch (value.type) {
    case Value::Type::kVoid:
      return true;
    case Value::Type::kShort:
      return push_short(value.number);
    case Value::Type::kInt:
      return push_int(value.number);
    case Value::Type::kReference:
      return push_reference(value.ref());
  }
  return true;
}

bool Interpreter::pop(Cell& cell) {
  if (m_frame->top == m_frame->base) return insecure();
  cell = m_thread.m_cells[--m_frame->top];
  return true;
}

bool Interpreter::pop_short(std::int32_t& value) {
  Cell cell;
  if (!pop(cell)) return false;
  if (cell.kind != Kind::kShort) return insecure();
  value = cell.value;
  return true;
}

bool Interpreter::pop_int(std::int32_t& value) {
  Cell upper;
  Cell lower;
  if (!pop(lower) || !pop(upper)) return false;
  if (lower.kind != Kind::kIntLow || upper.kind != Kind::kIntHigh) return insecure();
  value = joined(upper, lower);
  return true;
}

bool Interpreter::pop_reference(Ref& ref) {
  Cell cell;
  if (!pop(cell)) return false;
  if (cell.kind != Kind::kReference) return insecure();
  ref = cell.ref();
  return true;
}

bool Interpreter::load(std::uint8_t number, Kind kind) {
  const Cell cell = local(number);
  return cell.kind == kind ? push(cell) : insecure();
}

bool Interpreter::local_int(std::uint8_t number, std::int32_t& value) {
  const Cell upper = local(number);
  const Cell lower = local(static_cast<std::uint8_t>(number + 1));
  if (upper.kind != Kind::kIntHigh || lower.kind != Kind::kIntLow) return insecure();
  value = joined(upper, lower);
  return true;
}

void Interpreter::set_local_int(std::uint8_t number, std::int32_t value) {
  local(number) = high(value);
  local(static_cast<std::uint8_t>(number + 1)) = low(value);
}

bool Interpreter::load_int(std::uint8_t number) {
  std::int32_t value = 0;
  return local_int(number, value) && push_int(value);
}

bool Interpreter::store(std::uint8_t number, Kind kind, Kind or_else) {
  Cell cell;
  if (!pop(cell)) return false;
  if (cell.kind != kind && cell.kind != or_else) return insecure();
  local(number) = cell;
  return true;
}

bool Interpreter::store_int(std::uint8_t number) {
  std::int32_t value = 0;
  if (!pop_int(value)) return false;
  set_local_int(number, value);
  return true;
}

/// The upper `count` cells again, below the upper `depth` ones (clause 7.5.21).
bool Interpreter::duplicate(unsigned count, unsigned depth) {
  const unsigned below = depth == 0 ? count : depth;
  if (m_frame->top - m_frame->base < below) return insecure();
  const std::uint32_t first = m_frame->top - below;
  std::vector<Cell> moved(m_thread.m_cells.begin() + first, m_thread.m_cells.begin() + m_frame->top);
  m_frame->top = first;
  for (std::size_t i = moved.size() - count; i < moved.size(); ++i) {
    if (!push(moved[i])) return false;
  }
  for (const Cell cell : moved) {
    if (!push(cell)) return false;
  }
  return true;
}

bool Interpreter::swap(unsigned upper, unsigned lower) {
  if (m_frame->top - m_frame->base < upper + lower) return insecure();
  const auto end = m_thread.m_cells.begin() + m_frame->top;
  std::rotate(end - upper - lower, end - upper, end);
  return true;
}

}  // namespace uicclab::jcvm::machine
