// SPDX-License-Identifier: Apache-2.0
// The random source for everything that is not a test: OpenSSL's CTR-DRBG (NIST SP 800-90A), seeded by the operating system.
#pragma once

#include "core/environment.hpp"

namespace uicclab::crypto {

/// RAND_bytes. Throws CryptoError if the system gives no entropy.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

}  // namespace uicclab::crypto
