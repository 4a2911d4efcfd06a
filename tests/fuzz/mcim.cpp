// SPDX-License-Identifier: Apache-2.0
// MCIM objects: the outline, the data inside, subscriptions, and opening with a key.
#include "mcim/object.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const crypto::PrivateKey key = crypto::PrivateKey::generate(crypto::KeyKind::kP256);
  const BytesView bytes(data, size);
  if (const auto inside = mcim::parse_data(bytes)) test::require(equal(mcim::encode_data(*inside), bytes), "data comes back");
  if (const auto subscription = mcim::parse_subscription(bytes)) {
    const auto again = mcim::encode_subscription(*subscription);
    test::require(mcim::parse_subscription(again).has_value(), "a subscription comes back");
  }
  SeededRandom random(1);
  if (mcim::inspect(bytes)) test::require(!mcim::open(bytes, key, random), "nobody makes an object for a key that nobody knows");
  return 0;
}
