// SPDX-License-Identifier: Apache-2.0
// Hashes and the key derivations based on them. SHA-1, SHA-2: FIPS 180-4; HMAC: FIPS 198-1; X9.63 KDF: SEC 1 clause 3.6.1;
// the generic key derivation of 3GPP: TS 33.220 annex B.2.
#pragma once

#include <array>
#include <initializer_list>

#include "core/bytes.hpp"
#include "core/crypto/secret.hpp"

namespace uicclab::crypto {

using Sha1Digest = std::array<std::uint8_t, 20>;
using Sha256Digest = std::array<std::uint8_t, 32>;
using Sha384Digest = std::array<std::uint8_t, 48>;
using Sha512Digest = std::array<std::uint8_t, 64>;

/// Over the concatenation of the parts, as all calls here.
Sha1Digest sha1(std::initializer_list<BytesView> parts);
Sha256Digest sha256(std::initializer_list<BytesView> parts);
Sha384Digest sha384(std::initializer_list<BytesView> parts);
Sha512Digest sha512(std::initializer_list<BytesView> parts);

/// Keys of 0 to 64 bytes.
Sha1Digest hmac_sha1(const SecretBytes& key, std::initializer_list<BytesView> parts);
Sha256Digest hmac_sha256(const SecretBytes& key, std::initializer_list<BytesView> parts);

/// ANSI X9.63 key derivation with SHA-256 from a shared secret Z: `size` bytes, at most 64. Throws CryptoError over that.
SecretBytes x963_kdf_sha256(const SecretBytes& z, BytesView shared_info, std::size_t size);

/// HMAC-SHA-256(key, FC || P0 || L0 || P1 || L1 ...) of 3GPP TS 33.220 clause B.2.0; the two-byte lengths are added here.
/// Throws CryptoError for a parameter of more than 65535 bytes.
SecretBytes kdf_3gpp(const SecretBytes& key, std::uint8_t fc, std::initializer_list<BytesView> parameters);

}  // namespace uicclab::crypto
