// SPDX-License-Identifier: Apache-2.0
// AES: FIPS 197; modes ECB, CBC, CTR: NIST SP 800-38A; CMAC: NIST SP 800-38B. On OpenSSL EVP, keyed contexts kept.
#pragma once

#include <array>
#include <initializer_list>
#include <memory>

#include "core/crypto/cipher_context.hpp"
#include "core/crypto/secret.hpp"

struct evp_mac_ctx_st;

namespace uicclab::crypto {

inline constexpr std::size_t kAesBlockSize = 16;

/// One AES block; also the size of a Milenage key, of RAND and of a CMAC.
using Bytes16 = std::array<std::uint8_t, 16>;
using View16 = std::span<const std::uint8_t, 16>;

/// A key of 16, 24 or 32 bytes. Everything below takes one of these, so no later call can fail for its length.
class AesKey {
 public:
  /// Errors: kRange for another length.
  static Result<AesKey> from(SecretBytes key);
  AesKey clone() const { return AesKey(m_key.clone()); }

  std::size_t size() const { return m_key.size(); }
  const SecretBytes& secret() const { return m_key; }

 private:
  explicit AesKey(SecretBytes key) : m_key(std::move(key)) {}
  SecretBytes m_key;
};

/// The bare block cipher (ECB), for Milenage, key check values and counters. Several blocks in one call cost little more than one.
class AesBlock {
 public:
  explicit AesBlock(const AesKey& key);

  Bytes16 encrypt(View16 block);
  Bytes16 decrypt(View16 block);
  /// Whole blocks, each on its own; `out` is as long and may be the same memory. Throws CryptoError for a part of a block.
  void encrypt(BytesView in, std::span<std::uint8_t> out);
  void decrypt(BytesView in, std::span<std::uint8_t> out);

 private:
  AesKey m_key;
  CipherContext m_encrypt;
  CipherContext m_decrypt;  ///< keyed at the first decryption
};

/// CBC without padding.
class AesCbc {
 public:
  explicit AesCbc(const AesKey& key) : m_key(key.clone()) {}

  /// `plain` is padded by the caller to whole blocks; throws CryptoError if it is not.
  Bytes encrypt(View16 iv, BytesView plain);
  /// The same without a copy: `out` is as long and may be the same memory.
  void encrypt(View16 iv, BytesView plain, std::span<std::uint8_t> out);

  /// Errors: kMalformed if `cipher` is not whole blocks.
  Result<Bytes> decrypt(View16 iv, BytesView cipher);
  Result<void> decrypt(View16 iv, BytesView cipher, std::span<std::uint8_t> out);

 private:
  AesKey m_key;
  CipherContext m_encrypt;
  CipherContext m_decrypt;
};

/// Counter mode with a 128-bit big-endian counter; any length, both directions are the same call.
class AesCtr {
 public:
  explicit AesCtr(const AesKey& key);
  Bytes apply(View16 counter, BytesView in);

 private:
  CipherContext m_context;
};

/// CMAC of 16 bytes (what a protocol truncates, it takes from the front).
class AesCmac {
 public:
  explicit AesCmac(const AesKey& key);

  /// Over the concatenation of the parts: `cmac.compute({chaining_value, header, data})`.
  Bytes16 compute(std::initializer_list<BytesView> parts);
  Bytes16 compute(BytesView message) { return compute({message}); }

 private:
  struct Free {
    void operator()(evp_mac_ctx_st* context) const;
  };
  std::unique_ptr<evp_mac_ctx_st, Free> m_context;
};

}  // namespace uicclab::crypto
