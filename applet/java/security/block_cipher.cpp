// SPDX-License-Identifier: Apache-2.0
#include "applet/java/security/block_cipher.hpp"

namespace uicclab::applet::java {

std::optional<BlockCipher> BlockCipher::of(const KeyObject& key) {
  if (key.kind() == KeyKind::kDes) {
    const auto des = crypto::DesKey::from(crypto::SecretBytes(key.part(kSecretPart)));
    return des ? std::optional(BlockCipher(crypto::Des(*des))) : std::nullopt;
  }
  if (key.kind() != KeyKind::kAes) return std::nullopt;
  const auto aes = crypto::AesKey::from(crypto::SecretBytes(key.part(kSecretPart)));
  return aes ? std::optional(BlockCipher(crypto::AesBlock(*aes))) : std::nullopt;
}

BlockCipher BlockCipher::single_des(BytesView part) {
  return BlockCipher(crypto::Des(*crypto::DesKey::from(crypto::SecretBytes(part))));
}

Bytes BlockCipher::encrypt(BytesView blocks) {
  Bytes out(blocks.size());
  std::visit(
      [&](auto& cipher) {
        if constexpr (std::is_same_v<std::decay_t<decltype(cipher)>, crypto::Des>) {
          cipher.ecb_encrypt(blocks, out);
        } else {
          cipher.encrypt(blocks, out);
        }
      },
      m_cipher);
  return out;
}

Bytes BlockCipher::decrypt(BytesView blocks) {
  Bytes out(blocks.size());
  std::visit(
      [&](auto& cipher) {
        if constexpr (std::is_same_v<std::decay_t<decltype(cipher)>, crypto::Des>) {
          if (!cipher.ecb_decrypt(blocks, out)) throw SystemError("a part of a block was deciphered");
        } else {
          cipher.decrypt(blocks, out);
        }
      },
      m_cipher);
  return out;
}

Bytes BlockCipher::encrypt_cbc(Bytes& chain, BytesView blocks) {
  Bytes out;
  for (; !blocks.empty(); blocks = blocks.subspan(chain.size())) {
    for (std::size_t i = 0; i < chain.size(); ++i) chain[i] ^= blocks[i];
    chain = encrypt(chain);
    append(out, chain);
  }
  return out;
}

Bytes BlockCipher::decrypt_cbc(Bytes& chain, BytesView blocks) {
  Bytes out = decrypt(blocks);
  for (std::size_t at = 0; at < out.size(); at += chain.size()) {
    for (std::size_t i = 0; i < chain.size(); ++i) out[at + i] ^= chain[i];
    chain = to_bytes(blocks.subspan(at, chain.size()));
  }
  return out;
}

std::optional<Bytes> padded(BytesView message, std::size_t block, Padding padding) {
  Bytes out = to_bytes(message);
  const std::size_t missing = (block - message.size() % block) % block;
  switch (padding) {
    case Padding::kM1:
    case Padding::kM1Alg3:
      out.resize(out.size() + missing);
      return out;
    case Padding::kM2:
    case Padding::kM2Alg3:
      out.push_back(0x80);
      out.resize(message.size() + (missing == 0 ? block : missing));
      return out;
    case Padding::kPkcs5: {
      const std::size_t added = missing == 0 ? block : missing;
      out.resize(out.size() + added, static_cast<std::uint8_t>(added));
      return out;
    }
    default:
      return missing == 0 ? std::optional(std::move(out)) : std::nullopt;
  }
}

std::optional<std::size_t> unpadded(BytesView message, std::size_t block, Padding padding) {
  std::size_t size = message.size();
  if (padding == Padding::kM2) {
    while (size > 0 && message[size - 1] == 0) --size;
    if (size == 0 || message[size - 1] != 0x80) return std::nullopt;
    return size - 1;
  }
  if (padding != Padding::kPkcs5) return size;
  if (message.empty() || message.back() == 0 || message.back() > block || message.back() > size) return std::nullopt;
  const BytesView added = message.last(message.back());
  if (std::ranges::any_of(added, [&](std::uint8_t byte) { return byte != message.back(); })) return std::nullopt;
  return size - added.size();
}

}  // namespace uicclab::applet::java
