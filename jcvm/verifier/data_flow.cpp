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

}  // namespace uicclab::jcvm::verifier
