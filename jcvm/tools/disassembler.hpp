// SPDX-License-Identifier: Apache-2.0
// Byte code as text, with the names of its operands.
#pragma once

#include <iosfwd>

#include "jcvm/tools/names.hpp"
#include "jcvm/verifier/structure.hpp"

namespace uicclab::jcvm::tools {

/// How places are written: as offsets in the Method component and indices in the constant pool, or so that two builds can be compared.
enum class Places { kAbsolute, kComparable };

/// One instruction in a line: "invokevirtual 12  javacard/framework/APDU.getBuffer()[B"; comparable: without the index, targets from the
/// method's first instruction on.
std::string text_of(const code::Instruction& instruction, const verifier::MethodBody& method, const Names& names, Places places);

/// A method: its header, its instructions in lines with source lines between them, its exception handlers.
void write_method(std::ostream& out, const cap::CapFile& file, const verifier::MethodBody& method, const Names& names);

/// Everything that a file holds, as text: header, imports, applets, constants, classes, static fields, exports, methods.
void write_dump(std::ostream& out, const cap::CapFile& file, const verifier::Structure& structure);

}  // namespace uicclab::jcvm::tools
