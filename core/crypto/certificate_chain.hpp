// SPDX-License-Identifier: Apache-2.0
// A chain of certificates up to one that is trusted: RFC 5280 clause 6, by OpenSSL.
#pragma once

#include <chrono>
#include <span>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab::crypto {

enum class CertificatePurpose { kServer, kClient, kAny };

/// `chain`: DER, its own certificate first, the others in any order. `anchors` need not be roots. Keys of less than 112 bits of strength
/// and weak signatures are refused (security level 2 of OpenSSL). Errors: kMalformed; kRefused with OpenSSL's reason, for "... is not
/// trusted: REASON".
Result<void> verify_chain(std::span<const Bytes> chain, std::span<const Bytes> anchors, std::chrono::sys_seconds now,
                          CertificatePurpose purpose);

/// What a file holds: the PEM blocks "CERTIFICATE", at least one and up to 16 of them, or one certificate in DER. Errors: kMalformed,
/// kRange.
Result<std::vector<Bytes>> certificates_of_file(BytesView content);

}  // namespace uicclab::crypto
