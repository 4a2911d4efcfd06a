// SPDX-License-Identifier: Apache-2.0
// The code of a method, found by walking it from its first instruction: where it ends no component says but the Descriptor, and that one a
// card need not have. JCVM 3.1 clauses 6.10 and 7.5.
#pragma once

#include <vector>

#include "jcvm/cap/cap_file.hpp"
#include "jcvm/code/instruction.hpp"

namespace uicclab::jcvm::verifier {

/// A method with every instruction that can be reached, also from its exception handlers.
struct MethodBody {
  std::uint32_t offset = 0;  ///< of its header in the Method component
  cap::MethodHeader header;
  std::uint32_t end = 0;                        ///< after the last reached instruction
  std::vector<code::Instruction> instructions;  ///< by offset; none of an abstract method
  std::vector<std::uint16_t> handlers;          ///< indices of its exception handlers

  /// The instruction that begins at an offset; null if none does.
  const code::Instruction* at(std::uint32_t instruction) const;
};

/// Walks the method at `offset`; `limit`: where the next method begins, or the component ends. Checked: the header; instructions decode and
/// do not overlap; control stays from the first instruction to `limit`, at boundaries of instructions, and does not run on after the last
/// one; the method's exception handlers have their ranges and targets at such boundaries. Errors: kMalformed, kTruncated, kRange; the
/// offset counts in the Method component.
Result<MethodBody> walk_method(const cap::MethodComponent& methods, std::uint32_t offset, std::uint32_t limit);

}  // namespace uicclab::jcvm::verifier
