// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/cipher_context.hpp"

#include <climits>

#include <openssl/evp.h>

#include "core/crypto/error.hpp"
#include "core/crypto/openssl.hpp"

namespace uicclab::crypto {
namespace {

/// Fetching takes locks and look-ups that cost more than a short message: each algorithm is fetched at its first use and kept.
template <FixedString name>
const EVP_CIPHER* fetched() {
  static const Owned<EVP_CIPHER> cipher(EVP_CIPHER_fetch(nullptr, name.chars.data(), nullptr));
  if (!cipher) throw_openssl_error("EVP_CIPHER_fetch");
  return cipher.get();
}

template <FixedString name128, FixedString name192, FixedString name256>
const EVP_CIPHER* by_key_size(std::size_t size) {
  switch (size) {
    case 16:
      return fetched<name128>();
    case 24:
      return fetched<name192>();
    case 32:
      return fetched<name256>();
    default:
      throw CryptoError("an AES key of " + std::to_string(size) + " bytes");
  }
}

const EVP_CIPHER* find_cipher(CipherName name, std::size_t key_size) {
  switch (name) {
    case CipherName::kAesEcb:
      return by_key_size<"AES-128-ECB", "AES-192-ECB", "AES-256-ECB">(key_size);
    case CipherName::kAesCbc:
      return by_key_size<"AES-128-CBC", "AES-192-CBC", "AES-256-CBC">(key_size);
    case CipherName::kAesCtr:
      return by_key_size<"AES-128-CTR", "AES-192-CTR", "AES-256-CTR">(key_size);
    case CipherName::kTdesEcb:
      return fetched<"DES-EDE3-ECB">();
    case CipherName::kTdesCbc:
      return fetched<"DES-EDE3-CBC">();
  }
  throw CryptoError("an unknown cipher");
}

}  // namespace

void CipherContext::Free::operator()(evp_cipher_ctx_st* context) const {
  EVP_CIPHER_CTX_free(context);
}

void CipherContext::set_key(CipherName name, const SecretBytes& key, Direction direction) {
  const EVP_CIPHER* cipher = find_cipher(name, key.size());
  const BytesView bytes = key.expose(ExposeSecret{"OpenSSL makes the key schedule of it"});
  if (bytes.size() != static_cast<std::size_t>(EVP_CIPHER_get_key_length(cipher))) throw CryptoError("a key of the wrong length");
  if (!m_context) m_context.reset(EVP_CIPHER_CTX_new());
  if (!m_context) throw_openssl_error("EVP_CIPHER_CTX_new");
  static constexpr std::array<std::uint8_t, 16> kZeroIv{};
  if (EVP_CipherInit_ex2(m_context.get(), cipher, bytes.data(), kZeroIv.data(), static_cast<int>(direction), nullptr) != 1 ||
      EVP_CIPHER_CTX_set_padding(m_context.get(), 0) != 1) {
    m_context.reset();
    throw_openssl_error("EVP_CipherInit_ex2");
  }
}

void CipherContext::set_iv(BytesView iv) {
  if (iv.size() != static_cast<std::size_t>(EVP_CIPHER_CTX_get_iv_length(m_context.get()))) throw CryptoError("an IV of the wrong length");
  if (EVP_CipherInit_ex2(m_context.get(), nullptr, nullptr, iv.data(), -1, nullptr) != 1) throw_openssl_error("EVP_CipherInit_ex2");
}

void CipherContext::update(BytesView in, std::span<std::uint8_t> out) {
  if (in.size() > INT_MAX || out.size() < in.size()) throw CryptoError("the output is too short");
  if (in.empty()) return;
  int written = 0;
  if (EVP_CipherUpdate(m_context.get(), out.data(), &written, in.data(), static_cast<int>(in.size())) != 1 ||
      static_cast<std::size_t>(written) != in.size()) {
    throw_openssl_error("EVP_CipherUpdate");
  }
}

}  // namespace uicclab::crypto
