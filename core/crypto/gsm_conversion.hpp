// SPDX-License-Identifier: Apache-2.0
// SRES and Kc from an algorithm of the third generation: conversion functions c2 and c3 of 3GPP TS 33.102 clause 6.8.1.2,
// and GSM-Milenage of 3GPP TS 55.205.
#pragma once

#include "core/crypto/gsm_algorithm.hpp"

namespace uicclab::crypto {

/// How SRES comes from RES (TS 55.205 clause 4).
enum class SresMethod {
  kC2,        ///< SRES derivation function #1, which is c2: the four words of RES, padded with zeros to 16 bytes, xored
  kTruncated  ///< SRES derivation function #2: the first four bytes of RES
};

Sres sres_of(BytesView res, SresMethod method = SresMethod::kC2);

/// c3: the xor of all 64-bit parts of CK and IK.
SecretBytes kc_of(const SecretBytes& ck, const SecretBytes& ik);

/// Both, from existing keys: what AUTHENTICATE returns in addition to CK and IK (3GPP TS 31.102 clause 7.1.2.1, service 27).
GsmAnswer convert(const F2345& keys, SresMethod method = SresMethod::kC2);

/// The GSM context of a USIM: f2 to f5 and the conversion. Borrows the algorithm.
class ConvertedGsm final : public GsmAlgorithm {
 public:
  explicit ConvertedGsm(AuthAlgorithm& algorithm, SresMethod method = SresMethod::kC2) : m_algorithm(algorithm), m_method(method) {}
  GsmAnswer a3a8(const Rand& rand) override { return convert(m_algorithm.f2345(rand), m_method); }

 private:
  AuthAlgorithm& m_algorithm;
  SresMethod m_method;
};

}  // namespace uicclab::crypto
