// SPDX-License-Identifier: Apache-2.0
// GBA Push Info: what is read is written back but for its check value.
#include "gba/push_info.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using namespace uicclab::gba;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const crypto::SecretBytes key(Bytes(32, 7));
  const auto push = parse_push({data, size});
  if (!push) return 0;
  const Bytes written = encode_push(push->info, key);
  test::require(equal(push->covered, BytesView(written).first(push->covered.size())), "the same fields give the same bytes");
  const auto again = parse_push(written);
  test::require(again && again->info == push->info && is_authentic(*again, key), "what was written is read");
  return 0;
}
