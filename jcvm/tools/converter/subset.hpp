// SPDX-License-Identifier: Apache-2.0
// What a class may not have on a card: JCVM 3.1 chapter 2, "a subset of the Java virtual machine". What instructions may not do is checked
// where they are decoded (java_code.hpp) and converted.
#pragma once

#include "jcvm/tools/converter/program.hpp"

namespace uicclab::jcvm::converter {

void check_subset(const Program& program, const ClassModel& model, bool allow_int, Report& report);

}  // namespace uicclab::jcvm::converter
