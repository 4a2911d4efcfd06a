// SPDX-License-Identifier: Apache-2.0
// Raw public keys as the Security object holds them: 32 bytes each (UDP channel CR appendix D.1.1.2, D.1.1.3: x coordinate and scalar of
// P-256), or SubjectPublicKeyInfo and PKCS #8 (LwM2M 1.0 appendix E.1.1; RFC 7250, RFC 5958).
#pragma once

#include "core/crypto/public_key.hpp"

namespace uicclab::lwm2m {

inline constexpr std::size_t kRawKeySize = 32;

/// A public key in either form. Of 32 bytes the point is one of the two with that x coordinate; same_raw_key() knows it. Errors:
/// kMalformed.
Result<crypto::PublicKey> read_raw_public_key(BytesView stored);
/// A private key in either form. Errors: kMalformed.
Result<crypto::PrivateKey> read_raw_private_key(BytesView stored);

/// `shown` is the key that is stored: the whole of it, or its x coordinate where no more is stored.
bool same_raw_key(BytesView stored, const crypto::PublicKey& shown);

/// The short forms. Errors: kUnsupported for another kind than P-256.
Result<Bytes> raw_public_key(const crypto::PublicKey& key);
Result<crypto::SecretBytes> raw_private_key(const crypto::PrivateKey& key);

}  // namespace uicclab::lwm2m
