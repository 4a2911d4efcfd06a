// SPDX-License-Identifier: Apache-2.0
#include "mcim/certificate.hpp"

#include <array>
#include <cstdio>

#include "core/crypto/certificate.hpp"
#include "core/crypto/certificate_chain.hpp"

namespace uicclab::mcim {
namespace {

constexpr int kLeastRsaBits = 2048;
constexpr int kLeastEcBits = 256;

/// "2026-11-30 21:05:09 UTC"
std::string text_of(std::chrono::sys_seconds time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02d:%02d:%02d UTC", int{date.year()}, unsigned{date.month()},
                unsigned{date.day()}, static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

tl::unexpected<Error> refused(std::string text) {
  return fail(ErrorCode::kRefused, std::move(text));
}

}  // namespace

Result<void> check_key(const crypto::PublicKey& key) {
  using crypto::KeyKind;
  const bool rsa = key.kind() == KeyKind::kRsa;
  if (rsa || key.kind() == KeyKind::kP256 || key.kind() == KeyKind::kOtherEc) {
    const int least = rsa ? kLeastRsaBits : kLeastEcBits;
    if (key.bits() < least) {
      return refused("weak key: " + std::string(rsa ? "RSA" : "EC") + " with " + std::to_string(key.bits()) + " bits, must have at least " +
                     std::to_string(least));
    }
    if (key.kind() != KeyKind::kOtherEc) return {};
  }
  return fail(ErrorCode::kUnsupported, "a device's key is RSA or on P-256");
}

Result<crypto::PublicKey> check_certificate(std::span<const Bytes> chain, std::span<const Bytes> anchors, std::chrono::sys_seconds now) {
  if (chain.empty()) return fail(ErrorCode::kMalformed, "no certificate");
  auto facts = crypto::read_certificate(chain.front());
  if (!facts) return tl::unexpected(facts.error());
  if (const auto strong = check_key(facts->key); !strong) return tl::unexpected(strong.error());
  const bool rsa = facts->key.kind() == crypto::KeyKind::kRsa;
  if (rsa ? !facts->enciphers_keys : !facts->agrees_keys) {
    return refused(std::string("the certificate is not for encryption: its key usage must include ") +
                   (rsa ? "keyEncipherment" : "keyAgreement") + " (RFC 5280 clause 4.2.1.3)");
  }
  if (now < facts->not_before) return refused("the certificate is not valid before " + text_of(facts->not_before));
  if (now > facts->not_after) return refused("the certificate expired at " + text_of(facts->not_after));
  if (facts->weak_signature) return refused("the certificate is signed with " + facts->signature_hash);
  if (!anchors.empty()) {
    const auto good = crypto::verify_chain(chain, anchors, now, crypto::CertificatePurpose::kAny);
    if (!good && good.error().code != ErrorCode::kRefused) return tl::unexpected(good.error());
    if (!good) return refused("no chain of signatures from the certificate to a given CA (" + good.error().text + ")");
  }
  return std::move(facts->key);
}

}  // namespace uicclab::mcim
