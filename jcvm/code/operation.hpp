// SPDX-License-Identifier: Apache-2.0
// What a byte code is: JCVM 3.1 chapter 7. The table itself is operations.def.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "jcvm/cap/cap_file.hpp"

namespace uicclab::jcvm::code {

/// The 185 byte codes. impdep1 and impdep2 (FE, FF) are not allowed in CAP files (clause 6.10).
enum class Op : std::uint8_t {
#define OPERATION(code, name, mnemonic, operands, pops, pushes, flow, local, constants) k##name = code,
#include "jcvm/code/operations.def"
#undef OPERATION
};

/// What follows the code.
enum class Operands : std::uint8_t {
  kNone,
  kByte,          ///< a signed value of one byte
  kShort,         ///< of two
  kInt,           ///< of four
  kLocal,         ///< number of a local variable
  kLocalByte,     ///< and a signed byte
  kLocalShort,    ///< and a signed short
  kBranch,        ///< distance of one byte, from the code on
  kBranchWide,    ///< of two
  kConstant8,     ///< index in the constant pool, one byte
  kConstant16,    ///< two
  kInterface,     ///< count of arguments, index of the interface, token of the method
  kArrayType,     ///< type of an array's elements
  kTypeCheck,     ///< type (0: a class), index of a class
  kStackShuffle,  ///< m and n, a nibble each
  kShortTable,    ///< default distance, lowest and highest value, a distance for each
  kIntTable,
  kShortLookup,  ///< default distance, count, pairs of value and distance
  kIntLookup,
};

/// What is executed next.
enum class Flow : std::uint8_t { kNext, kBranch, kJump, kCall, kSwitch, kEnd };

/// Sets of kinds of constants.
enum ConstantSet : std::uint8_t {
  kClassRef = 1 << 1,
  kInstanceFieldRef = 1 << 2,
  kVirtualMethodRef = 1 << 3,
  kSuperMethodRef = 1 << 4,
  kStaticFieldRef = 1 << 5,
  kStaticMethodRef = 1 << 6,
};

struct Operation {
  Op op;
  std::string_view mnemonic;
  Operands operands;
  std::string_view pops;  ///< letters: operations.def
  std::string_view pushes;
  Flow flow;
  std::string_view local;  ///< type and number of the local variable: operations.def
  std::uint8_t constants;  ///< ConstantSet of what its operand may name

  bool names_constant() const { return constants != 0; }
  bool allows(cap::ConstantKind kind) const { return (constants & 1U << static_cast<unsigned>(kind)) != 0; }
  /// It works with values of type int (ACC_INT of the Header component).
  bool uses_int() const;
};

constexpr std::size_t kOperationCount = 185;

/// The operation of a code; null from B9 on.
const Operation* operation(std::uint8_t code);
const Operation& operation(Op op);
/// By its mnemonic, "sload_1"; null if there is none.
const Operation* operation_named(std::string_view mnemonic);

/// Types of array elements in newarray, checkcast and instanceof (clause 7.5); kTypeReferences only in the latter two.
enum ArrayType : std::uint8_t { kTypeClass = 0, kTypeBoolean = 10, kTypeByte = 11, kTypeShort = 12, kTypeInt = 13, kTypeReferences = 14 };

/// "byte[]"; empty for what is no array of a primitive type.
std::string_view name_of(ArrayType type);

}  // namespace uicclab::jcvm::code
