// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/gsm_conversion.hpp"

namespace uicclab::crypto {

Sres sres_of(BytesView res, SresMethod method) {
  const std::size_t used = method == SresMethod::kC2 ? res.size() : std::min(res.size(), std::size_t{4});
  // DEVIATION: c2 is defined for RES of up to 16 bytes; the second 16 of a TUAK RES of 32 are folded in like the first.
  Sres sres{};
  for (std::size_t i = 0; i < used; ++i) sres[i % 4] ^= res[i];
  return sres;
}

SecretBytes kc_of(const SecretBytes& ck, const SecretBytes& ik) {
  // DEVIATION: c3 is defined for keys of 16 bytes; those of 32 that TUAK can make are folded in the same way.
  return SecretBytes::make(8, [&](std::span<std::uint8_t> kc) {
    for (const SecretBytes* key : {&ck, &ik}) {
      const BytesView bytes = key->expose(ExposeSecret{"c3 folds it into another secret"});
      for (std::size_t i = 0; i < bytes.size(); ++i) kc[i % 8] ^= bytes[i];
    }
  });
}

GsmAnswer convert(const F2345& keys, SresMethod method) {
  return {sres_of(keys.res, method), kc_of(keys.ck, keys.ik)};
}

}  // namespace uicclab::crypto
