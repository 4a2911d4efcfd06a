// SPDX-License-Identifier: Apache-2.0
// Data-flow verification of a CAP file with its Descriptor: JCVM 3.1 clauses 3.1, 6.14, 7.5 and 4.10 of the Java Virtual Machine
// Specification, from which it takes what correct code is. Along every way through a method the types of local variables and of the stack
// are known; each instruction gets what it takes. Subroutines of jsr are followed once for each caller.
#pragma once

#include <functional>

#include "jcvm/verifier/structure.hpp"

namespace uicclab::jcvm::verifier {

struct DataFlow {
  std::vector<Error> errors;  ///< at most kMostErrors; the text names the method, the byte, and what must be; the offset is the byte
  std::size_t methods = 0;    ///< followed to the end
  std::size_t unknown = 0;    ///< methods that call interfaces of unknown packages: verified up to there

  bool correct() const { return errors.empty(); }
};

/// What a method is called in errors, by its offset.
using MethodName = std::function<std::string(std::uint32_t)>;

/// `file` must have a Descriptor, and a sound structure.
DataFlow check_data_flow(const cap::CapFile& file, const Imports& imports, const Structure& structure, const MethodName& name);

/// All that is wrong with a file: its structure; and if that is sound and there is a Descriptor, its types. Empty: nothing.
std::vector<Error> check_file(const cap::CapFile& file, const MethodName& name);
/// With methods called by their offset.
std::vector<Error> check_file(const cap::CapFile& file);

}  // namespace uicclab::jcvm::verifier
