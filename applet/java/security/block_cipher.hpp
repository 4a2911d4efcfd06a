// SPDX-License-Identifier: Apache-2.0
// DES, triple DES and AES of a key object, a block at a time, and the padding of ISO/IEC 9797-1 and RFC 8018.
#pragma once

#include <variant>

#include "applet/java/security/security.hpp"
#include "core/crypto/aes.hpp"
#include "core/crypto/des.hpp"

namespace uicclab::applet::java {

/// PAD_ constants of Cipher.
enum class Padding : std::int8_t {
  kNull = 0,
  kNone = 1,
  kM1 = 2,
  kM2 = 3,
  kM1Alg3 = 4,
  kM2Alg3 = 5,
  kPkcs5 = 6,
  kPkcs1 = 7,
  kPss = 8,
  kOaep = 9
};

class BlockCipher {
 public:
  /// Nothing: a key of another kind.
  static std::optional<BlockCipher> of(const KeyObject& key);
  /// Single DES with one of the three parts of a key.
  static BlockCipher single_des(BytesView part);

  std::size_t block_size() const { return m_cipher.index() == 0 ? crypto::kDesBlockSize : crypto::kAesBlockSize; }
  /// Whole blocks, each on its own.
  Bytes encrypt(BytesView blocks);
  Bytes decrypt(BytesView blocks);
  /// CBC; `chain` is the IV, of one block, and becomes that of what follows.
  Bytes encrypt_cbc(Bytes& chain, BytesView blocks);
  Bytes decrypt_cbc(Bytes& chain, BytesView blocks);

 private:
  explicit BlockCipher(crypto::Des cipher) : m_cipher(std::move(cipher)) {}
  explicit BlockCipher(crypto::AesBlock cipher) : m_cipher(std::move(cipher)) {}
  std::variant<crypto::Des, crypto::AesBlock> m_cipher;
};

/// The end of a message, less than a block of it at a time, with its padding; nothing: kNone, and it is no whole block.
std::optional<Bytes> padded(BytesView message, std::size_t block, Padding padding);
/// How long the message is without padding; nothing: it is wrong. M1 leaves the zeros.
std::optional<std::size_t> unpadded(BytesView message, std::size_t block, Padding padding);

}  // namespace uicclab::applet::java
