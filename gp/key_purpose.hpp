// SPDX-License-Identifier: Apache-2.0
// What key versions are for, where GP clause 7.5.2 and the UICC Configuration say so.
#pragma once

#include <algorithm>
#include <array>

#include "gp/key.hpp"

namespace uicclab::gp {

/// The key, of identifier 1, that verifies the DAPs of load files.
inline constexpr KeyVersion kDapKeyVersion{0x73};

/// That of tokens, which some cards open sessions with.
inline constexpr KeyVersion kTokenKeyVersion{0x70};

/// Not those for DAPs (11 of toolkit parameters, 73 of load files), tokens (70) and receipts (71).
constexpr bool opens_sessions(KeyVersion version) {
  constexpr std::array<std::uint8_t, 4> kOtherPurposes{0x11, kTokenKeyVersion.value, 0x71, kDapKeyVersion.value};
  return std::ranges::find(kOtherPurposes, version.value) == kOtherPurposes.end();
}

/// Which versions open sessions on one card.
struct SessionVersions {
  bool token_version = false;  ///< 70 too

  constexpr bool operator()(KeyVersion version) const { return opens_sessions(version) || (token_version && version == kTokenKeyVersion); }
};

}  // namespace uicclab::gp
