// SPDX-License-Identifier: Apache-2.0
// The permutation Keccak-f[1600]: FIPS 202 clause 3. OpenSSL has hashes made of it, but not the permutation itself.
#pragma once

#include <array>
#include <cstdint>

namespace uicclab::crypto {

/// 25 lanes of 64 bits; lane (x, y) of FIPS 202 clause 3.1.2 is [5 * y + x], its byte 0 the least significant.
using KeccakState = std::array<std::uint64_t, 25>;

/// All 24 rounds, in place.
void keccak_f1600(KeccakState& lanes);

}  // namespace uicclab::crypto
