// SPDX-License-Identifier: Apache-2.0
// Static initialisers: JCVM 3.1 clause 2.2.1.2.5 ("static initializers"): a card has no code for them, only the values that they leave.
#pragma once

#include "jcvm/tools/converter/program.hpp"

namespace uicclab::jcvm::converter {

/// Runs the initialiser of a class, if it has one, and gives its static fields their values. What is no constant goes to the report.
void evaluate_static_initialiser(const Program& program, ClassModel& model, Report& report);

/// Places the static fields of all classes in the image: arrays with values, other references, numbers that are 0, other numbers (clause
/// 6.11). Errors go to the report.
struct StaticImage {
  std::vector<const FieldModel*> arrays;
  std::vector<const FieldModel*> references;
  std::vector<const FieldModel*> zeroes;
  std::vector<const FieldModel*> numbers;
};
StaticImage place_static_fields(Program& program, Report& report);

}  // namespace uicclab::jcvm::converter
