// SPDX-License-Identifier: Apache-2.0
// Byte code of class files (JVMS chapter 6), decoded into the few kinds that the subset of Java Card has; the others are refused by what
// the program uses them for.
#pragma once

#include <vector>

#include "core/result.hpp"
#include "core/types.hpp"
#include "jcvm/tools/converter/value_range.hpp"

namespace uicclab::jcvm::converter {

enum class JavaKind : std::uint8_t {
  kNop,
  kNull,
  kConstant,    ///< value
  kLdc,         ///< index of a constant
  kLoad,        ///< local; letter I or A
  kStore,       ///< local; letter I or A
  kArrayLoad,   ///< letter B (also boolean), S, I, A
  kArrayStore,  ///< letter
  kPop,
  kPop2,
  kDup,
  kDupX1,
  kDupX2,
  kDup2,
  kDup2X1,
  kDup2X2,
  kSwap,
  kArithmetic,  ///< arithmetic
  kIncrement,   ///< local, value
  kToByte,
  kToShort,
  kIf,               ///< condition, target: an int against 0
  kIfCompare,        ///< condition, target: two ints
  kIfReference,      ///< condition kEqual, kNotEqual; target: two references
  kIfNull,           ///< condition kEqual, kNotEqual; target: a reference against null
  kGoto,             ///< target
  kSwitch,           ///< target (default), cases, is_table
  kReturn,           ///< letter I, A, V
  kGetStatic,        ///< index
  kPutStatic,        ///< index
  kGetField,         ///< index
  kPutField,         ///< index
  kInvokeVirtual,    ///< index
  kInvokeSpecial,    ///< index
  kInvokeStatic,     ///< index
  kInvokeInterface,  ///< index
  kNew,              ///< index
  kNewArray,         ///< letter Z, B, S, I
  kNewReferences,    ///< index
  kArrayLength,
  kThrow,
  kCheckCast,   ///< index
  kInstanceOf,  ///< index
};

enum class Condition : std::uint8_t { kEqual, kNotEqual, kLess, kGreaterEqual, kGreater, kLessEqual };

struct JavaInstruction {
  struct Case {
    std::int32_t value = 0;
    std::uint32_t target = 0;
  };
  JavaKind kind = JavaKind::kNop;
  std::uint32_t pc = 0;
  std::uint32_t size = 1;
  Arithmetic arithmetic = Arithmetic::kAdd;
  Condition condition = Condition::kEqual;
  char letter = 0;
  bool is_table = false;
  std::uint16_t local = 0;
  std::uint16_t index = 0;
  std::int32_t value = 0;
  std::uint32_t target = 0;
  std::vector<Case> cases;

  std::uint32_t next() const { return pc + size; }
  bool branches() const {
    return kind == JavaKind::kIf || kind == JavaKind::kIfCompare || kind == JavaKind::kIfReference || kind == JavaKind::kIfNull;
  }
  /// Control does not come to the next instruction.
  bool ends() const {
    return kind == JavaKind::kGoto || kind == JavaKind::kSwitch || kind == JavaKind::kReturn || kind == JavaKind::kThrow;
  }
};

/// All instructions of a method, one after the other. Checked: targets are at instructions of the method, and the last one ends it.
/// Errors: kUnsupported with what the subset does not have, kMalformed, kTruncated; the offset is that in the code.
Result<std::vector<JavaInstruction>> decode_java(BytesView code);

}  // namespace uicclab::jcvm::converter
