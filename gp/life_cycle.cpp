// SPDX-License-Identifier: Apache-2.0
#include "gp/life_cycle.hpp"

#include <array>

namespace uicclab::gp {
namespace {

struct Step {
  CardState from;
  CardState to;
  std::optional<Privilege> needs;
};

// GP figure 5-1.
constexpr std::array<Step, 8> kSteps{{
    {CardState::kOpReady, CardState::kInitialized, std::nullopt},
    {CardState::kInitialized, CardState::kSecured, std::nullopt},
    {CardState::kSecured, CardState::kLocked, Privilege::kCardLock},
    {CardState::kLocked, CardState::kSecured, Privilege::kCardLock},
    {CardState::kOpReady, CardState::kTerminated, Privilege::kCardTerminate},
    {CardState::kInitialized, CardState::kTerminated, Privilege::kCardTerminate},
    {CardState::kSecured, CardState::kTerminated, Privilege::kCardTerminate},
    {CardState::kLocked, CardState::kTerminated, Privilege::kCardTerminate},
}};

}  // namespace

std::optional<CardState> card_state_from(std::uint8_t value) {
  switch (value) {
    case 0x01:
    case 0x07:
    case 0x0F:
    case 0x7F:
    case 0xFF:
      return static_cast<CardState>(value);
    default:
      return std::nullopt;
  }
}

std::optional<CardTransition> card_transition(CardState from, CardState to) {
  for (const Step& step : kSteps) {
    if (step.from == from && step.to == to) return CardTransition{step.needs};
  }
  return std::nullopt;
}

}  // namespace uicclab::gp
