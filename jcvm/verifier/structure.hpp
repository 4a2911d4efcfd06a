// SPDX-License-Identifier: Apache-2.0
// Structural verification of a CAP file, with or without its Descriptor: JCVM 3.1 chapter 6, clauses 6.8 to 6.14, and 7.5. All code that
// can be entered is walked; every index, offset and token in it names what it must. What is on the stack is not followed: the interpreter
// checks types.
#pragma once

#include "jcvm/packages/package.hpp"
#include "jcvm/verifier/method_walk.hpp"

namespace uicclab::jcvm::verifier {

/// The imported packages: for import i of the file the table, or null if the package is unknown. Then its tokens are not checked.
using Imports = std::vector<const packages::Package*>;

/// The API tables of this program, as far as their version is enough.
Imports known_imports(const cap::CapFile& file);

struct Structure {
  std::vector<MethodBody> methods;  ///< every method that can be entered, by offset
  std::vector<Error> errors;        ///< what is wrong, at most kMostErrors; the text names the component and place; empty: nothing

  bool sound() const { return errors.empty(); }
  const MethodBody* method_at(std::uint32_t offset) const;
};

constexpr std::size_t kMostErrors = 100;

/// Entry points are install methods, the methods in tables of classes, exported static ones, those that constants name, and those of the
/// Descriptor if it is there.
Structure check_structure(const cap::CapFile& file, const Imports& imports);

}  // namespace uicclab::jcvm::verifier
