// SPDX-License-Identifier: Apache-2.0
// COMP128 versions 1, 2 and 3, the A3/A8 of old SIMs: no published specification (GSM Association, confidential; reverse-engineered
// since 1998). Version 1 is broken; all three are here because cards in use have them.
#pragma once

#include "core/crypto/gsm_algorithm.hpp"

namespace uicclab::crypto {

/// Version 1 and 2 give a Kc of 54 bits, its last ten are zeros; version 3 gives all 64.
enum class Comp128Version { k1 = 1, k2, k3 };

class Comp128 final : public GsmAlgorithm {
 public:
  /// Errors: kRange if Ki does not have 16 bytes.
  static Result<Comp128> from(Comp128Version version, const SecretBytes& ki);
  GsmAnswer a3a8(const Rand& rand) override;

 private:
  Comp128(Comp128Version version, SecretBytes ki) : m_version(version), m_ki(std::move(ki)) {}

  Comp128Version m_version;
  SecretBytes m_ki;
};

}  // namespace uicclab::crypto
