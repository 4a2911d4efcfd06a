// SPDX-License-Identifier: Apache-2.0
// A cell of the stack or a local variable: 32 bits with the kind of what they hold. An int is two cells.
#pragma once

#include "jcvm/machine/object.hpp"

namespace uicclab::jcvm::machine {

/// As wide as the value: a cell is written and read in halves of the same size.
enum class Kind : std::uint32_t {
  kEmpty,  ///< nothing was stored there
  kShort,  ///< also boolean and byte
  kReference,
  kReturn,   ///< a return address of jsr
  kIntHigh,  ///< the upper 16 bits of an int, followed by
  kIntLow,   ///< the lower ones
};

struct Cell {
  std::int32_t value = 0;
  Kind kind = Kind::kEmpty;

  static Cell of(std::int16_t number) { return {number, Kind::kShort}; }
  static Cell reference(Ref ref) { return {static_cast<std::int32_t>(ref), Kind::kReference}; }
  Ref ref() const { return static_cast<Ref>(value); }
  bool operator==(const Cell&) const = default;
};

/// The cells of an int, and back.
constexpr Cell high_cell(std::int32_t value) {
  return {static_cast<std::int16_t>(value >> 16), Kind::kIntHigh};
}
constexpr Cell low_cell(std::int32_t value) {
  return {static_cast<std::int16_t>(value), Kind::kIntLow};
}
constexpr std::int32_t joined_cells(const Cell& upper, const Cell& lower) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(upper.value) << 16 | (static_cast<std::uint32_t>(lower.value) & 0xFFFF));
}

/// What a method leaves.
struct Value {
  enum class Type : std::uint8_t { kVoid, kShort, kInt, kReference };
  Type type = Type::kVoid;
  std::int32_t number = 0;

  static Value of(std::int16_t value) { return {Type::kShort, value}; }
  static Value of_int(std::int32_t value) { return {Type::kInt, value}; }
  static Value reference(Ref ref) { return {Type::kReference, static_cast<std::int32_t>(ref)}; }
  Ref ref() const { return type == Type::kReference ? static_cast<Ref>(number) : kNull; }
  bool operator==(const Value&) const = default;
};

}  // namespace uicclab::jcvm::machine
