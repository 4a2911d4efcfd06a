// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/gba.hpp"

#include "core/crypto/hash.hpp"

namespace uicclab::crypto {
namespace {

constexpr std::uint8_t kNafKeyFc = 0x01;  // TS 33.220 annex B.3

}  // namespace

std::array<std::uint8_t, 8> gba_mac_mask(const SecretBytes& ik) {
  const Sha1Digest digest = sha1({ik.expose(ExposeSecret{"the MAC modification of GBA_U hashes IK"})});
  std::array<std::uint8_t, 8> mask;
  std::copy_n(digest.begin(), mask.size(), mask.begin());
  return mask;
}

SecretBytes gba_ks(const SecretBytes& ck, const SecretBytes& ik) {
  constexpr ExposeSecret kJoin{"Ks is CK and IK in a row"};
  return SecretBytes::make(ck.size() + ik.size(), [&](std::span<std::uint8_t> out) {
    std::ranges::copy(ck.expose(kJoin), out.begin());
    std::ranges::copy(ik.expose(kJoin), out.begin() + static_cast<std::ptrdiff_t>(ck.size()));
  });
}

SecretBytes naf_key(const SecretBytes& ks, NafKey which, const Rand& rand, BytesView impi, BytesView naf_id) {
  return kdf_3gpp(ks, kNafKeyFc, {as_bytes(which == NafKey::kExternal ? "gba-me" : "gba-u"), rand, impi, naf_id});
}

}  // namespace uicclab::crypto
