// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/secret.hpp"

#include <openssl/crypto.h>

#include "core/crypto/error.hpp"

namespace uicclab::crypto {

bool constant_time_equal(BytesView a, BytesView b) {
  return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

void wipe(std::span<std::uint8_t> bytes) {
  if (!bytes.empty()) OPENSSL_cleanse(bytes.data(), bytes.size());
}

SecretBytes::SecretBytes(BytesView bytes) {
  resize(bytes.size());
  std::ranges::copy(bytes, m_bytes.begin());
}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    wipe_all();
    take(other);
  }
  return *this;
}

Result<SecretBytes> SecretBytes::from(BytesView bytes) {
  if (bytes.size() > kCapacity) return fail(ErrorCode::kRange, "a secret of more than 64 bytes");
  return SecretBytes(bytes);
}

SecretBytes SecretBytes::clone() const {
  return SecretBytes(BytesView(m_bytes.data(), m_size));
}

SecretBytes SecretBytes::part(std::size_t offset, std::size_t size) const {
  if (offset > m_size || size > m_size - offset) throw CryptoError("SecretBytes: the part does not lie inside");
  return SecretBytes(BytesView(m_bytes).subspan(offset, size));
}

void SecretBytes::resize(std::size_t size) {
  if (size > kCapacity) throw CryptoError("SecretBytes: more than 64 bytes");
  m_size = size;
}

void SecretBytes::wipe_all() {
  wipe(std::span(m_bytes).first(m_size));
  m_size = 0;
}

void SecretBytes::take(SecretBytes& other) noexcept {
  std::copy_n(other.m_bytes.begin(), other.m_size, m_bytes.begin());
  m_size = other.m_size;
  other.wipe_all();
}

}  // namespace uicclab::crypto
