// SPDX-License-Identifier: Apache-2.0
#include "core/environment.hpp"

namespace uicclab {

std::chrono::milliseconds SystemClock::now() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
}

std::uint64_t SeededRandom::next() {
  // SplitMix64 (Steele, Lea, Flood 2014): any seed will do, every state is reached once.
  std::uint64_t z = (m_state += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

void SeededRandom::fill(std::span<std::uint8_t> out) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i % 8 == 0) word = next();
    out[i] = static_cast<std::uint8_t>(word);
    word >>= 8;
  }
}

}  // namespace uicclab
