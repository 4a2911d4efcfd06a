// SPDX-License-Identifier: Apache-2.0
// The cipher suites of the LwM2M transport binding: OMA-TS-LightweightM2M 1.0 clause 7.1; IANA TLS registry.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace uicclab::lwm2m {

/// What a suite proves the peers with.
enum class SuiteKind {
  kPsk,        ///< the key itself: needs one that cannot be guessed
  kEcdhePsk,   ///< with a key agreement: also for low-entropy secrets
  kEcdheEcdsa  ///< raw public keys and certificates
};

struct CipherSuite {
  std::uint16_t id;
  std::string_view name;  ///< of IANA
  SuiteKind kind;
  std::uint8_t key_size;  ///< bytes of the cipher's key
  bool sha1;              ///< its HMAC is SHA-1: refused in LwM2M
};

/// Known ones, also those that are only known to be refused.
std::span<const CipherSuite> cipher_suites();
/// Nothing if it is not known.
const CipherSuite* find_cipher_suite(std::uint64_t id);

}  // namespace uicclab::lwm2m
