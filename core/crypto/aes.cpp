// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/aes.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "core/crypto/error.hpp"
#include "core/crypto/openssl.hpp"

namespace uicclab::crypto {
namespace {

void require_whole_blocks(BytesView bytes) {
  if (bytes.size() % kAesBlockSize != 0) throw CryptoError("AES: a part of a block");
}

EVP_MAC* cmac_algorithm() {
  static const Owned<EVP_MAC> mac(EVP_MAC_fetch(nullptr, "CMAC", nullptr));
  if (!mac) throw_openssl_error("EVP_MAC_fetch");
  return mac.get();
}

/// Keys a context in the direction wanted, once.
CipherContext& keyed(CipherContext& context, CipherName name, const AesKey& key, Direction direction) {
  if (!context.has_key()) context.set_key(name, key.secret(), direction);
  return context;
}

}  // namespace

Result<AesKey> AesKey::from(SecretBytes key) {
  if (key.size() != 16 && key.size() != 24 && key.size() != 32) {
    return fail(ErrorCode::kRange, "an AES key has 16, 24 or 32 bytes, not " + std::to_string(key.size()));
  }
  return AesKey(std::move(key));
}

AesBlock::AesBlock(const AesKey& key) : m_key(key.clone()) {
  m_encrypt.set_key(CipherName::kAesEcb, m_key.secret(), Direction::kEncrypt);
}

Bytes16 AesBlock::encrypt(View16 block) {
  Bytes16 out;
  m_encrypt.update(block, out);
  return out;
}

Bytes16 AesBlock::decrypt(View16 block) {
  Bytes16 out;
  decrypt(block, out);
  return out;
}

void AesBlock::encrypt(BytesView in, std::span<std::uint8_t> out) {
  require_whole_blocks(in);
  m_encrypt.update(in, out);
}

void AesBlock::decrypt(BytesView in, std::span<std::uint8_t> out) {
  require_whole_blocks(in);
  keyed(m_decrypt, CipherName::kAesEcb, m_key, Direction::kDecrypt).update(in, out);
}

Bytes AesCbc::encrypt(View16 iv, BytesView plain) {
  Bytes out(plain.size());
  encrypt(iv, plain, out);
  return out;
}

void AesCbc::encrypt(View16 iv, BytesView plain, std::span<std::uint8_t> out) {
  require_whole_blocks(plain);
  CipherContext& context = keyed(m_encrypt, CipherName::kAesCbc, m_key, Direction::kEncrypt);
  context.set_iv(iv);
  context.update(plain, out);
}

Result<Bytes> AesCbc::decrypt(View16 iv, BytesView cipher) {
  Bytes out(cipher.size());
  if (auto done = decrypt(iv, cipher, out); !done) return tl::unexpected(done.error());
  return out;
}

Result<void> AesCbc::decrypt(View16 iv, BytesView cipher, std::span<std::uint8_t> out) {
  if (cipher.size() % kAesBlockSize != 0) return fail(ErrorCode::kMalformed, "AES-CBC: not a number of whole blocks", cipher.size());
  CipherContext& context = keyed(m_decrypt, CipherName::kAesCbc, m_key, Direction::kDecrypt);
  context.set_iv(iv);
  context.update(cipher, out);
  return {};
}

AesCtr::AesCtr(const AesKey& key) {
  m_context.set_key(CipherName::kAesCtr, key.secret(), Direction::kEncrypt);
}

Bytes AesCtr::apply(View16 counter, BytesView in) {
  Bytes out(in.size());
  m_context.set_iv(counter);
  m_context.update(in, out);
  return out;
}

void AesCmac::Free::operator()(evp_mac_ctx_st* context) const {
  EVP_MAC_CTX_free(context);
}

AesCmac::AesCmac(const AesKey& key) : m_context(EVP_MAC_CTX_new(cmac_algorithm())) {
  if (!m_context) throw_openssl_error("EVP_MAC_CTX_new");
  std::string cipher = "AES-" + std::to_string(key.size() * 8) + "-CBC";
  const std::array params{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher.data(), 0), OSSL_PARAM_construct_end()};
  const BytesView bytes = key.secret().expose(ExposeSecret{"OpenSSL makes the key schedule of it"});
  if (EVP_MAC_init(m_context.get(), bytes.data(), bytes.size(), params.data()) != 1) throw_openssl_error("EVP_MAC_init");
}

Bytes16 AesCmac::compute(std::initializer_list<BytesView> parts) {
  // Without key and parameters EVP_MAC_init() starts the next message with the key schedule and the subkeys that are there.
  if (EVP_MAC_init(m_context.get(), nullptr, 0, nullptr) != 1) throw_openssl_error("EVP_MAC_init");
  for (BytesView part : parts) {
    if (EVP_MAC_update(m_context.get(), part.data(), part.size()) != 1) throw_openssl_error("EVP_MAC_update");
  }
  Bytes16 mac;
  std::size_t size = 0;
  if (EVP_MAC_final(m_context.get(), mac.data(), &size, mac.size()) != 1 || size != mac.size()) throw_openssl_error("EVP_MAC_final");
  return mac;
}

}  // namespace uicclab::crypto
