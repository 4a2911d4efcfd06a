// SPDX-License-Identifier: Apache-2.0
#include "jcvm/code/operation.hpp"

namespace uicclab::jcvm::code {
namespace {

constexpr auto kTable = std::to_array<Operation>({
#define OPERATION(code, name, mnemonic, operands, pops, pushes, flow, local, constants) \
  {Op::k##name, mnemonic, Operands::k##operands, pops, pushes, Flow::k##flow, local, constants},
#include "jcvm/code/operations.def"
#undef OPERATION
});

static_assert(kTable.size() == kOperationCount);
static_assert(
    [] {
      for (std::size_t i = 0; i < kTable.size(); ++i) {
        if (static_cast<std::size_t>(kTable[i].op) != i) return false;
      }
      return true;
    }(),
    "the table is in the order of the codes, without a gap");

}  // namespace

bool Operation::uses_int() const {
  const auto has_int = [](std::string_view letters) { return letters.find('i') != std::string_view::npos; };
  return has_int(pops) || has_int(pushes) || has_int(local);
}

const Operation* operation(std::uint8_t code) {
  return code < kTable.size() ? &kTable[code] : nullptr;
}

const Operation& operation(Op op) {
  return kTable[static_cast<std::size_t>(op)];
}

const Operation* operation_named(std::string_view mnemonic) {
  const auto found = std::ranges::find(kTable, mnemonic, &Operation::mnemonic);
  return found == kTable.end() ? nullptr : &*found;
}

std::string_view name_of(ArrayType type) {
  switch (type) {
    case kTypeBoolean:
      return "boolean[]";
    case kTypeByte:
      return "byte[]";
    case kTypeShort:
      return "short[]";
    case kTypeInt:
      return "int[]";
    case kTypeClass:
    case kTypeReferences:
      break;
  }
  return {};
}

}  // namespace uicclab::jcvm::code
