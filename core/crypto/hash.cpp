// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/hash.hpp"

#include <memory>

#include <openssl/evp.h>

#include "core/crypto/error.hpp"
#include "core/crypto/openssl.hpp"

namespace uicclab::crypto {
namespace {

/// The algorithm, fetched at its first use and kept (see cipher_context.cpp).
template <FixedString name>
const EVP_MD* fetched() {
  static const Owned<EVP_MD> md(EVP_MD_fetch(nullptr, name.chars.data(), nullptr));
  if (!md) throw_openssl_error("EVP_MD_fetch");
  return md.get();
}

/// One running hash; can be started again.
template <FixedString name, typename Digest>
class Hash {
 public:
  Hash() : m_context(EVP_MD_CTX_new()) {
    if (!m_context) throw_openssl_error("EVP_MD_CTX_new");
    start();
  }
  void start() {
    if (EVP_DigestInit_ex2(m_context.get(), fetched<name>(), nullptr) != 1) throw_openssl_error("EVP_DigestInit_ex2");
  }
  void update(BytesView bytes) {
    if (EVP_DigestUpdate(m_context.get(), bytes.data(), bytes.size()) != 1) throw_openssl_error("EVP_DigestUpdate");
  }
  Digest finish() {
    Digest digest;
    if (EVP_DigestFinal_ex(m_context.get(), digest.data(), nullptr) != 1) throw_openssl_error("EVP_DigestFinal_ex");
    return digest;
  }

 private:
  Owned<EVP_MD_CTX> m_context;
};

using Sha1 = Hash<"SHA1", Sha1Digest>;
using Sha256 = Hash<"SHA256", Sha256Digest>;
using Sha384 = Hash<"SHA384", Sha384Digest>;
using Sha512 = Hash<"SHA512", Sha512Digest>;

template <typename H>
auto hash(std::initializer_list<BytesView> parts) {
  H h;
  for (BytesView part : parts) h.update(part);
  return h.finish();
}

/// FIPS 198-1 clause 4. Written out because EVP_MAC looks the digest up by name for each new key, and the keys here are used once:
/// a short message took it twice the time of the two hashes.
template <typename H>
auto hmac(const SecretBytes& key, std::initializer_list<BytesView> parts) {
  constexpr std::size_t kBlockSize = 64;
  static_assert(SecretBytes::kCapacity <= kBlockSize, "a longer key would have to be hashed first");
  const BytesView bytes = key.expose(ExposeSecret{"HMAC pads it to a block, which is wiped below"});
  std::array<std::uint8_t, kBlockSize> pad{};
  std::ranges::copy(bytes, pad.begin());

  H h;
  for (std::uint8_t& byte : pad) byte ^= 0x36;
  h.update(pad);
  for (BytesView part : parts) h.update(part);
  const auto inner = h.finish();

  for (std::uint8_t& byte : pad) byte ^= 0x36 ^ 0x5C;
  h.start();
  h.update(pad);
  h.update(inner);
  wipe(pad);
  return h.finish();
}

}  // namespace

Sha1Digest sha1(std::initializer_list<BytesView> parts) {
  return hash<Sha1>(parts);
}

Sha256Digest sha256(std::initializer_list<BytesView> parts) {
  return hash<Sha256>(parts);
}

Sha384Digest sha384(std::initializer_list<BytesView> parts) {
  return hash<Sha384>(parts);
}

Sha512Digest sha512(std::initializer_list<BytesView> parts) {
  return hash<Sha512>(parts);
}

Sha1Digest hmac_sha1(const SecretBytes& key, std::initializer_list<BytesView> parts) {
  return hmac<Sha1>(key, parts);
}

Sha256Digest hmac_sha256(const SecretBytes& key, std::initializer_list<BytesView> parts) {
  return hmac<Sha256>(key, parts);
}

SecretBytes x963_kdf_sha256(const SecretBytes& z, BytesView shared_info, std::size_t size) {
  const BytesView secret = z.expose(ExposeSecret{"hashed with a counter"});
  return SecretBytes::make(size, [&](std::span<std::uint8_t> out) {
    std::array<std::uint8_t, 4> counter{0, 0, 0, 1};
    for (; !out.empty(); ++counter[3]) {
      Sha256Digest block = sha256({secret, counter, shared_info});
      const std::size_t part = std::min(out.size(), block.size());
      std::copy_n(block.begin(), part, out.begin());
      wipe(block);
      out = out.subspan(part);
    }
  });
}

SecretBytes kdf_3gpp(const SecretBytes& key, std::uint8_t fc, std::initializer_list<BytesView> parameters) {
  Bytes s{fc};
  for (BytesView parameter : parameters) {
    if (parameter.size() > 0xFFFF) throw CryptoError("kdf_3gpp: a parameter of more than 65535 bytes");
    append(s, parameter);
    s.push_back(static_cast<std::uint8_t>(parameter.size() >> 8));
    s.push_back(static_cast<std::uint8_t>(parameter.size()));
  }
  Sha256Digest digest = hmac_sha256(key, {s});
  SecretBytes derived{BytesView(digest)};
  wipe(digest);
  wipe(s);
  return derived;
}

}  // namespace uicclab::crypto
