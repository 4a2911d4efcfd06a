// SPDX-License-Identifier: Apache-2.0
// The differences of two CAP files: components byte by byte, then methods by their names, instruction by instruction.
#pragma once

#include <iosfwd>

#include "jcvm/verifier/structure.hpp"

namespace uicclab::jcvm::tools {

struct CapWithStructure {
  const cap::CapFile& file;
  const verifier::Structure& structure;
};

/// Writes the differences; false: there are none, every component has the same bytes. Methods compare by what they do: constants by name,
/// targets from the beginning of the method.
bool write_difference(std::ostream& out, const CapWithStructure& a, const CapWithStructure& b);

}  // namespace uicclab::jcvm::tools
