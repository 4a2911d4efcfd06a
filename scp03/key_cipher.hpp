// SPDX-License-Identifier: Apache-2.0
// How a secure channel protocol ciphers the keys in PUT KEY: SCP03 with its static DEK, SCP02 with a session key.
#pragma once

#include "core/crypto/aes.hpp"

namespace uicclab::scp03 {

/// Ciphers keys and other data that stay secret inside a session as well.
class KeyCipher {
 public:
  virtual ~KeyCipher() = default;
  virtual std::size_t block_size() const = 0;
  virtual Bytes encrypt(BytesView plain) = 0;
  /// Errors: kMalformed if it is not whole blocks.
  virtual Result<Bytes> decrypt(BytesView cipher) = 0;
};

/// AES-CBC with an IV of zeros under the static data encryption key (Amd D clause 6.2.8).
class DekCipher final : public KeyCipher {
 public:
  explicit DekCipher(const crypto::AesKey& dek) : m_cbc(dek) {}
  std::size_t block_size() const override { return crypto::kAesBlockSize; }
  Bytes encrypt(BytesView plain) override;
  Result<Bytes> decrypt(BytesView cipher) override;

 private:
  crypto::AesCbc m_cbc;
};

}  // namespace uicclab::scp03
