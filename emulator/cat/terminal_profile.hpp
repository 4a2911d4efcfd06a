// SPDX-License-Identifier: Apache-2.0
// The facilities of a terminal: ETSI TS 102 223 clause 5.2.
#pragma once

#include "core/bytes.hpp"

namespace uicclab::emulator {

/// A bit of TERMINAL PROFILE: byte and bit from 1, as the clause counts.
struct Facility {
  std::uint8_t byte = 0;
  std::uint8_t bit = 0;
};

namespace facility {
inline constexpr Facility kPollInterval{3, 6};
inline constexpr Facility kPollingOff{3, 7};
inline constexpr Facility kSetUpMenu{4, 6};
inline constexpr Facility kSetUpEventList{5, 1};
}  // namespace facility

constexpr bool has(BytesView profile, Facility wanted) {
  return wanted.byte <= profile.size() && ((profile[wanted.byte - 1U] >> (wanted.bit - 1U)) & 1) != 0;
}

}  // namespace uicclab::emulator
