// SPDX-License-Identifier: Apache-2.0
// What a TRE says of itself, and what the platform validation authority (PVA) makes of it: 3GPP TR 33.812 clauses 5.1.3.5.8 and
// 5.1.3.7.3.3 ("verify that the TRE can be trusted"). The statements are ours: docs/formats/mcim-statements.md.
#pragma once

#include <map>
#include <set>

#include "core/crypto/hash.hpp"
#include "mcim/object.hpp"
#include "mcim/statement.hpp"

namespace uicclab::mcim {

/// A part of the platform as the TRE measured it.
struct Measurement {
  std::string component;
  crypto::Sha256Digest digest{};
  bool operator==(const Measurement&) const = default;
};

/// Signed by the TRE, whose certificate is in it.
struct Evidence {
  std::string tre, model;
  Nonce nonce{};                        ///< of the DPF's registration: what is old is of another registration
  crypto::Sha256Digest platform_key{};  ///< SHA-256 of PK_D as it is in M2MMobj
  Bytes certificate;                    ///< of the TRE, DER
  std::vector<Measurement> measurements;
};
/// Errors: kMalformed for what is no line of text, or no P-256 key.
Result<std::string> to_text(const Evidence& evidence, const crypto::PrivateKey& tre);

/// The PVA's word on a TRE, signed by it.
struct Validation {
  std::string pva, tre, model;
  Nonce nonce{};
  crypto::Sha256Digest platform_key{};
  bool trusted = false;
  std::string reason;      ///< of a refusal
  std::int64_t until = 0;  ///< seconds since 1970-01-01 00:00 UTC
};
Result<std::string> to_text(const Validation& validation, const crypto::PrivateKey& pva);
/// Errors: kMalformed, kUnsupported; kRefused unless `pva` signed it.
Result<Validation> read_validation(std::string_view text, const crypto::PublicKey& pva);

/// What the PVA knows.
struct PvaPolicy {
  std::string name;
  std::vector<Bytes> anchors;  ///< of the makers of TREs, DER
  /// Model, component, the digests that are good.
  std::map<std::string, std::map<std::string, std::vector<crypto::Sha256Digest>>> models;
  std::set<std::string> revoked;         ///< TREs
  std::int64_t lifetime = 24 * 60 * 60;  ///< of a validation, seconds
};

/// Certificate up to an anchor with the TRE's name as its common name and for signatures, signature, revocation, model, and each component:
/// none may be missing, other or changed. What is wrong is the reason of a validation that is not trusted. Errors: kMalformed, kUnsupported
/// for what is no evidence.
Result<Validation> validate(std::string_view evidence, const PvaPolicy& policy, std::chrono::sys_seconds now);

}  // namespace uicclab::mcim
