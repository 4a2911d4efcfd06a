// SPDX-License-Identifier: Apache-2.0
// Export files (.exp) of formats 2.1, 2.2 and 2.3, which other converters and verifiers take: JCVM 3.1 chapter 5. The same package as
// values is what a text table holds.
#pragma once

#include <functional>

#include "jcvm/packages/package.hpp"

namespace uicclab::jcvm::packages {

bool is_export_file(BytesView bytes);
/// Errors: kMalformed, kTruncated, kRange, kUnsupported (another format); the text says what, the offset where.
Result<Package> read_export_file(BytesView bytes);
/// In format 2.1. What is inherited of other packages is found by `class_named`; classes that it does not know end the list of
/// superclasses.
Bytes write_export_file(const Package& package, const std::function<const Class*(std::string_view)>& class_named);

}  // namespace uicclab::jcvm::packages
