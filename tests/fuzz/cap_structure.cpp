// SPDX-License-Identifier: Apache-2.0
// The structural verifier on any CAP file: it ends, what it found lies inside the components, and what is sound with the Descriptor is
// sound without it, as a card gets it. Every file can be disassembled, and does not differ from itself.
#include <sstream>

#include "jcvm/tools/difference.hpp"
#include "jcvm/tools/disassembler.hpp"
#include "jcvm/verifier/structure.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using jcvm::cap::CapFile;
using jcvm::verifier::Structure;
using test::require;

namespace {

void check(const CapFile& file, const Structure& structure) {
  require(structure.errors.size() <= jcvm::verifier::kMostErrors, "the list of errors is bounded");
  std::uint32_t behind = 0;
  for (const auto& method : structure.methods) {
    require(method.offset >= behind || !structure.sound(), "methods come in order and do not overlap");
    behind = method.end;
    require(method.end <= file.methods.size(), "a method ends in the component");
    std::uint32_t last = method.header.code;
    for (const auto& instruction : method.instructions) {
      require(instruction.offset >= last && instruction.next() <= method.end, "instructions come in order");
      last = instruction.next();
    }
    require(structure.method_at(method.offset) == &method, "a method is found at its offset");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto file = CapFile::parse({data, size});
  if (!file) return 0;
  const auto imports = jcvm::verifier::known_imports(*file);
  const Structure structure = jcvm::verifier::check_structure(*file, imports);
  check(*file, structure);
  std::ostringstream out;
  jcvm::tools::write_dump(out, *file, structure);
  require(!jcvm::tools::write_difference(out, {*file, structure}, {*file, structure}), "a file does not differ from itself");
  file->descriptor.reset();
  file->debug.reset();
  const Structure loaded = jcvm::verifier::check_structure(*file, imports);
  check(*file, loaded);
  require(!structure.sound() || loaded.sound(), "what is sound with its Descriptor is sound without it");
  return 0;
}
