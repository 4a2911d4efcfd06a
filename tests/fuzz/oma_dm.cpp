// SPDX-License-Identifier: Apache-2.0
// Content types of bootstrap documents, in WSP's coding and as text: what is read is written and read the same.
#include "dm/bootstrap_security.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using namespace uicclab::dm;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes(data, size);
  if (const auto type = parse_wsp(bytes)) {
    const auto again = parse_wsp(to_wsp(*type));
    test::require(again && again->sec == type->sec && again->mac == type->mac, "WSP comes back");
  }
  if (const auto type = parse_content_type({reinterpret_cast<const char*>(data), size})) {
    const auto again = parse_content_type(to_text(*type));
    test::require(again == *type, "text comes back");
  }
  return 0;
}
