// SPDX-License-Identifier: Apache-2.0
// Key derivation of the Generic Bootstrapping Architecture: 3GPP TS 33.220 clause 5.3.2 and annex B.3; both ends use it.
#pragma once

#include "core/crypto/auth_algorithm.hpp"

namespace uicclab::crypto {

/// Trunc(SHA-1(IK)), 8 bytes: MAC* of AUTN* is MAC xor this (TS 33.220 clause 5.3.2). That the card takes AUTN* is also said by TS 33.223
/// clause 3.1; of the formula there are no published test data, so that only a real BSF can prove it.
std::array<std::uint8_t, 8> gba_mac_mask(const SecretBytes& ik);

/// Ks = CK || IK (TS 33.220 clause 4.5.2). Throws CryptoError if both have more than 32 bytes.
SecretBytes gba_ks(const SecretBytes& ck, const SecretBytes& ik);

/// The NAF keys of one Ks.
enum class NafKey {
  kExternal,  ///< Ks_NAF and Ks_ext_NAF, "gba-me"
  kInternal   ///< Ks_int_NAF, "gba-u": never leaves a card
};

/// 32 bytes; NAF_Id = FQDN || Ua security protocol identifier of 5 octets (annex B.3).
SecretBytes naf_key(const SecretBytes& ks, NafKey which, const Rand& rand, BytesView impi, BytesView naf_id);

}  // namespace uicclab::crypto
