// SPDX-License-Identifier: Apache-2.0
// Messages decoded for people: whatever the input, the fields are inside the message and something is said.
#include "ota/explain/explain.hpp"

using namespace uicclab;
using namespace uicclab::ota;

namespace {

void require(bool holds) {
  if (!holds) __builtin_trap();
}

PacketKeys keys(std::uint8_t kic, std::uint8_t kid) {
  const auto key = [](std::uint8_t indicator) -> OtaKey {
    const Bytes bytes(16, 0x11);
    if ((indicator & 0x0F) == 0x02) return crypto::AesKey::from(crypto::SecretBytes(bytes)).value();
    return crypto::DesKey::from(crypto::SecretBytes(bytes)).value();
  };
  return PacketKeys(kic, kid, {key(kic), key(kid)}, {true, true});
}

}  // namespace

/// First byte: what the rest is; the same message comes twice, so that the second is read with what the first said.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto kind = static_cast<MessageKind>(data[0] % 10);
  const BytesView bytes(data + 1, size - 1);
  Explainer explainer(keys);
  for (int i = 0; i < 2; ++i) {
    const Explanation explanation = explainer.explain(bytes, kind);
    require(!explanation.what.empty());
    require(!explanation.fields.empty() || explanation.wrong);
    require(!to_text(explanation, true).empty() && !to_json(explanation).empty());
  }
  return 0;
}
