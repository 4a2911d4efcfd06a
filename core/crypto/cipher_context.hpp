// SPDX-License-Identifier: Apache-2.0
// The one place that calls EVP block ciphers: a keyed context without padding, kept for as many calls as its owner lives.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "core/bytes.hpp"
#include "core/crypto/secret.hpp"

struct evp_cipher_ctx_st;
struct evp_cipher_st;

namespace uicclab::crypto {

/// The block ciphers and modes of this folder, by their OpenSSL names.
enum class CipherName { kAesEcb, kAesCbc, kAesCtr, kTdesEcb, kTdesCbc };

/// Which way a context works; its key schedule is made for one of them.
enum class Direction : int { kDecrypt = 0, kEncrypt = 1 };

/// An EVP_CIPHER_CTX with its key set. A default-made one holds nothing until set_key().
class CipherContext {
 public:
  /// Makes the key schedule; the algorithm is fetched once for the whole program. The key has a length that the cipher takes.
  /// Modes with an IV start with zeros. Throws CryptoError.
  void set_key(CipherName name, const SecretBytes& key, Direction direction);
  bool has_key() const { return m_context != nullptr; }

  /// Starts a new message with this IV, of one block; the key stays.
  void set_iv(BytesView iv);
  /// Processes `in`, whole blocks except in counter mode, into `out`, which is as long and may be the same memory.
  void update(BytesView in, std::span<std::uint8_t> out);

 private:
  struct Free {
    void operator()(evp_cipher_ctx_st* context) const;
  };
  std::unique_ptr<evp_cipher_ctx_st, Free> m_context;
};

}  // namespace uicclab::crypto
