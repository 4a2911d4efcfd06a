// SPDX-License-Identifier: Apache-2.0
// A load file becomes a module: imports are found, classes laid out, constants resolved, methods translated.
#pragma once

#include <span>

#include "jcvm/machine/module.hpp"
#include "jcvm/verifier/method_walk.hpp"

namespace uicclab::jcvm::machine {

class Library;

/// For each import of the file its module. Errors: kNotFound, with the name of the package, or its AID.
Result<std::vector<std::shared_ptr<const Module>>> find_imports(const Library& library, const cap::CapFile& file,
                                                                std::span<const std::shared_ptr<const Module>> on_card);
Result<std::shared_ptr<const Module>> link_module(const cap::CapFile& file, std::vector<std::shared_ptr<const Module>> imports, bool fused);
/// Operations of a method's byte codes; branches go to operations. Errors: kMalformed, kRange (a field of another kind than the code says).
Result<void> translate(const verifier::MethodBody& body, const cap::CapFile& file, const Module& module, Method& method);
/// The same in fewer operations.
void fuse(Method& method);

}  // namespace uicclab::jcvm::machine
