// SPDX-License-Identifier: Apache-2.0
#include "jcvm/verifier/data_flow.hpp"

#include <deque>

#include "jcvm/verifier/method_flow.hpp"

namespace uicclab::jcvm::verifier {

DataFlow check_data_flow(const cap::CapFile& file, const Imports& imports, const Structure& structure, const MethodName& name) {
  DataFlow out;
  const auto wrong = [&](ErrorCode code, std::string text, std::size_t offset) {
    if (out.errors.size() < kMostErrors) out.errors.push_back({code, std::move(text), offset});
  };
  const Types types(file, imports);
  const Members::Wrong of_descriptor = [&](ErrorCode code, std::string text) { wrong(code, std::move(text), 0); };
  const Members members(file, types, of_descriptor);
  if (!out.correct()) return out;
  for (const MethodBody& method : structure.methods) {
    if (method.header.is_abstract()) continue;
    const MethodFacts* facts = members.method(method.offset);
    if (facts == nullptr) {
      wrong(ErrorCode::kMalformed, name(method.offset) + ": the Descriptor component does not describe it", method.offset);
      continue;
    }
    const MethodFlow::Outcome outcome = MethodFlow(file, types, members, method, *facts).run();
    if (outcome.error) {
      wrong(outcome.error->code, name(method.offset) + ", byte " + std::to_string(outcome.error->offset) + ", " + outcome.error->text,
            outcome.error->offset);
    } else {
      ++(outcome.unknown ? out.unknown : out.methods);
    }
  }
  return out;
}

std::vector<Error> check_file(const cap::CapFile& file, const MethodName& name) {
  const Imports imports = known_imports(file);
  const Structure structure = check_structure(file, imports);
  if (!structure.sound() || !file.descriptor) return structure.errors;
  return check_data_flow(file, imports, structure, name).errors;
}

std::vector<Error> check_file(const cap::CapFile& file) {
  return check_file(file, [](std::uint32_t offset) { return "the method at " + std::to_string(offset); });
}

}  // namespace uicclab::jcvm::verifier
