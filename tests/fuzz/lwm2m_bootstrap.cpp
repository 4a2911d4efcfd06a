// SPDX-License-Identifier: Apache-2.0
// EF_LWM2M_Bootstrap: what is read is written back, and what was written reads the same; in between the values of the object tables.
#include "lwm2m/bootstrap_file.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = parse_bootstrap_file({data, size});
  if (!file) return 0;
  const auto bytes = encode_bootstrap_file(*file);
  test::require(bytes.has_value(), "what was read can be written");
  test::require(bytes->size() <= size, "the shortest form is not longer");
  const auto again = parse_bootstrap_file(*bytes);
  test::require(again == *file, "what was written reads the same");
  for (const BootstrapObject& object : file->objects) {
    for (const ObjectInstance& instance : object.instances) {
      for (const Resource& resource : instance.resources) {
        const ResourceModel* model = find_resource(object.id, {1, kNewestMinor}, resource.id);
        if (model == nullptr) continue;
        for (const ResourceInstance& one : resource.instances) (void)check_value(*model, one.value);
      }
    }
  }
  return 0;
}
