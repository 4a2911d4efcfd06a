// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/keccak.hpp"

#include <bit>
#include <cstddef>
#include <utility>

namespace uicclab::crypto {
namespace {

/// The round constants from the shift register x^8 + x^6 + x^5 + x^4 + 1 (FIPS 202 clause 3.2.5, algorithm 5).
consteval std::array<std::uint64_t, 24> round_constants() {
  std::array<std::uint64_t, 24> constants{};
  unsigned state = 1;
  for (std::uint64_t& constant : constants) {
    for (unsigned j = 0; j < 7; ++j) {
      if ((state & 1U) != 0) constant |= std::uint64_t{1} << ((1U << j) - 1);
      state = (state << 1) ^ ((state & 0x80U) != 0 ? 0x171U : 0U);
    }
  }
  return constants;
}
constexpr auto kRoundConstants = round_constants();
static_assert(kRoundConstants[0] == 1 && kRoundConstants[23] == 0x8000000080008008, "FIPS 202, as printed in every implementer's guide");

/// Where rho and pi take each lane: the walk of clause 3.2.2, (x, y) -> (y, 2x + 3y), with rotations 1, 3, 6, 10 ...
struct Step {
  std::size_t lane;
  int rotation;
};
consteval std::array<Step, 24> rho_pi_walk() {
  std::array<Step, 24> walk{};
  std::size_t x = 1;
  std::size_t y = 0;
  for (std::size_t t = 0; t < walk.size(); ++t) {
    const std::size_t next_y = (2 * x + 3 * y) % 5;
    x = y;
    y = next_y;
    walk[t] = {5 * y + x, static_cast<int>((t + 1) * (t + 2) / 2 % 64)};
  }
  return walk;
}
constexpr auto kWalk = rho_pi_walk();

}  // namespace

void keccak_f1600(KeccakState& a) {
  for (const std::uint64_t constant : kRoundConstants) {
    std::array<std::uint64_t, 5> column{};  // theta
    for (std::size_t x = 0; x < 5; ++x) column[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
    for (std::size_t x = 0; x < 5; ++x) {
      const std::uint64_t d = column[(x + 4) % 5] ^ std::rotl(column[(x + 1) % 5], 1);
      for (std::size_t y = 0; y < 25; y += 5) a[y + x] ^= d;
    }
    std::uint64_t moved = a[1];  // rho and pi, written out by the compiler so that each rotation is a constant
    [&]<std::size_t... t>(std::index_sequence<t...>) {
      ((moved = std::exchange(a[kWalk[t].lane], std::rotl(moved, kWalk[t].rotation))), ...);
    }
    (std::make_index_sequence<kWalk.size()>());
    for (std::size_t y = 0; y < 25; y += 5) {  // chi
      const std::array<std::uint64_t, 5> row{a[y], a[y + 1], a[y + 2], a[y + 3], a[y + 4]};
      for (std::size_t x = 0; x < 5; ++x) a[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
    }
    a[0] ^= constant;  // iota
  }
}

}  // namespace uicclab::crypto
