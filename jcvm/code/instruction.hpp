// SPDX-License-Identifier: Apache-2.0
// One instruction taken out of the byte code: JCVM 3.1 clauses 7.1 to 7.5.
#pragma once

#include <vector>

#include "jcvm/code/operation.hpp"

namespace uicclab::jcvm::code {

/// An instruction with its operands. Offsets and targets count from the beginning of the Method component's info item; a target may lie
/// anywhere, whoever follows it checks.
struct Instruction {
  struct Case {
    std::int32_t value = 0;
    std::int64_t target = 0;
  };

  std::uint32_t offset = 0;
  std::uint32_t size = 0;  ///< in bytes, with the code
  const Operation* operation = nullptr;
  std::int32_t value = 0;      ///< kByte, kShort, kInt; the increment of kLocalByte, kLocalShort
  std::int64_t target = 0;     ///< of kBranch, kBranchWide; where a switch goes by default
  std::uint16_t constant = 0;  ///< index in the constant pool, of what names one
  std::uint8_t local = 0;      ///< number of the local variable, of what touches one, also if the code itself says it
  std::uint8_t type = 0;       ///< ArrayType of kArrayType, kTypeCheck
  std::uint8_t nargs = 0;      ///< kInterface: cells of arguments
  std::uint8_t token = 0;      ///< kInterface: of the method
  std::uint8_t m = 0;          ///< kStackShuffle
  std::uint8_t n = 0;
  std::vector<Case> cases;  ///< of a switch, in order

  Op op() const { return operation->op; }
  std::uint32_t next() const { return offset + size; }
  /// It touches a local variable, whose number is in `local`.
  bool touches_local() const { return !operation->local.empty(); }
  /// Its operand is an index in the constant pool. checkcast and instanceof name a class unless they ask for an array of numbers.
  bool names_constant() const;
  /// Offset of the index in the component, and whether it has one byte or two; for operands that name a constant.
  std::uint32_t constant_place() const;
  bool constant_is_short() const { return operation->operands == Operands::kConstant8; }
};

/// The instruction that begins at the first byte of `code`, which goes on to the end of the component; `offset` says where that is.
/// Switches are read with all their cases, whose count the code itself bounds. Errors: kMalformed (no such code, a switch whose lowest
/// value is above its highest), kTruncated.
Result<Instruction> decode(BytesView code, std::uint32_t offset);

/// Stack cells that a type letter of operations.def takes; 0 for *.
constexpr unsigned cells(char letter) {
  return letter == '*' ? 0 : letter == 'i' || letter == 'd' ? 2 : 1;
}

}  // namespace uicclab::jcvm::code
