// SPDX-License-Identifier: Apache-2.0
// CMS AuthEnvelopedData: RFC 5083; AES-GCM in it: RFC 5084; RSAES-OAEP for the key: RFC 3560; ECDH: RFC 5753.
#include <algorithm>
#include <memory>

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "core/crypto/error.hpp"
#include "core/crypto/openssl.hpp"
#include "core/crypto/public_key.hpp"

namespace uicclab::crypto {
namespace {

constexpr unsigned int kFlags = CMS_BINARY | CMS_PARTIAL | CMS_KEY_PARAM;

BytesView content_of(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return {reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(std::max(size, 0L))};
}

bool use_oaep(CMS_RecipientInfo* recipient) {
  EVP_PKEY_CTX* context = CMS_RecipientInfo_get0_pkey_ctx(recipient);
  return context != nullptr && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) > 0 &&
         EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) > 0;
}

}  // namespace

Result<Bytes> cms_encrypt(BytesView plain, BytesView certificate) {
  const unsigned char* at = certificate.data();
  const Owned<X509> x509(d2i_X509(nullptr, &at, static_cast<long>(certificate.size())));
  if (!x509 || at != certificate.data() + certificate.size()) return refused(ErrorCode::kMalformed, "no X.509 certificate");

  const Owned<CMS_ContentInfo> cms(CMS_AuthEnvelopedData_create(EVP_aes_128_gcm()));
  const Owned<BIO> in(BIO_new_mem_buf(plain.data(), static_cast<int>(plain.size())));
  if (!cms || !in) throw_openssl_error("CMS_AuthEnvelopedData_create");
  // RFC 5652 clause 6.2.1: the recipient by its key identifier, or else by issuer and serial number.
  const bool has_identifier = X509_get0_subject_key_id(x509.get()) != nullptr;
  const unsigned int flags = has_identifier ? kFlags | CMS_USE_KEYID : kFlags;
  CMS_RecipientInfo* recipient = CMS_add1_recipient_cert(cms.get(), x509.get(), flags);
  if (recipient == nullptr) return refused(ErrorCode::kUnsupported, "the certificate's key cannot encrypt (key usage or algorithm)");
  if (EVP_PKEY_get_base_id(X509_get0_pubkey(x509.get())) == EVP_PKEY_RSA && !use_oaep(recipient)) throw_openssl_error("CMS_RecipientInfo");
  CMS_set_detached(cms.get(), 0);
  if (CMS_final(cms.get(), in.get(), nullptr, flags) != 1) return refused(ErrorCode::kUnsupported, "a key that cannot be used in CMS");

  const Owned<BIO> out(BIO_new(BIO_s_mem()));
  if (!out || i2d_CMS_bio(out.get(), cms.get()) != 1) throw_openssl_error("i2d_CMS_bio");
  return to_bytes(content_of(out.get()));
}

Result<WipedBytes> cms_decrypt(BytesView cms, const PrivateKey& key) {
  const auto mismatch = [] { return refused(ErrorCode::kMismatch, "not enciphered for this key"); };
  const unsigned char* at = cms.data();
  const Owned<CMS_ContentInfo> parsed(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(cms.size())));
  // Nothing else will do: EnvelopedData, for one, has no check value.
  if (!parsed || at != cms.data() + cms.size() || OBJ_obj2nid(CMS_get0_type(parsed.get())) != NID_id_smime_ct_authEnvelopedData) {
    return mismatch();
  }
  const Owned<BIO> out(BIO_new(BIO_s_secmem()));
  if (!out) throw_openssl_error("BIO_new");
  if (CMS_decrypt(parsed.get(), key.handle(), nullptr, nullptr, out.get(), CMS_BINARY) != 1) return mismatch();
  WipedBytes plain = to_wiped(content_of(out.get()));
  ERR_clear_error();
  return plain;
}

}  // namespace uicclab::crypto
