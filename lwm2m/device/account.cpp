// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/device/account.hpp"

#include <algorithm>

#include "core/crypto/certificate.hpp"
#include "lwm2m/cipher_suites.hpp"
#include "lwm2m/raw_key.hpp"
#include "lwm2m/validation.hpp"

namespace uicclab::lwm2m::device {
namespace {

std::string text_of(BytesView value) {
  return {value.begin(), value.end()};
}

std::optional<std::uint64_t> number_of(const ObjectInstance& instance, std::uint16_t resource) {
  const auto value = instance.value(resource);
  if (!value) return std::nullopt;
  const auto number = decode_integer(*value);
  return number && *number >= 0 ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
}

bool is_bootstrap(const ObjectInstance& security) {
  const auto value = security.value(security::kBootstrap);
  return value && decode_boolean(*value).value_or(false);
}

void take_server(const BootstrapFile& file, Account& account) {
  const BootstrapObject* servers = file.find(kServerObject);
  if (servers == nullptr) return;
  for (const ObjectInstance& one : servers->instances) {
    if (number_of(one, server::kShortServerId) != account.short_id) continue;
    account.lifetime = std::chrono::seconds(number_of(one, server::kLifetime).value_or(86400));
    if (const auto binding = one.value(server::kBinding)) account.binding = text_of(*binding);
    return;
  }
}

Result<Account> account_of(const BootstrapFile& file, const ObjectInstance& security) {
  Account out;
  out.security = security;
  const auto uri = security.value(security::kUri);
  if (!uri) return fail(ErrorCode::kMalformed, "the account has no server URI");
  auto parsed = parse_server_uri(text_of(*uri));
  if (!parsed) return tl::unexpected(parsed.error());
  out.uri = *std::move(parsed);
  if (out.uri.scheme != "coap" && out.uri.scheme != "coaps") {
    return fail(ErrorCode::kUnsupported, "the scheme " + out.uri.scheme + " is not one of UDP");
  }
  const auto mode = number_of(security, security::kMode);
  if (!mode || *mode > static_cast<std::uint64_t>(SecurityMode::kEst))
    return fail(ErrorCode::kMalformed, "the account has no security mode");
  out.mode = static_cast<SecurityMode>(*mode);
  if (out.uri.secure() == (out.mode == SecurityMode::kNoSec)) {
    return fail(ErrorCode::kRefused, "the scheme " + out.uri.scheme + " does not fit the security mode");
  }
  out.bootstrap = is_bootstrap(security);
  out.short_id = static_cast<std::uint16_t>(number_of(security, security::kShortServerId).value_or(0));
  out.hold_off = std::chrono::seconds(number_of(security, security::kHoldOff).value_or(0));
  take_server(file, out);
  return out;
}

Result<SuiteKind> kind_of(const Account& account) {
  switch (account.mode) {
    case SecurityMode::kPsk:
      return SuiteKind::kPsk;
    case SecurityMode::kRawPublicKey:
    case SecurityMode::kCertificate:
      return SuiteKind::kEcdheEcdsa;
    case SecurityMode::kEst:
      return fail(ErrorCode::kUnsupported, "certificates by EST (security mode 4) are not supported");
    case SecurityMode::kNoSec:
      break;
  }
  return fail(ErrorCode::kRefused, "security mode NoSec has no DTLS");
}

bool has_weak_secret(const Account& account) {
  const auto secret = account.security.value(security::kSecretKey);
  return account.mode == SecurityMode::kPsk && secret && is_low_entropy(*secret);
}

/// Clause 7.1.2 of UDP channel CR: both ends store the other's key; key pairs differ.
Result<void> set_raw_keys(const Account& account, BytesView secret, DtlsOptions& out) {
  const auto pair = read_raw_private_key(secret);
  if (!pair) return tl::unexpected(pair.error());
  const auto server_key = account.security.value(security::kServerKey);
  if (!server_key || server_key->empty()) return fail(ErrorCode::kMalformed, "the account has no server public key");
  if (const auto readable = read_raw_public_key(*server_key); !readable) return tl::unexpected(readable.error());
  if (same_raw_key(*server_key, pair->public_key())) {
    return fail(ErrorCode::kRefused, "client and server have the same key pair");
  }
  out.public_key = pair->public_key().der();
  out.private_key = pair->der();
  out.server_public_key = to_bytes(*server_key);
  return {};
}

}  // namespace

Result<Account> find_account(const BootstrapFile& file, std::optional<std::uint16_t> short_id, bool bootstrap) {
  const BootstrapObject* securities = file.find(kSecurityObject);
  if (securities != nullptr) {
    for (const ObjectInstance& one : securities->instances) {
      if (is_bootstrap(one) != bootstrap) continue;
      if (short_id && number_of(one, security::kShortServerId) != *short_id) continue;
      return account_of(file, one);
    }
  }
  return fail(ErrorCode::kNotFound, bootstrap  ? "the card has no account of a bootstrap server"
                                    : short_id ? "the card has no account of the server " + std::to_string(*short_id)
                                               : "the card has no account of a server");
}

Result<std::vector<std::uint16_t>> proposed_suites(const Account& account) {
  const auto kind = kind_of(account);
  if (!kind) return tl::unexpected(kind.error());
  const bool weak = has_weak_secret(account);
  const auto fits = [&](const CipherSuite& suite) {
    if (suite.sha1) return false;
    if (*kind == SuiteKind::kEcdheEcdsa) return suite.kind == *kind;
    return suite.kind == SuiteKind::kEcdhePsk || (suite.kind == SuiteKind::kPsk && !weak);
  };
  std::vector<std::uint16_t> wanted{0xC0A8, 0x00AE, 0xC037, 0xC0AE, 0xC023};
  if (const Resource* resource = account.security.find(security::kCiphersuite)) {
    wanted.clear();
    for (const ResourceInstance& one : resource->instances) {
      if (const auto id = decode_unsigned(one.value); id && *id <= 0xFFFF) wanted.push_back(static_cast<std::uint16_t>(*id));
    }
  }
  std::erase_if(wanted, [&](std::uint16_t id) {
    const CipherSuite* suite = find_cipher_suite(id);
    return suite == nullptr || !fits(*suite);
  });
  if (wanted.empty()) {
    return fail(ErrorCode::kRefused, weak ? "none of the account's cipher suites is allowed for a guessable secret"
                                          : "none of the account's cipher suites may be used");
  }
  return wanted;
}

Result<DtlsOptions> dtls_options(const Account& account, std::optional<std::chrono::sys_seconds> now) {
  auto suites = proposed_suites(account);
  if (!suites) return tl::unexpected(suites.error());
  DtlsOptions out;
  out.suites = *std::move(suites);
  const auto identity = account.security.value(security::kIdentity);
  const auto secret = account.security.value(security::kSecretKey);
  if (!identity || identity->empty() || !secret || secret->empty())
    return fail(ErrorCode::kMalformed, "the account has no identity or no key");
  // RFC 7925 clause 13: the server's name, if it has one.
  const auto sni = account.security.value(security::kSni);
  out.server_name = sni ? text_of(*sni) : address_of(account.uri.host).empty() ? account.uri.host : "";
  if (account.mode == SecurityMode::kPsk) {
    auto psk = crypto::SecretBytes::from(*secret);
    if (!psk) return fail(ErrorCode::kRange, "a pre-shared key over 64 bytes");
    out.psk = *std::move(psk);
    out.psk_identity = text_of(*identity);
    return out;
  }
  if (account.mode == SecurityMode::kRawPublicKey) {
    const auto set = set_raw_keys(account, *secret, out);
    if (!set) return tl::unexpected(set.error());
    return out;
  }
  out.certificate = to_bytes(*identity);
  out.private_key = crypto::to_wiped(*secret);
  ServerTrust trust;
  trust.stored = to_bytes(account.security.value(security::kServerKey).value_or(BytesView()));
  trust.matching = static_cast<std::uint8_t>(number_of(account.security, security::kMatchingType).value_or(0));
  const auto usage = number_of(account.security, security::kCertificateUsage);
  if (usage && *usage <= 3) trust.usage = static_cast<ServerTrust::Usage>(*usage);
  trust.host = account.uri.host;
  trust.now = now;
  out.trust = std::move(trust);
  if (sni) out.trust->host = out.server_name;
  return out;
}

Result<void> check_endpoint(const Account& account, const std::string& endpoint) {
  constexpr std::size_t kLongest = 252;  // "ep=" and the name share an option of 255 bytes (RFC 7252 table 4)
  if (endpoint.empty() || endpoint.size() > kLongest) {
    return fail(ErrorCode::kRange, "an endpoint name of " + std::to_string(endpoint.size()) + " bytes, must be 1 to 252");
  }
  if (account.mode != SecurityMode::kCertificate) return {};
  const std::string name = default_endpoint(account);
  if (name == endpoint) return {};
  return fail(ErrorCode::kRefused, "the endpoint name is " + endpoint + ", the certificate's common name " + name +
                                       ": the server must refuse that (LwM2M 1.0 clause 7.1.9)");
}

std::string default_endpoint(const Account& account) {
  const auto identity = account.security.value(security::kIdentity);
  if (!identity) return {};
  if (account.mode == SecurityMode::kPsk) return text_of(*identity);
  const auto certificate =
      account.mode == SecurityMode::kCertificate ? crypto::read_certificate(*identity) : fail(ErrorCode::kNotFound, "");
  return certificate ? certificate->common_name : std::string();
}

}  // namespace uicclab::lwm2m::device
