// SPDX-License-Identifier: Apache-2.0
// The interface of the algorithm of a SIM, or of a USIM's GSM context: A3 and A8 in one (3GPP TS 43.020 annex C).
#pragma once

#include <array>

#include "core/crypto/auth_algorithm.hpp"

namespace uicclab::crypto {

using Sres = std::array<std::uint8_t, 4>;

/// SRES and Kc, which has 8 bytes.
struct GsmAnswer {
  Sres sres{};
  SecretBytes kc;
};

/// A3/A8 with one subscriber's key. Not thread-safe.
class GsmAlgorithm {
 public:
  virtual ~GsmAlgorithm() = default;
  virtual GsmAnswer a3a8(const Rand& rand) = 0;

 protected:
  GsmAlgorithm() = default;
  GsmAlgorithm(GsmAlgorithm&&) = default;
  GsmAlgorithm& operator=(GsmAlgorithm&&) = default;
};

}  // namespace uicclab::crypto
