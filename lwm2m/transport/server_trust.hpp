// SPDX-License-Identifier: Apache-2.0
// Is a server's certificate the right one: LwM2M 1.0 clause 7.1.3 (direct and indirect trust, names, time), LwM2M 1.1 resources 13
// (Matching Type) and 15 (Certificate Usage) after RFC 6698 and RFC 7671.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab::lwm2m {

struct ServerTrust {
  enum class Usage : std::uint8_t { kCaConstraint = 0, kServiceConstraint = 1, kTrustAnchor = 2, kDomainIssued = 3 };

  Bytes stored;                ///< resource 4: a certificate, or its hash
  std::uint8_t matching = 0;   ///< resource 13: 0 the whole certificate, 1 SHA-256, 2 SHA-384, 3 SHA-512
  std::optional<Usage> usage;  ///< resource 15; nothing: as 1.0 has it, direct trust unless what is stored is a CA's
  std::string host;            ///< of the server's URI
  /// Nothing: the device does not know the time. Direct trust then ignores the validity; indirect trust needs at least a date.
  std::optional<std::chrono::sys_seconds> now;
};

/// `chain`: DER as the server sent it, its own certificate first. Errors: kRefused with the reason, kUnsupported for usages that need a
/// store of public CAs, kMalformed.
Result<void> check_server(const std::vector<Bytes>& chain, const ServerTrust& trust);

/// The other direction: `stored` is the client's own certificate (direct trust: the very same), or that of a CA which signed it; valid at
/// this time, no SHA-1, keys of 256 bits at least. That its common name is the endpoint name is the caller's to check. Errors: kRefused,
/// kMalformed.
Result<void> check_client(const std::vector<Bytes>& chain, BytesView stored, std::chrono::sys_seconds now);

}  // namespace uicclab::lwm2m
