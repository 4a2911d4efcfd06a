// SPDX-License-Identifier: Apache-2.0
// Key pairs of a device and of a sender: RSAES-OAEP with SHA-256 (PKCS #1 v2.2 clause 7.1), ECDSA with SHA-256 on P-256 (FIPS 186-4), and
// CMS AuthEnvelopedData (RFC 5083, RFC 5084) for certificates. On OpenSSL EVP.
#pragma once

#include <memory>

#include "core/crypto/wiped_bytes.hpp"

struct evp_pkey_st;

namespace uicclab::crypto {

enum class KeyKind {
  kRsa,
  kP256,
  kOtherEc,  ///< another curve
  kOther
};

class PrivateKey;

/// A public key.
class PrivateKey;
class WipedForward;
class PublicKey {
 public:
  /// A SubjectPublicKeyInfo that fills `der`. Errors: kMalformed.
  static Result<PublicKey> from_der(BytesView der);
  /// The same of a certificate. Errors: kMalformed.
  static Result<PublicKey> from_certificate(BytesView der);

  KeyKind kind() const;
  int bits() const;
  /// SubjectPublicKeyInfo.
  Bytes der() const;
  /// P-256: the compressed point, 33 bytes. Throws CryptoError for another kind.
  Bytes point() const;

  bool operator==(const PublicKey& other) const { return der() == other.der(); }

  /// Errors: kUnsupported for another kind than RSA, kRange if the secret is too long for the key.
  Result<Bytes> oaep_encrypt(const SecretBytes& secret, std::string_view label) const;
  /// False also for another kind than P-256.
  bool verifies(BytesView message, BytesView signature) const;

 private:
  friend class PrivateKey;
  explicit PublicKey(std::shared_ptr<evp_pkey_st> key) : m_key(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> m_key;  ///< shared: it never changes, and OpenSSL counts it itself
};

/// A private key with its public one.
class PrivateKey {
 public:
  /// PKCS #8, or the older forms. Errors: kMalformed.
  static Result<PrivateKey> from_der(BytesView der);
  /// RSA with 2048 bits, or P-256. Throws CryptoError for the others.
  static PrivateKey generate(KeyKind kind);

  const PublicKey& public_key() const { return m_public; }
  KeyKind kind() const { return m_public.kind(); }
  /// PKCS #8.
  WipedBytes der() const;
  /// P-256: 32 bytes. Throws CryptoError for another kind.
  SecretBytes scalar() const;

  /// A secret of `size` bytes. Errors: kMismatch for every error.
  Result<SecretBytes> oaep_decrypt(BytesView cipher, std::string_view label, std::size_t size) const;
  /// Errors: kUnsupported for another kind than P-256.
  Result<Bytes> sign(BytesView message) const;

 private:
  friend Result<WipedBytes> cms_decrypt(BytesView cms, const PrivateKey& key);
  explicit PrivateKey(PublicKey key) : m_public(std::move(key)) {}
  evp_pkey_st* handle() const { return m_public.m_key.get(); }
  PublicKey m_public;  ///< OpenSSL's object holds both halves
};

/// The DER of what a file holds: of its first PEM block, or of all of it if it is no PEM. Errors: kMalformed for PEM that cannot be read.
Result<WipedBytes> der_of_file(BytesView content);

/// CMS AuthEnvelopedData, AES-128-GCM, for the key of that certificate: RSA (by OAEP with SHA-256) or EC (by ECDH). DER.
/// Errors: kMalformed for an invalid certificate, kUnsupported for a key that cannot be used here.
Result<Bytes> cms_encrypt(BytesView plain, BytesView certificate);
/// Errors: kMismatch for every error.
Result<WipedBytes> cms_decrypt(BytesView cms, const PrivateKey& key);

}  // namespace uicclab::crypto
