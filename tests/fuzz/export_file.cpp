// SPDX-License-Identifier: Apache-2.0
// Export files: any bytes are a package or a refusal, and a package that is written is read again with the same classes.
#include "jcvm/packages/export_file.hpp"

#include "tests/support/fuzz.hpp"

using namespace uicclab;
namespace packages = jcvm::packages;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto package = packages::read_export_file({data, size});
  if (!package) return 0;
  const auto nobody = [](std::string_view) -> const packages::Class* { return nullptr; };
  const auto again = packages::read_export_file(packages::write_export_file(*package, nobody));
  test::require(again.has_value(), "what is written is read");
  test::require(again->name == package->name && again->classes.size() == package->classes.size(), "it is the same package");
  for (std::size_t i = 0; i < package->classes.size(); ++i) {
    test::require(again->classes[i].members.size() == package->classes[i].members.size(), "with the same members");
  }
  return 0;
}
