// SPDX-License-Identifier: Apache-2.0
// Byte code of the card before its places are known, and the assembler that gives them.
#pragma once

#include <map>

#include "jcvm/code/operation.hpp"
#include "jcvm/tools/converter/references.hpp"

namespace uicclab::jcvm::converter {

struct CardInstruction {
  struct Case {
    std::int32_t value = 0;
    std::uint32_t target = 0;
  };
  code::Op op{};
  std::int32_t value = 0;  ///< of a push or an increment; m and n of dup_x and swap_x in a byte
  std::uint8_t local = 0;
  std::uint8_t type = 0;   ///< of an array, or of a type check
  std::uint8_t nargs = 0;  ///< of invokeinterface
  std::uint8_t token = 0;  ///< of invokeinterface
  std::optional<std::size_t> symbol;
  std::uint32_t target = 0;  ///< pc in the class file
  std::vector<Case> cases;
};

/// One method.
struct CardCode {
  std::vector<CardInstruction> instructions;
  std::map<std::uint32_t, std::size_t> starts;  ///< by pc in the class file: the first instruction made of what is there
  unsigned max_stack = 0;
  unsigned nargs = 0;
  unsigned max_locals = 0;            ///< without the arguments
  std::vector<unsigned> local_cells;  ///< by local variable of the class file

  /// The first instruction made of what is at a pc or after it.
  std::size_t start_of(std::uint32_t pc) const {
    const auto found = starts.lower_bound(pc);
    return found == starts.end() ? instructions.size() : found->second;
  }
};

/// Bytes of a method, without its header.
struct Assembled {
  Bytes bytes;
  std::vector<std::size_t> offsets;           ///< of each instruction, and the end
  std::vector<std::size_t> byte_references;   ///< places of indices of one byte
  std::vector<std::size_t> byte2_references;  ///< and of two
};

/// Short branches where they reach. Errors: kRange (more than 32767 bytes).
Result<Assembled> assemble(const CardCode& code, const References& references);

}  // namespace uicclab::jcvm::converter
