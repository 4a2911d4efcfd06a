// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/public_key.hpp"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "core/crypto/error.hpp"
#include "core/crypto/openssl.hpp"

namespace uicclab::crypto {
namespace {

constexpr std::size_t kScalarSize = 32;
constexpr int kRsaBits = 2048;

std::shared_ptr<EVP_PKEY> shared(EVP_PKEY* key) {
  return {key, EVP_PKEY_free};
}

Owned<EVP_PKEY_CTX> context_of(EVP_PKEY* key) {
  Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  if (!context) throw_openssl_error("EVP_PKEY_CTX_new_from_pkey");
  return context;
}

void set_oaep(EVP_PKEY_CTX* context, std::string_view label) {
  if (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) <= 0 || EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) <= 0 ||
      EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) <= 0) {
    throw_openssl_error("EVP_PKEY_CTX_set_rsa_oaep_md");
  }
  if (label.empty()) return;  // OpenSSL's default; it cannot copy nothing
  // OpenSSL takes the copy over.
  void* copy = OPENSSL_memdup(label.data(), label.size());
  if (copy == nullptr || EVP_PKEY_CTX_set0_rsa_oaep_label(context, copy, static_cast<int>(label.size())) <= 0) {
    OPENSSL_free(copy);
    throw_openssl_error("EVP_PKEY_CTX_set0_rsa_oaep_label");
  }
}

}  // namespace

Result<PublicKey> PublicKey::from_der(BytesView der) {
  const unsigned char* at = der.data();
  auto key = shared(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  if (!key || at != der.data() + der.size()) return refused(ErrorCode::kMalformed, "no SubjectPublicKeyInfo");
  return PublicKey(std::move(key));
}

Result<PublicKey> PublicKey::from_certificate(BytesView der) {
  const unsigned char* at = der.data();
  const Owned<X509> certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!certificate || at != der.data() + der.size()) return refused(ErrorCode::kMalformed, "no X.509 certificate");
  auto key = shared(X509_get_pubkey(certificate.get()));
  if (!key) return refused(ErrorCode::kMalformed, "a certificate with a public key of an unknown kind");
  return PublicKey(std::move(key));
}

KeyKind PublicKey::kind() const {
  const int type = EVP_PKEY_get_base_id(m_key.get());
  if (type == EVP_PKEY_RSA) return KeyKind::kRsa;
  if (type != EVP_PKEY_EC) return KeyKind::kOther;
  std::array<char, 32> group{};
  const bool named = EVP_PKEY_get_group_name(m_key.get(), group.data(), group.size(), nullptr) == 1;
  ERR_clear_error();
  return named && std::string_view(group.data()) == "prime256v1" ? KeyKind::kP256 : KeyKind::kOtherEc;
}

int PublicKey::bits() const {
  return EVP_PKEY_get_bits(m_key.get());
}

Bytes PublicKey::der() const {
  const int size = i2d_PUBKEY(m_key.get(), nullptr);
  if (size <= 0) throw_openssl_error("i2d_PUBKEY");
  Bytes out(static_cast<std::size_t>(size));
  unsigned char* at = out.data();
  i2d_PUBKEY(m_key.get(), &at);
  return out;
}

Bytes PublicKey::point() const {
  Bytes point(2 * kScalarSize + 1);
  std::size_t size = 0;
  if (kind() != KeyKind::kP256 ||
      EVP_PKEY_get_octet_string_param(m_key.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &size) != 1) {
    throw_openssl_error("EVP_PKEY_get_octet_string_param");
  }
  if (size == kScalarSize + 1) {
    point.resize(size);
    return point;
  }
  // Uncompressed: the first byte says which of the two points has this x.
  Bytes compressed(point.begin(), point.begin() + static_cast<std::ptrdiff_t>(kScalarSize) + 1);
  compressed[0] = static_cast<std::uint8_t>(0x02 | (point.back() & 1));
  return compressed;
}

Result<Bytes> PublicKey::oaep_encrypt(const SecretBytes& secret, std::string_view label) const {
  if (kind() != KeyKind::kRsa) return fail(ErrorCode::kUnsupported, "no RSA key");
  const auto context = context_of(m_key.get());
  if (EVP_PKEY_encrypt_init(context.get()) <= 0) throw_openssl_error("EVP_PKEY_encrypt_init");
  set_oaep(context.get(), label);
  const BytesView plain = secret.expose(ExposeSecret{"it is enciphered for its receiver"});
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(m_key.get())));
  std::size_t size = out.size();
  if (EVP_PKEY_encrypt(context.get(), out.data(), &size, plain.data(), plain.size()) <= 0) {
    return refused(ErrorCode::kRange, "a secret too long for the key");
  }
  out.resize(size);
  return out;
}

bool PublicKey::verifies(BytesView message, BytesView signature) const {
  if (kind() != KeyKind::kP256) return false;
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  if (!context || EVP_DigestVerifyInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr, m_key.get(), nullptr) != 1) {
    throw_openssl_error("EVP_DigestVerifyInit_ex");
  }
  const bool good = EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
  ERR_clear_error();
  return good;
}

Result<PrivateKey> PrivateKey::from_der(BytesView der) {
  const unsigned char* at = der.data();
  auto key = shared(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size())));
  if (!key || at != der.data() + der.size()) return refused(ErrorCode::kMalformed, "no private key");
  ERR_clear_error();
  return PrivateKey(PublicKey(std::move(key)));
}

PrivateKey PrivateKey::generate(KeyKind kind) {
  if (kind != KeyKind::kRsa && kind != KeyKind::kP256) throw CryptoError("PrivateKey: no such kind of key");
  EVP_PKEY* key = kind == KeyKind::kRsa ? EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(kRsaBits))
                                        : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
  if (key == nullptr) throw_openssl_error("EVP_PKEY_Q_keygen");
  return PrivateKey(PublicKey(shared(key)));
}

WipedBytes PrivateKey::der() const {
  const Owned<PKCS8_PRIV_KEY_INFO> info(EVP_PKEY2PKCS8(handle()));
  const int size = info ? i2d_PKCS8_PRIV_KEY_INFO(info.get(), nullptr) : 0;
  if (size <= 0) throw_openssl_error("i2d_PKCS8_PRIV_KEY_INFO");
  WipedBytes out(static_cast<std::size_t>(size));
  unsigned char* at = out.data();
  i2d_PKCS8_PRIV_KEY_INFO(info.get(), &at);
  return out;
}

SecretBytes PrivateKey::scalar() const {
  BIGNUM* number = nullptr;
  if (kind() != KeyKind::kP256 || EVP_PKEY_get_bn_param(handle(), OSSL_PKEY_PARAM_PRIV_KEY, &number) != 1) {
    throw_openssl_error("EVP_PKEY_get_bn_param");
  }
  const Owned<BIGNUM> owner(number);
  return SecretBytes::make(kScalarSize, [&](std::span<std::uint8_t> out) {
    if (BN_bn2binpad(number, out.data(), static_cast<int>(out.size())) < 0) throw_openssl_error("BN_bn2binpad");
  });
}

Result<SecretBytes> PrivateKey::oaep_decrypt(BytesView cipher, std::string_view label, std::size_t size) const {
  const auto mismatch = [] { return refused(ErrorCode::kMismatch, "not enciphered for this key"); };
  if (kind() != KeyKind::kRsa || size > SecretBytes::kCapacity) return mismatch();
  const auto context = context_of(handle());
  if (EVP_PKEY_decrypt_init(context.get()) <= 0) throw_openssl_error("EVP_PKEY_decrypt_init");
  set_oaep(context.get(), label);
  WipedBytes plain(static_cast<std::size_t>(EVP_PKEY_get_size(handle())));
  std::size_t found = plain.size();
  if (EVP_PKEY_decrypt(context.get(), plain.data(), &found, cipher.data(), cipher.size()) <= 0 || found != size) return mismatch();
  return SecretBytes(BytesView(plain).first(size));
}

Result<Bytes> PrivateKey::sign(BytesView message) const {
  if (kind() != KeyKind::kP256) return fail(ErrorCode::kUnsupported, "no P-256 key");
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  if (!context || EVP_DigestSignInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr, handle(), nullptr) != 1) {
    throw_openssl_error("EVP_DigestSignInit_ex");
  }
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(handle())));
  std::size_t size = out.size();
  if (EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) != 1) throw_openssl_error("EVP_DigestSign");
  out.resize(size);
  return out;
}

Result<WipedBytes> der_of_file(BytesView content) {
  static constexpr std::string_view kBegin = "-----BEGIN ";
  if (std::ranges::search(content, as_bytes(kBegin)).empty()) return to_wiped(content);
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> in(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())), BIO_free_all);
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  if (!in || PEM_read_bio(in.get(), &name, &header, &data, &size) != 1) return refused(ErrorCode::kMalformed, "PEM that cannot be read");
  WipedBytes der(data, data + size);
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_clear_free(data, static_cast<std::size_t>(size));
  return der;
}

}  // namespace uicclab::crypto
