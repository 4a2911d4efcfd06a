// SPDX-License-Identifier: Apache-2.0
// Life cycle states of the card, of applications and of security domains: GP clauses 5.1, 5.2 and 5.3, coded by tables 11-3 to 11-6.
#pragma once

#include <cstdint>
#include <optional>

#include "gp/privileges.hpp"

namespace uicclab::gp {

/// Of the card; also the issuer security domain's (table 11-6).
enum class CardState : std::uint8_t { kOpReady = 0x01, kInitialized = 0x07, kSecured = 0x0F, kLocked = 0x7F, kTerminated = 0xFF };

std::optional<CardState> card_state_from(std::uint8_t value);

/// The privilege that a change of the card's state takes, or nothing if clause 5.1 has no such change: one step forward up to SECURED,
/// CARD_LOCKED from SECURED and back, TERMINATED from everywhere. The first two steps take no more than being the issuer security domain.
struct CardTransition {
  std::optional<Privilege> needs;
};
std::optional<CardTransition> card_transition(CardState from, CardState to);

inline constexpr std::uint8_t kLoaded = 0x01;     ///< executable load file (table 11-3)
inline constexpr std::uint8_t kInstalled = 0x03;  ///< application or security domain (tables 11-4, 11-5)
inline constexpr std::uint8_t kSelectable = 0x07;
inline constexpr std::uint8_t kPersonalized = 0x0F;  ///< security domain; bits 4 to 7 of another application are its own
inline constexpr std::uint8_t kLockedBit = 0x80;     ///< the rest remembers the state from before

constexpr bool is_locked(std::uint8_t state) {
  return (state & kLockedBit) != 0;
}
constexpr bool is_selectable(std::uint8_t state) {
  return !is_locked(state) && (state & 0x07) == 0x07;
}

}  // namespace uicclab::gp
