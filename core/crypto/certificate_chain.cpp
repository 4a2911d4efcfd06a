// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/certificate_chain.hpp"

#include <algorithm>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include "core/crypto/error.hpp"
#include "core/crypto/openssl.hpp"

namespace uicclab::crypto {
namespace {

constexpr std::size_t kMostCertificates = 16;
constexpr int kSecurityLevel = 2;

Owned<X509> decode(BytesView der) {
  const unsigned char* at = der.data();
  Owned<X509> out(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (at != der.data() + der.size()) out.reset();
  return out;
}

int purpose_of(CertificatePurpose purpose) {
  switch (purpose) {
    case CertificatePurpose::kServer:
      return X509_PURPOSE_SSL_SERVER;
    case CertificatePurpose::kClient:
      return X509_PURPOSE_SSL_CLIENT;
    case CertificatePurpose::kAny:
      break;
  }
  return X509_PURPOSE_ANY;
}

/// OpenSSL would ask the terminal for the password of an enciphered block.
int no_password(char* /*out*/, int /*size*/, int /*writing*/, void* /*user*/) {
  return 0;
}

}  // namespace

Result<void> verify_chain(std::span<const Bytes> chain, std::span<const Bytes> anchors, std::chrono::sys_seconds now,
                          CertificatePurpose purpose) {
  const Owned<X509_STORE> store(X509_STORE_new());
  const Owned<X509_STORE_CTX> context(X509_STORE_CTX_new());
  const Owned<STACK_OF(X509)> others(sk_X509_new_null());
  if (!store || !context || !others) throw CryptoError("no memory for a chain of certificates");
  const auto malformed = [] { return fail(ErrorCode::kMalformed, "a certificate that cannot be read"); };
  std::vector<Owned<X509>> owned;
  for (const Bytes& one : chain) {
    owned.push_back(decode(one));
    if (!owned.back()) return malformed();
  }
  if (owned.empty()) return malformed();
  for (std::size_t i = 1; i < owned.size(); ++i) sk_X509_push(others.get(), owned[i].get());
  for (const Bytes& one : anchors) {
    const Owned<X509> trusted = decode(one);
    if (!trusted) return malformed();
    X509_STORE_add_cert(store.get(), trusted.get());
  }
  if (X509_STORE_CTX_init(context.get(), store.get(), owned[0].get(), others.get()) != 1) throw_openssl_error("X509_STORE_CTX_init");
  X509_VERIFY_PARAM* const rules = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN);  // an anchor need not be a root
  X509_VERIFY_PARAM_set_purpose(rules, purpose_of(purpose));
  X509_VERIFY_PARAM_set_time(rules, std::chrono::system_clock::to_time_t(now));
  X509_VERIFY_PARAM_set_auth_level(rules, kSecurityLevel);
  const int good = X509_verify_cert(context.get());
  const int error = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  if (good == 1) return {};
  return fail(ErrorCode::kRefused, X509_verify_cert_error_string(error));
}

Result<std::vector<Bytes>> certificates_of_file(BytesView content) {
  static constexpr std::string_view kBegin = "-----BEGIN ";
  std::vector<Bytes> out;
  if (std::ranges::search(content, as_bytes(kBegin)).empty()) {
    out.push_back(to_bytes(content));
  } else {
    const Owned<BIO> in(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
    if (!in) throw_openssl_error("BIO_new_mem_buf");
    while (const Owned<X509> one{PEM_read_bio_X509(in.get(), nullptr, no_password, nullptr)}) {
      Bytes der(static_cast<std::size_t>(std::max(i2d_X509(one.get(), nullptr), 0)));
      unsigned char* at = der.data();
      i2d_X509(one.get(), &at);
      out.push_back(std::move(der));
      if (out.size() > kMostCertificates) return fail(ErrorCode::kRange, "more than 16 certificates in one file");
    }
    ERR_clear_error();
  }
  if (out.empty() || !decode(out[0])) return fail(ErrorCode::kMalformed, "no X.509 certificate");
  return out;
}

}  // namespace uicclab::crypto
