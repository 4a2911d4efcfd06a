// SPDX-License-Identifier: Apache-2.0
// The algorithms of test cards, xor instead of cryptography: XOR-3G, 3GPP TS 34.108 clause 8.1.2; XOR-2G, 3GPP TS 51.010-1 clause A4.1.2.
#pragma once

#include "core/crypto/auth_algorithm.hpp"
#include "core/crypto/gsm_algorithm.hpp"

namespace uicclab::crypto {

/// The test USIM's algorithm. It protects nothing.
class XorAuth final : public AuthAlgorithm {
 public:
  /// RES has 4 to 16 bytes. Errors: kRange for another length of it or of K, which has 16.
  static Result<XorAuth> from(const SecretBytes& k, std::size_t res_size = 16);

  F2345 f2345(const Rand& rand) override;
  Mac f1(const Rand& rand, const Sqn& sqn, const Amf& amf) override;
  /// The same as f1 (TS 34.108 clause 8.1.2.2).
  Mac f1star(const Rand& rand, const Sqn& sqn, const Amf& amf) override { return f1(rand, sqn, amf); }
  /// The same as f5.
  Ak f5star(const Rand& rand) override { return f2345(rand).ak; }

 private:
  XorAuth(SecretBytes k, std::size_t res_size) : m_k(std::move(k)), m_res_size(res_size) {}

  SecretBytes m_k;
  std::size_t m_res_size;
};

/// The test SIM's algorithm: SRES is the first four bytes of Ki xor RAND, Kc the next eight.
class XorGsm final : public GsmAlgorithm {
 public:
  /// Errors: kRange if Ki does not have 16 bytes.
  static Result<XorGsm> from(const SecretBytes& ki);
  GsmAnswer a3a8(const Rand& rand) override;

 private:
  explicit XorGsm(SecretBytes ki) : m_ki(std::move(ki)) {}
  SecretBytes m_ki;
};

}  // namespace uicclab::crypto
