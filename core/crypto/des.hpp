// SPDX-License-Identifier: Apache-2.0
// DES and triple DES: NIST SP 800-67, SP 800-38A (ECB, CBC); MACs: ISO/IEC 9797-1. For SCP02, and for SCP80 of older cards.
// Single DES runs as triple DES with three equal keys, which is the same function and needs no legacy provider.
#pragma once

#include <array>
#include <initializer_list>

#include "core/crypto/cipher_context.hpp"
#include "core/crypto/secret.hpp"

namespace uicclab::crypto {

inline constexpr std::size_t kDesBlockSize = 8;

/// One DES block.
using Bytes8 = std::array<std::uint8_t, 8>;
using View8 = std::span<const std::uint8_t, 8>;

/// A key of 8 bytes (DES), 16 (triple DES with K3 = K1) or 24 (three keys). Parity bits count for nothing.
class DesKey {
 public:
  /// Errors: kRange for another length.
  static Result<DesKey> from(SecretBytes key);
  DesKey clone() const { return DesKey(m_key.clone()); }

  /// As given, 8, 16 or 24 bytes.
  std::size_t size() const { return m_key.size(); }
  const SecretBytes& secret() const { return m_key; }
  /// As 24 bytes, which is how the cipher takes it.
  SecretBytes expanded() const;

 private:
  explicit DesKey(SecretBytes key) : m_key(std::move(key)) {}
  SecretBytes m_key;
};

/// Padding before a MAC (ISO/IEC 9797-1 clause 6.3): none is for data that already are whole blocks.
enum class MacPadding {
  kNone,
  kZeros,  ///< method 1: zeros up to a whole block, none if it is one already
  k80      ///< method 2: 80, then zeros; always at least one byte
};

/// DES or triple DES with one key, ECB and CBC, without padding.
class Des {
 public:
  explicit Des(const DesKey& key) : m_key(key.clone()) {}

  /// Throws CryptoError if `plain` is not whole blocks.
  Bytes ecb_encrypt(BytesView plain);
  Bytes cbc_encrypt(View8 iv, BytesView plain);
  /// The same without a copy: `out` is as long and may be the same memory.
  void ecb_encrypt(BytesView plain, std::span<std::uint8_t> out);
  void cbc_encrypt(View8 iv, BytesView plain, std::span<std::uint8_t> out);
  /// Errors: kMalformed if `cipher` is not whole blocks.
  Result<Bytes> ecb_decrypt(BytesView cipher);
  Result<Bytes> cbc_decrypt(View8 iv, BytesView cipher);
  Result<void> ecb_decrypt(BytesView cipher, std::span<std::uint8_t> out);
  Result<void> cbc_decrypt(View8 iv, BytesView cipher, std::span<std::uint8_t> out);

  /// MAC algorithm 1 (CBC-MAC, the last block untruncated) over the concatenation of the parts.
  /// Throws CryptoError for kNone if they are not whole blocks.
  Bytes8 mac(View8 iv, std::initializer_list<BytesView> parts, MacPadding padding);

 private:
  DesKey m_key;
  CipherContext m_ecb_encrypt;
  CipherContext m_ecb_decrypt;
  CipherContext m_cbc_encrypt;
  CipherContext m_cbc_decrypt;
};

/// MAC algorithm 3 (retail MAC): single DES CBC-MAC with the first half of the key, the last block decrypted with the second half
/// and encrypted with the first. GlobalPlatform Card Specification appendix E (SCP02), ISO/IEC 9797-1 clause 7.4.
class RetailMac {
 public:
  /// Errors: kRange if the key does not have 16 bytes.
  static Result<RetailMac> from(const SecretBytes& key);
  Bytes8 compute(View8 iv, std::initializer_list<BytesView> parts, MacPadding padding);

 private:
  RetailMac(const DesKey& first, const DesKey& second) : m_first(first), m_second(second) {}
  Des m_first;
  Des m_second;
};

}  // namespace uicclab::crypto
