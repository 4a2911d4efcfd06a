// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/server/accounts.hpp"

#include "core/crypto/certificate.hpp"
#include "lwm2m/raw_key.hpp"
#include "lwm2m/transport/server_trust.hpp"

namespace uicclab::lwm2m::server {
namespace {

std::chrono::sys_seconds system_now() {
  return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
}

Result<Account> of_certificate(Accounts& accounts, const PeerProof& proof, std::chrono::sys_seconds now) {
  if (proof.certificates.empty()) return fail(ErrorCode::kRefused, "no client certificate");
  const auto facts = crypto::read_certificate(proof.certificates[0]);
  if (!facts) return fail(ErrorCode::kRefused, "the client's certificate: " + facts.error().text);
  if (facts->common_name.empty()) return fail(ErrorCode::kRefused, "the client's certificate has no common name");
  auto account = accounts.find(facts->common_name);
  if (!account || account->mode != SecurityMode::kCertificate) {
    return fail(ErrorCode::kRefused, "no account with certificates is named " + facts->common_name);
  }
  if (const auto good = check_client(proof.certificates, account->identity, now); !good) return tl::unexpected(good.error());
  return *std::move(account);
}

}  // namespace

Result<Account> account_of(Accounts& accounts, const PeerProof& proof, std::chrono::sys_seconds now) {
  std::optional<Account> found;
  switch (proof.mode) {
    case SecurityMode::kPsk:
      found = accounts.find_by_identity(SecurityMode::kPsk, proof.psk_identity);
      if (!found) return fail(ErrorCode::kRefused, "unknown PSK identity");
      if (proof.psk_digest != psk_digest(found->psk)) {
        return fail(ErrorCode::kRefused, "the pre-shared key of " + found->endpoint + " was replaced after the handshake");
      }
      return *std::move(found);
    case SecurityMode::kRawPublicKey: {
      const auto key = crypto::PublicKey::from_der(proof.public_key);
      if (!key) return fail(ErrorCode::kRefused, "a raw public key that cannot be read");
      found = accounts.find_by_public_key(*key);
      if (!found || !same_raw_key(found->identity, *key)) return fail(ErrorCode::kRefused, "no account has this raw public key");
      return *std::move(found);
    }
    case SecurityMode::kCertificate:
      return of_certificate(accounts, proof, now);
    case SecurityMode::kNoSec:
    case SecurityMode::kEst:
      break;
  }
  return fail(ErrorCode::kRefused, "nothing was proved");
}

Result<void> check_endpoint(Accounts& accounts, const std::string& endpoint, const PeerProof& proof, bool open,
                            std::chrono::sys_seconds now) {
  if (proof.mode == SecurityMode::kNoSec) {
    const auto account = accounts.find(endpoint);
    if (!account) return open ? Result<void>() : fail(ErrorCode::kRefused, "no account is named " + endpoint);
    if (account->mode == SecurityMode::kNoSec) return {};
    return fail(ErrorCode::kRefused, "the account " + endpoint + " needs DTLS");
  }
  const auto account = account_of(accounts, proof, now);
  if (!account) return tl::unexpected(account.error());
  if (account->endpoint == endpoint) return {};
  return fail(ErrorCode::kRefused, "the credentials are those of " + account->endpoint + ", the endpoint name is " + endpoint);
}

std::optional<crypto::SecretBytes> DtlsAccounts::psk(BytesView identity) {
  try {
    auto account = m_accounts.find_by_identity(SecurityMode::kPsk, identity);
    if (!account) return std::nullopt;
    return std::move(account->psk);
  } catch (const SystemError&) {
    return std::nullopt;
  }
}

Result<void> DtlsAccounts::judge(const PeerProof& proof) {
  try {
    return account_of(m_accounts, proof, system_now()).map([](const Account&) {});
  } catch (const SystemError& error) {
    return fail(ErrorCode::kIo, std::string("the accounts: ") + error.what());
  }
}

std::uint64_t DtlsAccounts::generation() {
  try {
    return m_accounts.generation();
  } catch (const SystemError&) {
    return ~++m_failures;
  }
}

}  // namespace uicclab::lwm2m::server
