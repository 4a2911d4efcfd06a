// SPDX-License-Identifier: Apache-2.0
// Making X.509 certificates (RFC 5280) and requests for them (PKCS #10, RFC 2986): for test authorities and for cards that ask one.
#pragma once

#include <chrono>
#include <string>

#include "core/crypto/public_key.hpp"
#include "core/environment.hpp"

namespace uicclab::crypto {

/// What the key usage of a certificate says.
enum class CertificateUse {
  kAuthority,   ///< signs certificates
  kEncryption,  ///< keyEncipherment for RSA, keyAgreement for EC
  kSignature    ///< digitalSignature alone
};

struct CertificateTerms {
  std::string common_name;  ///< 1 to 64 bytes, UTF-8
  std::chrono::sys_seconds not_before;
  std::chrono::sys_seconds not_after;
  CertificateUse use = CertificateUse::kEncryption;
  bool key_identifier = true;  ///< with subjectKeyIdentifier
};

/// DER, signed with SHA-256. `issuer_certificate` is empty for a certificate that `issuer` signs for itself. Errors: kRange for the name,
/// kMalformed for the issuer's certificate, kMismatch if it is not of the key `issuer`.
Result<Bytes> issue_certificate(const PublicKey& subject, const CertificateTerms& terms, const PrivateKey& issuer,
                                BytesView issuer_certificate, Random& random);

/// PKCS #10 in DER, signed by the key itself. Errors: kRange for the name.
Result<Bytes> request_certificate(const PrivateKey& key, const std::string& common_name);

struct CertificateRequest {
  std::string common_name;
  PublicKey key;
};
/// Errors: kMalformed; kMismatch if the key did not sign it.
Result<CertificateRequest> read_certificate_request(BytesView der);

}  // namespace uicclab::crypto
