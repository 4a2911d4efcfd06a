// SPDX-License-Identifier: Apache-2.0
// The exports of a package, in the form of the API's tables (jcvm/packages/package.hpp): another package is converted against it.
#pragma once

#include "jcvm/tools/converter/converter.hpp"
#include "jcvm/tools/converter/program.hpp"

namespace uicclab::jcvm::converter {

std::string export_table(const Program& program, const Options& options);

}  // namespace uicclab::jcvm::converter
