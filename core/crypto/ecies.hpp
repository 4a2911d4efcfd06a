// SPDX-License-Identifier: Apache-2.0
// The ECIES protection schemes of the SUCI: 3GPP TS 33.501 annex C.3, profiles A (X25519) and B (secp256r1); SEC 1 and RFC 7748.
// protect() is the USIM's end, deprotect() the home network's. The scheme output is
// ephemeral public key (A: 32 bytes, B: 33 bytes compressed) || ciphertext (as long as the plaintext) || MAC tag (8 bytes).
#pragma once

#include "core/bytes.hpp"
#include "core/crypto/secret.hpp"
#include "core/environment.hpp"
#include "core/result.hpp"

namespace uicclab::crypto {

/// Protection scheme identifiers (TS 33.501 annex C.1).
enum class EciesProfile : std::uint8_t { kA = 1, kB = 2 };

/// Conceals `plain` (the MSIN, or the user name of an NAI) for the home network's public key: 32 bytes for profile A, 33 or 65 (compressed
/// or not) for B. The ephemeral private key is 32 bytes from `random`, taken again until they are a valid one.
/// Errors: kMalformed if the public key is invalid.
Result<Bytes> ecies_protect(EciesProfile profile, BytesView home_public_key, BytesView plain, Random& random);

/// Opens a scheme output with the home network's private key, of 32 bytes.
/// Errors: kTruncated, kMalformed if the ephemeral key is invalid, kRange if the private key is invalid, kMismatch if the MAC tag is wrong.
Result<Bytes> ecies_deprotect(EciesProfile profile, const SecretBytes& home_private_key, BytesView scheme_output);

/// The public key of a private one: 32 bytes, or 33 compressed. Errors: kRange if it is invalid.
Result<Bytes> ecies_public_key(EciesProfile profile, const SecretBytes& private_key);

}  // namespace uicclab::crypto
