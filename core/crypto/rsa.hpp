// SPDX-License-Identifier: Apache-2.0
// RSA: the bare functions of RFC 8017 clause 5, padding of clauses 7 and 9, and key generation. Numbers are big-endian; keys come as their
// parts, as a Java Card applet has them.
#pragma once

#include <optional>

#include "core/bytes.hpp"
#include "core/crypto/digest.hpp"
#include "core/environment.hpp"
#include "core/result.hpp"

namespace uicclab::crypto::rsa {

/// RSAEP, RSAVP1, RSADP, RSASP1 with modulus and exponent: as many bytes as the modulus has. In constant time for the exponent.
/// Errors: kRange (`message` is not below the modulus, the modulus is even or small).
Result<Bytes> power(BytesView modulus, BytesView exponent, BytesView message);

/// With the parts of the Chinese remainder theorem; `size` bytes. Errors: kRange.
struct CrtView {
  BytesView p, q, dp, dq, pq;  ///< pq: the inverse of q modulo p
};
Result<Bytes> crt_power(const CrtView& key, BytesView message, std::size_t size);

struct Pair {
  Bytes modulus, public_exponent, private_exponent;
  Bytes p, q, dp, dq, pq;  ///< each half as long as the modulus
  ~Pair();
};
/// The primes come from OpenSSL's own generator. Errors: kRange (the exponent is even, or too large).
Result<Pair> generate(unsigned bits, BytesView public_exponent);

// Encoded messages of `size` bytes. Nothing: too long for it; or, decoding, not so encoded.

std::optional<Bytes> pad_type_1(BytesView message, std::size_t size);
std::optional<Bytes> pad_type_2(BytesView message, std::size_t size, Random& random);
std::optional<Bytes> unpad_type_1(BytesView encoded);
std::optional<Bytes> unpad_type_2(BytesView encoded);
/// OAEP with an empty label; MGF1 with the same hash.
std::optional<Bytes> pad_oaep(BytesView message, std::size_t size, DigestName name, Random& random);
std::optional<Bytes> unpad_oaep(BytesView encoded, DigestName name);
/// EMSA-PKCS1-v1_5 of a hash.
std::optional<Bytes> encode_pkcs1(DigestName name, BytesView hash, std::size_t size);
/// EMSA-PSS with a salt as long as the hash; `bits` of the modulus.
std::optional<Bytes> encode_pss(DigestName name, BytesView hash, std::size_t bits, Random& random);
bool verify_pss(DigestName name, BytesView hash, BytesView encoded, std::size_t bits);

}  // namespace uicclab::crypto::rsa
