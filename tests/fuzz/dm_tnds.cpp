// SPDX-License-Identifier: Apache-2.0
// TNDS documents from outside into a tree, and M2MMobj and M2MSIMMobj out of it.
#include "dm/m2m_objects.hpp"
#include "dm/wbxml.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto xml = dm::xml_of({data, size});
  const auto nodes = dm::read_tnds(xml ? *xml : std::string_view(reinterpret_cast<const char*>(data), size));
  dm::ManagementTree tree;
  if (!nodes || !tree.apply({"", *nodes})) return 0;
  test::require(!tree.nodes().empty(), "a document makes nodes");
  (void)dm::read_m2mmobj(tree);
  (void)dm::read_m2msimmobj(tree);
  const std::string root = tree.nodes().begin()->first;
  const auto written = dm::tnds_of(tree, root);
  if (!written) return 0;  // not valid: what was in WBXML may be no text
  const auto again = dm::read_tnds(*written);
  dm::ManagementTree same;
  test::require(again && same.apply({"", *again}), "what is written is read");
  for (const auto& [uri, node] : same.nodes()) test::require(tree.nodes().contains(uri), "and has the same nodes");
  return 0;
}
