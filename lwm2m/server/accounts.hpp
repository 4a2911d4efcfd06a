// SPDX-License-Identifier: Apache-2.0
// The accounts of a LwM2M server: endpoint names with the credentials that prove them (LwM2M 1.0 clauses 7.1.7 to 7.1.10), and what a
// bootstrap writes to them.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/crypto/public_key.hpp"
#include "lwm2m/bootstrap_file.hpp"
#include "lwm2m/transport/dtls_server.hpp"

namespace uicclab::lwm2m::server {

struct Account {
  std::string endpoint;
  SecurityMode mode = SecurityMode::kNoSec;
  Bytes identity;           ///< PSK identity; public key, whole or its x coordinate; certificate: the client's, pinned, or a CA's
  crypto::SecretBytes psk;  ///< of mode PSK
  Value bootstrap;          ///< what a bootstrap writes, as EF_LWM2M_Bootstrap holds it; empty: no bootstrap
};

class Accounts {
 public:
  virtual ~Accounts() = default;
  /// Each may throw SystemError: a database that cannot be read.
  virtual std::optional<Account> find(const std::string& endpoint) = 0;
  virtual std::optional<Account> find_by_identity(SecurityMode mode, BytesView identity) = 0;
  /// Of raw public keys: by the x coordinate, which both forms have.
  virtual std::optional<Account> find_by_public_key(const crypto::PublicKey& key) = 0;
  /// Another number whenever a credential may have been replaced.
  virtual std::uint64_t generation() = 0;
};

/// The account that a handshake proves. Errors: kRefused with the reason: nobody's key, one that was replaced since, a certificate without
/// the endpoint name as its common name, not the pinned one, not signed by the CA, expired.
Result<Account> account_of(Accounts& accounts, const PeerProof& proof, std::chrono::sys_seconds now);

/// May this peer speak for that endpoint? `open`: NoSec peers without an account may. Errors: kRefused.
Result<void> check_endpoint(Accounts& accounts, const std::string& endpoint, const PeerProof& proof, bool open,
                            std::chrono::sys_seconds now);

/// The callbacks of the DTLS server. If the accounts throw, no client is known.
class DtlsAccounts final : public PeerAccounts {
 public:
  explicit DtlsAccounts(Accounts& accounts) : m_accounts(accounts) {}
  std::optional<crypto::SecretBytes> psk(BytesView identity) override;
  Result<void> judge(const PeerProof& proof) override;
  std::uint64_t generation() override;

 private:
  Accounts& m_accounts;
  std::uint64_t m_failures = 0;
};

}  // namespace uicclab::lwm2m::server
