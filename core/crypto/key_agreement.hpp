// SPDX-License-Identifier: Apache-2.0
// Diffie-Hellman on the two curves of the SUCI: X25519, RFC 7748 clause 5; ECDH on secp256r1, SEC 1 clause 3.3.1, SEC 2 clause 2.4.2.
#pragma once

#include "core/bytes.hpp"
#include "core/crypto/secret.hpp"
#include "core/result.hpp"

namespace uicclab::crypto {

enum class Curve { kX25519, kP256 };

/// The public key of a private one of 32 bytes: 32 bytes, or the compressed point of 33. Errors: kRange if it is no private key.
Result<Bytes> public_key_of(Curve curve, const SecretBytes& private_key);

/// Z, 32 bytes (P-256: the x coordinate). The public key is 32 bytes, or a compressed or uncompressed point.
/// Errors: kRange if the private key is invalid; kMalformed if the public key is invalid, or leads to the zero secret.
Result<SecretBytes> shared_secret(Curve curve, const SecretBytes& private_key, BytesView public_key);

}  // namespace uicclab::crypto
