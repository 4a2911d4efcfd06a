// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/sealed_storage.hpp"

#include <string>

#include "core/crypto/aes.hpp"
#include "core/crypto/hash.hpp"

namespace uicclab::lwm2m {
namespace {

using crypto::SecretBytes;

constexpr std::size_t kTagSize = 32;

/// Two keys of one storage key, so that neither is used for two things.
SecretBytes subkey(const SecretBytes& storage_key, std::string_view label, std::string_view use) {
  crypto::Sha256Digest digest = crypto::hmac_sha256(storage_key, {as_bytes(std::string(label) + ": " + std::string(use))});
  SecretBytes key{BytesView(digest)};
  crypto::wipe(digest);
  return key;
}
crypto::AesCbc cipher(const SecretBytes& storage_key, std::string_view label) {
  return crypto::AesCbc(*crypto::AesKey::from(subkey(storage_key, label, "cipher").part(0, 16)));
}
crypto::Sha256Digest tag(const SecretBytes& storage_key, std::string_view label, BytesView bytes) {
  return crypto::hmac_sha256(subkey(storage_key, label, "tag"), {bytes});
}

}  // namespace

Bytes seal(BytesView content, std::string_view label, const SecretBytes& storage_key, Random& random) {
  crypto::WipedBytes plain = crypto::to_wiped(content);
  plain.resize((plain.size() + crypto::kAesBlockSize - 1) / crypto::kAesBlockSize * crypto::kAesBlockSize, 0xFF);
  crypto::Bytes16 iv;
  random.fill(iv);
  Bytes out = concat({iv, cipher(storage_key, label).encrypt(iv, plain)});
  append(out, tag(storage_key, label, out));
  return out;
}

std::optional<crypto::WipedBytes> open_sealed(BytesView sealed, std::string_view label, const SecretBytes& storage_key) {
  if (sealed.size() < crypto::kAesBlockSize + kTagSize) return std::nullopt;
  const BytesView covered = sealed.first(sealed.size() - kTagSize);
  if (!crypto::constant_time_equal(tag(storage_key, label, covered), sealed.last(kTagSize))) return std::nullopt;
  auto plain = cipher(storage_key, label).decrypt(covered.first<crypto::kAesBlockSize>(), covered.subspan(crypto::kAesBlockSize));
  if (!plain) return std::nullopt;
  crypto::WipedBytes out = crypto::to_wiped(*plain);
  crypto::wipe(*plain);
  return out;
}

}  // namespace uicclab::lwm2m
