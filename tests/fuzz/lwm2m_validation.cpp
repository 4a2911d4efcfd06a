// SPDX-License-Identifier: Apache-2.0
// Checks and views of any bootstrap file, and server URIs: text of a value leads back to a value of the same text.
#include "lwm2m/server_uri.hpp"
#include "lwm2m/validation.hpp"
#include "lwm2m/view.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes(data, size);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto uri = parse_server_uri(text)) {
    test::require(!uri->host.empty(), "a URI has a host");
    (void)name_covers(text, uri->host);
  }
  (void)name_covers(text, "a.example.com");

  const auto file = parse_bootstrap_file(bytes);
  if (!file) return 0;
  (void)validate(*file, {{1, 2}, "endpoint"});
  test::require(!to_json(*file).empty(), "JSON");
  (void)to_toml(*file, Secrets::kShown);
  for (const BootstrapObject& object : file->objects) {
    for (const ObjectInstance& instance : object.instances) {
      for (const Resource& resource : instance.resources) {
        const ResourceModel* model = find_resource(object.id, {1, kNewestMinor}, resource.id);
        if (model == nullptr || resource.instances.empty()) continue;
        const Value& value = resource.instances[0].value;
        const auto shown = value_text(*model, value);
        if (!shown || !check_value(*model, value)) continue;
        const auto back = parse_value(*model, *shown);
        test::require(back && value_text(*model, *back) == *shown, "text of a value leads back");
      }
    }
  }
  return 0;
}
