// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/sealed_storage.hpp"

#include <string>

#include "core/crypto/aes.hpp"
#include "core/crypto/hash.hpp"

namespace uicclab::crypto {
namespace {

constexpr std::size_t kTagSize = 32;

/// Two keys of one storage key, so that neither is used for two things.
SecretBytes subkey(const SecretBytes& storage_key, std::string_view label, std::string_view use) {
  Sha256Digest digest = hmac_sha256(storage_key, {as_bytes(std::string(label) + ": " + std::string(use))});
  SecretBytes key{BytesView(digest)};
  wipe(digest);
  return key;
}
AesCbc cipher(const SecretBytes& storage_key, std::string_view label) {
  return AesCbc(*AesKey::from(subkey(storage_key, label, "cipher").part(0, 16)));
}
Sha256Digest tag(const SecretBytes& storage_key, std::string_view label, BytesView bytes) {
  return hmac_sha256(subkey(storage_key, label, "tag"), {bytes});
}

}  // namespace

Bytes seal(BytesView content, std::string_view label, const SecretBytes& storage_key, Random& random) {
  WipedBytes plain = to_wiped(content);
  plain.resize((plain.size() + kAesBlockSize - 1) / kAesBlockSize * kAesBlockSize, 0xFF);
  Bytes16 iv;
  random.fill(iv);
  Bytes out = concat({iv, cipher(storage_key, label).encrypt(iv, plain)});
  append(out, tag(storage_key, label, out));
  return out;
}

std::optional<WipedBytes> open_sealed(BytesView sealed, std::string_view label, const SecretBytes& storage_key) {
  if (sealed.size() < kAesBlockSize + kTagSize) return std::nullopt;
  const BytesView covered = sealed.first(sealed.size() - kTagSize);
  if (!constant_time_equal(tag(storage_key, label, covered), sealed.last(kTagSize))) return std::nullopt;
  auto plain = cipher(storage_key, label).decrypt(covered.first<kAesBlockSize>(), covered.subspan(kAesBlockSize));
  if (!plain) return std::nullopt;
  WipedBytes out = to_wiped(*plain);
  wipe(*plain);
  return out;
}

}  // namespace uicclab::crypto
