// SPDX-License-Identifier: Apache-2.0
// TUAK: 3GPP TS 35.231 (TS 35.232 and 35.233 for test data).
#pragma once

#include "core/crypto/auth_algorithm.hpp"
#include "core/crypto/keccak.hpp"

namespace uicclab::crypto {

/// The lengths in bytes and the strength that an operator chooses (TS 35.231 clause 6.1).
struct TuakParameters {
  std::size_t mac_size = 8;  ///< 8, 16 or 32
  std::size_t res_size = 8;  ///< 4, 8, 16 or 32
  std::size_t ck_size = 16;  ///< 16 or 32
  std::size_t ik_size = 16;  ///< 16 or 32
  unsigned iterations = 1;   ///< of Keccak-f[1600], 1 to 255
};

/// TUAK with one subscriber's key. answer() costs two permutations.
class Tuak final : public AuthAlgorithm {
 public:
  static constexpr std::size_t kTopSize = 32;

  /// K has 16 or 32 bytes, TOPc 32. Errors: kRange for another length or parameter.
  static Result<Tuak> from(const SecretBytes& k, const SecretBytes& topc, const TuakParameters& parameters = {});

  /// TOPc of TOP, 32 bytes (TS 35.231 clause 6.2). Errors: as from().
  static Result<SecretBytes> topc_from_top(const SecretBytes& k, const SecretBytes& top, unsigned iterations = 1);

  F2345 f2345(const Rand& rand) override;
  Mac f1(const Rand& rand, const Sqn& sqn, const Amf& amf) override;
  Mac f1star(const Rand& rand, const Sqn& sqn, const Amf& amf) override;
  Ak f5star(const Rand& rand) override;

 private:
  Tuak(SecretBytes k, SecretBytes topc, const TuakParameters& parameters);

  SecretBytes m_k;
  SecretBytes m_topc;
  TuakParameters m_parameters;
};

}  // namespace uicclab::crypto
