// SPDX-License-Identifier: Apache-2.0
// The parts of X.509 certificates (RFC 5280) that a check of credentials needs.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/crypto/public_key.hpp"

namespace uicclab::crypto {

struct CertificateFacts {
  explicit CertificateFacts(PublicKey public_key) : key(std::move(public_key)) {}

  std::string common_name;  ///< of the subject; empty if there is none
  std::vector<std::string> dns_names;
  std::vector<Bytes> ip_addresses;  ///< 4 or 16 bytes each
  bool is_ca = false;
  bool enciphers_keys =
      false;  ///< may be used for keyEncipherment, keyAgreement (RFC 5280 clause 4.2.1.3: without the extension for anything)
  bool agrees_keys = false;
  bool signs = false;               ///< digitalSignature, as above
  bool has_key_identifier = false;  ///< subjectKeyIdentifier
  bool weak_signature = false;      ///< made with SHA-1, MD5 or older
  std::string signature_hash;       ///< OpenSSL's name of it; empty if the algorithm has none of its own
  std::chrono::sys_seconds not_before;
  std::chrono::sys_seconds not_after;
  PublicKey key;
};

/// A certificate that fills `der`; its signature is not checked. Errors: kMalformed, also for a name with a 00 inside.
Result<CertificateFacts> read_certificate(BytesView der);

}  // namespace uicclab::crypto
