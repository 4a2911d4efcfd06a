// SPDX-License-Identifier: Apache-2.0
// The card's byte code for one method of Java, with the value sizes chosen by narrowing.hpp.
#pragma once

#include "jcvm/tools/converter/card_code.hpp"
#include "jcvm/tools/converter/narrowing.hpp"

namespace uicclab::jcvm::converter {

struct GeneratorOptions {
  bool allow_int = false;
  bool few_fields = true;  ///< every instance field has an index of one byte: the forms for fields of this can be used
};

/// What cannot be converted goes to the report; nullopt then.
std::optional<CardCode> generate(const ClassModel& model, const MethodModel& method, References& references,
                                 const GeneratorOptions& options, Report& report);

/// Cells that a type takes on the card: two for an int.
unsigned cells_of(std::string_view type);

}  // namespace uicclab::jcvm::converter
