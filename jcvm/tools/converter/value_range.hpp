// SPDX-License-Identifier: Apache-2.0
// The range of values of a Java int at a place in the code. It determines where 16 bits give the same result.
#pragma once

#include <cstdint>
#include <string>

namespace uicclab::jcvm::converter {

/// Operations of the byte code on ints.
enum class Arithmetic : std::uint8_t { kAdd, kSub, kMul, kDiv, kRem, kNeg, kShl, kShr, kUshr, kAnd, kOr, kXor };

struct ValueRange {
  std::int64_t low = INT32_MIN;
  std::int64_t high = INT32_MAX;

  bool operator==(const ValueRange&) const = default;
  static ValueRange of(std::int64_t value) { return {value, value}; }
  /// What a type of Java can hold: Z, B, S; anything else is an int.
  static ValueRange of_type(char letter);

  bool is_constant() const { return low == high; }
  bool within(ValueRange other) const { return low >= other.low && high <= other.high; }
  /// Its 16 lower bits, sign-extended, are the value.
  bool is_short() const { return low >= INT16_MIN && high <= INT16_MAX; }
  bool is_byte() const { return low >= INT8_MIN && high <= INT8_MAX; }
  ValueRange joined(ValueRange other) const;
  /// joined(), then as wide as the next bound of a type: a loop comes to an end after few of them.
  ValueRange widened(ValueRange other) const;
  /// "0 to 255", "7".
  std::string text() const;
};

/// Whether 16 bits distinguish all values of both: equal lower bits mean equal values.
bool told_apart_by_16_bits(ValueRange a, ValueRange b);

/// The result of Java's operation on ints (JLS 15.15 to 15.22); `right` does not count for kNeg.
ValueRange result_of(Arithmetic operation, ValueRange left, ValueRange right);

}  // namespace uicclab::jcvm::converter
