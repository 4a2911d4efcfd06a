// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/random.hpp"

#include <algorithm>

#include <openssl/rand.h>

#include "core/crypto/error.hpp"

namespace uicclab::crypto {

void SystemRandom::fill(std::span<std::uint8_t> out) {
  constexpr std::size_t kAtOnce = 1U << 30;  // RAND_bytes counts in int
  while (!out.empty()) {
    const std::size_t size = std::min(out.size(), kAtOnce);
    if (RAND_bytes(out.data(), static_cast<int>(size)) != 1) throw_openssl_error("RAND_bytes");
    out = out.subspan(size);
  }
}

}  // namespace uicclab::crypto
