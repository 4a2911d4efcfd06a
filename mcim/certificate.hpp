// SPDX-License-Identifier: Apache-2.0
// Whose key an object may be made for: 3GPP TR 33.812 clause 5.1.3.7.3.3, "there needs to be a process to certify the PK_D". Clause and
// numbers of its rules are ours: docs/formats/mcim.md, "The certificate".
#pragma once

#include <chrono>
#include <span>

#include "core/crypto/public_key.hpp"

namespace uicclab::mcim {

/// A device's key is RSA with 2048 bits or more, or on P-256. Errors: kUnsupported, kRefused.
Result<void> check_key(const crypto::PublicKey& key);

/// PK_D of a TRE's certificate: valid now, for encryption, with a key of that strength, and signed by one of `anchors` or by a chain up to
/// it; with no anchors the signature is not looked at. `chain`: the certificate, then those between. Errors: kMalformed, kUnsupported,
/// kRefused, each reason in its own words.
Result<crypto::PublicKey> check_certificate(std::span<const Bytes> chain, std::span<const Bytes> anchors, std::chrono::sys_seconds now);

}  // namespace uicclab::mcim
