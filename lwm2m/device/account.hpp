// SPDX-License-Identifier: Apache-2.0
// The account of a server: an instance of the Security object with the Server object that belongs to it (OMA-TS-LightweightM2M_Core
// appendices E.1, E.2), and what it means for DTLS (LwM2M 1.0 clause 7.1).
#pragma once

#include "lwm2m/bootstrap_file.hpp"
#include "lwm2m/server_uri.hpp"
#include "lwm2m/transport/dtls_link.hpp"

namespace uicclab::lwm2m::device {

struct Account {
  ObjectInstance security;
  ServerUri uri;
  SecurityMode mode = SecurityMode::kNoSec;
  bool bootstrap = false;
  std::uint16_t short_id = 0;            ///< 0: none
  std::chrono::seconds lifetime{86400};  ///< of a registration; 86400 if the Server object has none
  std::string binding = "U";
  std::chrono::seconds hold_off{0};  ///< before a client-initiated bootstrap
};

/// The first account of a server, or the one with that identifier; or that of the bootstrap server. Errors: kNotFound, kMalformed;
/// kUnsupported for a URI that is not one of UDP.
Result<Account> find_account(const BootstrapFile& file, std::optional<std::uint16_t> short_id, bool bootstrap);

/// What the handshake of such an account proposes: resource 16, or by the security mode - CCM_8 first, then CBC with SHA-256, and for a
/// secret that can be guessed only suites with a key agreement. Errors: kUnsupported for EST; kRefused if nothing is
/// left.
Result<std::vector<std::uint16_t>> proposed_suites(const Account& account);

/// Errors: as proposed_suites(); kMalformed for credentials that are missing; kRange.
Result<DtlsOptions> dtls_options(const Account& account, std::optional<std::chrono::sys_seconds> now);

/// The name to register with: the PSK identity, or the common name of the device's certificate, which servers compare it with (clause
/// 7.1.3); empty without either.
std::string default_endpoint(const Account& account);

/// Can it register as that? Errors: kRange for a name that does not fit its option; kRefused for another than the certificate's common
/// name.
Result<void> check_endpoint(const Account& account, const std::string& endpoint);

}  // namespace uicclab::lwm2m::device
