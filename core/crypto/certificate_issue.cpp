// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/certificate_issue.hpp"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "core/crypto/error.hpp"
#include "core/crypto/openssl.hpp"

namespace uicclab::crypto {
namespace {

constexpr std::size_t kMostNameBytes = 64;  // ub-common-name, RFC 5280 appendix A.1
constexpr std::size_t kSerialBytes = 16;
constexpr long kVersion3 = 2;

struct FreeRequest {
  void operator()(X509_REQ* request) const { X509_REQ_free(request); }
};
using OwnedRequest = std::unique_ptr<X509_REQ, FreeRequest>;
struct FreeExtension {
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};

void must(int done, const char* call) {
  if (done <= 0) throw_openssl_error(call);
}

Owned<EVP_PKEY> handle_of(const PublicKey& key) {
  const Bytes der = key.der();
  const unsigned char* at = der.data();
  Owned<EVP_PKEY> out(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  if (!out) throw_openssl_error("d2i_PUBKEY");
  return out;
}
Owned<EVP_PKEY> handle_of(const PrivateKey& key) {
  const WipedBytes der = key.der();
  const unsigned char* at = der.data();
  Owned<EVP_PKEY> out(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size())));
  if (!out) throw_openssl_error("d2i_AutoPrivateKey");
  return out;
}

bool is_name(const std::string& text) {
  return !text.empty() && text.size() <= kMostNameBytes;
}
bool set_name(X509_NAME* name, const std::string& text) {
  return X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(text.data()),
                                    static_cast<int>(text.size()), -1, 0) == 1;
}

template <typename Object, typename Encode>
Bytes der_of(Object* object, Encode encode) {
  const int size = encode(object, nullptr);
  must(size, "i2d");
  Bytes out(static_cast<std::size_t>(size));
  unsigned char* at = out.data();
  encode(object, &at);
  return out;
}

void add_extension(X509* certificate, X509V3_CTX& context, int nid, const char* value) {
  const std::unique_ptr<X509_EXTENSION, FreeExtension> extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  if (!extension) throw_openssl_error("X509V3_EXT_conf_nid");
  must(X509_add_ext(certificate, extension.get(), -1), "X509_add_ext");
}

const char* usage_of(CertificateUse use, KeyKind kind) {
  switch (use) {
    case CertificateUse::kAuthority:
      return "critical,keyCertSign,cRLSign";
    case CertificateUse::kSignature:
      return "critical,digitalSignature";
    case CertificateUse::kEncryption:
      break;
  }
  return kind == KeyKind::kRsa ? "critical,keyEncipherment" : "critical,keyAgreement";
}

void set_serial(X509* certificate, Random& random) {
  std::array<std::uint8_t, kSerialBytes> serial{};
  random.fill(serial);
  serial[0] = static_cast<std::uint8_t>((serial[0] & 0x3F) | 0x40);  // positive, and of full length
  const Owned<BIGNUM> number(BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr));
  if (!number || BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) == nullptr) throw_openssl_error("BN_to_ASN1_INTEGER");
}

}  // namespace

Result<Bytes> issue_certificate(const PublicKey& subject, const CertificateTerms& terms, const PrivateKey& issuer,
                                BytesView issuer_certificate, Random& random) {
  if (!is_name(terms.common_name)) return fail(ErrorCode::kRange, "a common name has 1 to 64 bytes");
  const Owned<X509> made(X509_new());
  const Owned<EVP_PKEY> signer = handle_of(issuer);
  const Owned<EVP_PKEY> key = handle_of(subject);
  if (!made) throw_openssl_error("X509_new");
  must(X509_set_version(made.get(), kVersion3), "X509_set_version");
  set_serial(made.get(), random);
  if (!set_name(X509_get_subject_name(made.get()), terms.common_name)) return refused(ErrorCode::kRange, "a common name that is no text");
  Owned<X509> owned_issuer;
  if (!issuer_certificate.empty()) {
    const unsigned char* at = issuer_certificate.data();
    owned_issuer.reset(d2i_X509(nullptr, &at, static_cast<long>(issuer_certificate.size())));
    if (!owned_issuer || at != issuer_certificate.data() + issuer_certificate.size()) {
      return refused(ErrorCode::kMalformed, "no X.509 certificate");
    }
    if (X509_check_private_key(owned_issuer.get(), signer.get()) != 1) {
      return refused(ErrorCode::kMismatch, "the CA's key is not that of its certificate");
    }
  }
  X509* const by = owned_issuer ? owned_issuer.get() : made.get();
  must(X509_set_issuer_name(made.get(), X509_get_subject_name(by)), "X509_set_issuer_name");
  if (ASN1_TIME_set(X509_getm_notBefore(made.get()), std::chrono::system_clock::to_time_t(terms.not_before)) == nullptr ||
      ASN1_TIME_set(X509_getm_notAfter(made.get()), std::chrono::system_clock::to_time_t(terms.not_after)) == nullptr) {
    throw_openssl_error("ASN1_TIME_set");
  }
  must(X509_set_pubkey(made.get(), key.get()), "X509_set_pubkey");
  X509V3_CTX context;
  X509V3_set_ctx(&context, by, made.get(), nullptr, nullptr, 0);
  const bool authority = terms.use == CertificateUse::kAuthority;
  add_extension(made.get(), context, NID_basic_constraints, authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  add_extension(made.get(), context, NID_key_usage, usage_of(terms.use, subject.kind()));
  if (terms.key_identifier) add_extension(made.get(), context, NID_subject_key_identifier, "hash");
  if (owned_issuer && X509_get0_subject_key_id(owned_issuer.get()) != nullptr) {
    add_extension(made.get(), context, NID_authority_key_identifier, "keyid");
  }
  must(X509_sign(made.get(), signer.get(), EVP_sha256()), "X509_sign");
  ERR_clear_error();
  return der_of(made.get(), i2d_X509);
}

Result<Bytes> request_certificate(const PrivateKey& key, const std::string& common_name) {
  if (!is_name(common_name)) return fail(ErrorCode::kRange, "a common name has 1 to 64 bytes");
  const OwnedRequest made(X509_REQ_new());
  const Owned<EVP_PKEY> signer = handle_of(key);
  if (!made) throw_openssl_error("X509_REQ_new");
  if (!set_name(X509_REQ_get_subject_name(made.get()), common_name)) return refused(ErrorCode::kRange, "a common name that is no text");
  must(X509_REQ_set_pubkey(made.get(), signer.get()), "X509_REQ_set_pubkey");
  must(X509_REQ_sign(made.get(), signer.get(), EVP_sha256()), "X509_REQ_sign");
  return der_of(made.get(), i2d_X509_REQ);
}

Result<CertificateRequest> read_certificate_request(BytesView der) {
  const unsigned char* at = der.data();
  const OwnedRequest request(d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())));
  if (!request || at != der.data() + der.size()) return refused(ErrorCode::kMalformed, "no certificate request (PKCS #10)");
  EVP_PKEY* const key = X509_REQ_get0_pubkey(request.get());
  if (key == nullptr) return refused(ErrorCode::kMalformed, "a request with a public key of an unknown kind");
  if (X509_REQ_verify(request.get(), key) != 1) return refused(ErrorCode::kMismatch, "the request is not signed by its own key");
  auto subject = PublicKey::from_der(der_of(key, i2d_PUBKEY));
  if (!subject) return tl::unexpected(subject.error());
  const X509_NAME* const name = X509_REQ_get_subject_name(request.get());
  const int place = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  std::string common_name;
  if (place >= 0) {
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, place)));
    const Owned<unsigned char> owner(utf8);
    if (size > 0) common_name.assign(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
  }
  ERR_clear_error();
  return CertificateRequest{common_name, *std::move(subject)};
}

}  // namespace uicclab::crypto
