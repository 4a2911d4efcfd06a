// SPDX-License-Identifier: Apache-2.0
// Bootstrap documents: WBXML from outside through libwbxml2 and expat into a tree; the tree's own file.
#include "dm/management_tree.hpp"
#include "dm/wbxml.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes(data, size);
  const auto kept = dm::ManagementTree::parse(std::string_view(reinterpret_cast<const char*>(data), size));
  if (kept) test::require(dm::ManagementTree::parse(kept->to_text())->nodes() == kept->nodes(), "a tree is read as it was written");
  const auto xml = dm::xml_of(bytes);
  const auto message = xml ? dm::read_bootstrap(*xml) : dm::read_bootstrap(std::string_view(reinterpret_cast<const char*>(data), size));
  dm::ManagementTree tree;
  if (message && tree.apply(*message)) test::require(!tree.nodes().empty(), "a bootstrap makes nodes");
  return 0;
}
