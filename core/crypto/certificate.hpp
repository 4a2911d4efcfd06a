// What a check of credentials has to know of X.509 certificates (RFC 5280), SubjectPublicKeyInfo and private keys (RFC 5958, SEC 1).
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab::crypto {

/// A public key, whoever it came from.
struct PublicKeyFacts {
  enum class Type { kEc, kRsa, kOther };
  Type type = Type::kOther;
  int bits = 0;
  Bytes spki;  ///< SubjectPublicKeyInfo in DER: two keys are the same if these are

  bool operator==(const PublicKeyFacts& other) const { return spki == other.spki; }
};

struct CertificateFacts {
  std::string common_name;  ///< of the subject; empty if there is none
  std::vector<std::string> dns_names;
  std::vector<Bytes> ip_addresses;  ///< 4 or 16 bytes each
  bool is_ca = false;
  bool weak_signature = false;  ///< made with SHA-1, MD5 or older
  std::string signature_hash;   ///< OpenSSL's name of it; empty if the algorithm has none of its own
  std::chrono::sys_seconds not_before;
  std::chrono::sys_seconds not_after;
  PublicKeyFacts key;
};

/// A SubjectPublicKeyInfo that fills `der`. Errors: kMalformed.
Result<PublicKeyFacts> read_public_key(BytesView der);
/// The public half of a private key that fills `der`. Errors: kMalformed.
Result<PublicKeyFacts> read_private_key(BytesView der);
/// A certificate that fills `der`; its signature is not checked. Errors: kMalformed, also for a name with a 00 inside.
Result<CertificateFacts> read_certificate(BytesView der);

}  // namespace uicclab::crypto
