// SPDX-License-Identifier: Apache-2.0
// WAP push: what is read is written and read again as the same.
#include "ota/wap_push.hpp"

#include "tests/support/fuzz.hpp"

using namespace uicclab;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto push = ota::parse_wap_push({data, size});
  if (!push) return 0;
  test::require(ota::parse_wap_push(ota::encode_wap_push(*push)) == *push, "what was written is read");
  return 0;
}
