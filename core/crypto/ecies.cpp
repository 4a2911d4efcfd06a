// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/ecies.hpp"

#include "core/crypto/aes.hpp"
#include "core/crypto/error.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/key_agreement.hpp"

namespace uicclab::crypto {
namespace {

// TS 33.501 annexes C.3.4.1 and C.3.4.2: the same lengths in both profiles.
constexpr std::size_t kPrivateKeySize = 32;
constexpr std::size_t kEncryptionKeySize = 16;
constexpr std::size_t kCounterSize = 16;
constexpr std::size_t kMacKeySize = 32;
constexpr std::size_t kMacSize = 8;

std::size_t public_key_size(EciesProfile profile) {
  return profile == EciesProfile::kA ? 32 : 33;
}

Curve curve_of(EciesProfile profile) {
  return profile == EciesProfile::kA ? Curve::kX25519 : Curve::kP256;
}

/// The keys of one message: EK || ICB || MK = KDF(Z, SharedInfo1 = ephemeral public key).
class MessageKeys {
 public:
  MessageKeys(const SecretBytes& shared, BytesView ephemeral_public_key)
      : m_keys(x963_kdf_sha256(shared, ephemeral_public_key, kEncryptionKeySize + kCounterSize + kMacKeySize)) {}

  /// Counter mode: both ways.
  Bytes crypt(BytesView in) const {
    AesCtr aes(AesKey::from(m_keys.part(0, kEncryptionKeySize)).value());
    const BytesView keys = m_keys.expose(ExposeSecret{"the initial counter block goes into AES"});
    return aes.apply(keys.subspan<kEncryptionKeySize, kCounterSize>(), in);
  }
  std::array<std::uint8_t, kMacSize> tag(BytesView cipher) const {
    const Sha256Digest mac = hmac_sha256(m_keys.part(kEncryptionKeySize + kCounterSize, kMacKeySize), {cipher});
    std::array<std::uint8_t, kMacSize> tag;
    std::copy_n(mac.begin(), tag.size(), tag.begin());
    return tag;
  }

 private:
  SecretBytes m_keys;
};

/// A private key and its public one.
struct Ephemeral {
  SecretBytes private_key;
  Bytes public_key;
};

Ephemeral make_ephemeral(EciesProfile profile, Random& random) {
  constexpr int kTries = 100;  // one in 2^32 numbers is no private key of P-256; a source that gives no other is broken
  for (int i = 0; i < kTries; ++i) {
    SecretBytes key = SecretBytes::make(kPrivateKeySize, [&](std::span<std::uint8_t> out) { random.fill(out); });
    if (auto public_key = public_key_of(curve_of(profile), key)) return {std::move(key), *std::move(public_key)};
  }
  throw CryptoError("the random source gives no private key");
}

}  // namespace

Result<Bytes> ecies_protect(EciesProfile profile, BytesView home_public_key, BytesView plain, Random& random) {
  const Ephemeral ephemeral = make_ephemeral(profile, random);
  const auto shared = shared_secret(curve_of(profile), ephemeral.private_key, home_public_key);
  if (!shared) return tl::unexpected(shared.error());
  const MessageKeys keys(*shared, ephemeral.public_key);
  const Bytes cipher = keys.crypt(plain);
  return concat({ephemeral.public_key, cipher, keys.tag(cipher)});
}

Result<Bytes> ecies_deprotect(EciesProfile profile, const SecretBytes& home_private_key, BytesView scheme_output) {
  const std::size_t key_size = public_key_size(profile);
  if (scheme_output.size() < key_size + kMacSize) {
    return fail(ErrorCode::kTruncated, "ECIES: the scheme output ends too early", scheme_output.size());
  }
  const BytesView public_key = scheme_output.first(key_size);
  const BytesView cipher = scheme_output.subspan(key_size, scheme_output.size() - key_size - kMacSize);
  const auto shared = shared_secret(curve_of(profile), home_private_key, public_key);
  if (!shared) return tl::unexpected(shared.error());
  const MessageKeys keys(*shared, public_key);
  if (!constant_time_equal(keys.tag(cipher), scheme_output.last(kMacSize))) {
    return fail(ErrorCode::kMismatch, "ECIES: the MAC tag is wrong", scheme_output.size() - kMacSize);
  }
  return keys.crypt(cipher);
}

Result<Bytes> ecies_public_key(EciesProfile profile, const SecretBytes& private_key) {
  return public_key_of(curve_of(profile), private_key);
}

}  // namespace uicclab::crypto
