// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/transport/server_trust.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <openssl/evp.h>

#include "core/crypto/certificate.hpp"
#include "core/crypto/certificate_chain.hpp"
#include "core/crypto/error.hpp"
#include "lwm2m/server_uri.hpp"

namespace uicclab::lwm2m {
namespace {

using Usage = ServerTrust::Usage;

constexpr int kMinKeyBits = 256;  // clause 7.1.3

bool matches(BytesView certificate, const ServerTrust& trust) {
  if (trust.matching == 0) return equal(certificate, trust.stored);
  const EVP_MD* hash = trust.matching == 1 ? EVP_sha256() : trust.matching == 2 ? EVP_sha384() : EVP_sha512();
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(certificate.data(), certificate.size(), digest.data(), &size, hash, nullptr) != 1) {
    crypto::throw_openssl_error("EVP_Digest");
  }
  return equal(BytesView(digest).first(size), trust.stored);
}

Result<void> check_names(const crypto::CertificateFacts& server, const std::string& host) {
  const Bytes address = address_of(host);
  const auto covers = [&host](const std::string& name) { return name_covers(name, host); };
  const bool named = address.empty()
                         ? std::ranges::any_of(server.dns_names, covers) || (server.dns_names.empty() && covers(server.common_name))
                         : std::ranges::find(server.ip_addresses, address) != server.ip_addresses.end();
  if (named) return {};
  return fail(ErrorCode::kRefused, "the server's certificate does not name " + host);
}

Result<void> check_strength(const crypto::CertificateFacts& one, const std::string& whose) {
  if (one.weak_signature) return fail(ErrorCode::kRefused, "a certificate of the " + whose + " is signed with " + one.signature_hash);
  if (one.key.bits() < kMinKeyBits) {
    return fail(ErrorCode::kRefused, "a certificate of the " + whose + " has a key of " + std::to_string(one.key.bits()) + " bits");
  }
  return {};
}

Result<void> check_chain(const std::vector<Bytes>& chain, const Bytes& anchor, std::chrono::sys_seconds now,
                         crypto::CertificatePurpose purpose, const std::string& whose) {
  const auto good = crypto::verify_chain(chain, {&anchor, 1}, now, purpose);
  if (good || good.error().code != ErrorCode::kRefused) return good;
  return fail(ErrorCode::kRefused, "the " + whose + "'s certificate is not trusted: " + good.error().text);
}

/// The certificate of the chain that resource 4 names as the anchor, or what is stored itself.
Result<Bytes> find_anchor(const std::vector<Bytes>& chain, const ServerTrust& trust) {
  if (trust.matching == 0) return trust.stored;
  for (const Bytes& one : chain) {
    if (matches(one, trust)) return one;
  }
  return fail(ErrorCode::kRefused, "the server did not send the CA certificate whose hash is stored");
}

}  // namespace

Result<void> check_server(const std::vector<Bytes>& chain, const ServerTrust& trust) {
  if (chain.empty()) return fail(ErrorCode::kRefused, "the server sent no certificate");
  if (trust.matching > 3) return fail(ErrorCode::kUnsupported, "matching type " + std::to_string(trust.matching));
  Usage usage = Usage::kDomainIssued;
  if (trust.usage) {
    usage = *trust.usage;
  } else if (trust.matching == 0) {
    const auto stored = crypto::read_certificate(trust.stored);
    if (!stored) return fail(ErrorCode::kMalformed, "the stored certificate: " + stored.error().text);
    if (stored->is_ca) usage = Usage::kTrustAnchor;
  }
  if (usage != Usage::kTrustAnchor && usage != Usage::kDomainIssued) {
    return fail(ErrorCode::kUnsupported, "certificate usage 0 and 1 need a store of public CAs, which this device does not have");
  }
  std::optional<crypto::CertificateFacts> server;
  for (const Bytes& one : chain) {
    auto facts = crypto::read_certificate(one);
    if (!facts) return fail(ErrorCode::kMalformed, "a certificate of the server: " + facts.error().text);
    if (const auto strong = check_strength(*facts, "server"); !strong) return strong;
    if (!server) server = *std::move(facts);
  }
  if (const auto named = check_names(*server, trust.host); !named) return named;
  if (usage == Usage::kDomainIssued) {
    if (!matches(chain[0], trust)) return fail(ErrorCode::kRefused, "the server's certificate is not the one that is stored");
    if (trust.now && (*trust.now < server->not_before || *trust.now > server->not_after)) {
      return fail(ErrorCode::kRefused, "the server's certificate is not valid at this time");
    }
    return {};
  }
  if (!trust.now) return fail(ErrorCode::kRefused, "checking a certificate signed by a CA needs at least a date, and the device has none");
  const auto anchor = find_anchor(chain, trust);
  if (!anchor) return tl::unexpected(anchor.error());
  return check_chain(chain, *anchor, *trust.now, crypto::CertificatePurpose::kServer, "server");
}

Result<void> check_client(const std::vector<Bytes>& chain, BytesView stored, std::chrono::sys_seconds now) {
  if (chain.empty()) return fail(ErrorCode::kRefused, "the client sent no certificate");
  const auto known = crypto::read_certificate(stored);
  if (!known) return fail(ErrorCode::kMalformed, "the stored certificate: " + known.error().text);
  for (const Bytes& one : chain) {
    const auto facts = crypto::read_certificate(one);
    if (!facts) return fail(ErrorCode::kMalformed, "a certificate of the client: " + facts.error().text);
    if (const auto strong = check_strength(*facts, "client"); !strong) return strong;
    if (now < facts->not_before || now > facts->not_after) {
      return fail(ErrorCode::kRefused, "a certificate of the client is not valid at this time");
    }
  }
  if (equal(chain[0], stored)) return {};
  if (!known->is_ca) return fail(ErrorCode::kRefused, "the client's certificate is not the one that is stored");
  return check_chain(chain, to_bytes(stored), now, crypto::CertificatePurpose::kClient, "client");
}

}  // namespace uicclab::lwm2m
