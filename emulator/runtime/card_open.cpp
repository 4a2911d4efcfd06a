// SPDX-License-Identifier: Apache-2.0
// What applications do in the registry themselves, without a security domain: GP clauses 5.1, 5.3, 6.6 and the GlobalPlatform Card API.
#include "core/atr.hpp"
#include "emulator/registry/record.hpp"
#include "emulator/runtime/card_code.hpp"

namespace uicclab::emulator {

using gp::CardState;
using gp::Privilege;

bool CardCode::has(std::uint32_t instance, Privilege privilege) const {
  const InstanceSpec* spec = m_session.runtime().registry().find(instance);
  return spec != nullptr && spec->privileges.has(privilege);
}

void CardCode::set_life_cycle(std::uint32_t instance, std::uint8_t state) {
  Registry& registry = m_session.runtime().registry();
  InstanceSpec spec = *registry.find(instance);
  spec.life_cycle = state;
  registry.set(instance, std::move(spec));
  settle();
}

CardState CardCode::card_state() const {
  return m_session.runtime().registry().card_state();
}

bool CardCode::set_card_state(std::uint32_t asking, CardState state) {
  const auto issuer = m_session.runtime().registry().issuer_domain();
  const auto step = gp::card_transition(card_state(), state);
  // Without a privilege these steps are the issuer domain's own.
  if (!issuer || !step || !step->needs || !has(asking, *step->needs)) return false;
  set_life_cycle(*issuer, static_cast<std::uint8_t>(state));
  return true;
}

std::optional<applet::OpenServices::Entry> CardCode::entry(std::uint32_t instance) const {
  const Registry& registry = m_session.runtime().registry();
  const InstanceSpec* spec = registry.find(instance);
  if (spec == nullptr) return std::nullopt;
  const auto domain = registry.domain_of(*spec);
  const InstanceSpec* above = domain ? registry.find(*domain) : nullptr;
  return Entry{spec->aid, spec->life_cycle, spec->privileges, above != nullptr ? above->aid : Aid{}};
}

std::optional<std::uint32_t> CardCode::find(const Aid& aid) const {
  return m_session.runtime().registry().by_aid(aid);
}

bool CardCode::set_state(std::uint32_t asking, std::uint32_t instance, std::uint8_t state) {
  const Registry& registry = m_session.runtime().registry();
  const InstanceSpec* spec = registry.find(instance);
  if (spec == nullptr) return false;
  if (instance == registry.issuer_domain()) {
    const auto wanted = gp::card_state_from(state);
    return wanted && set_card_state(asking, *wanted);
  }
  const std::uint8_t now = spec->life_cycle;
  const bool own = asking == instance;
  if (gp::is_locked(now)) {  // bits 1 to 7 are those from before
    if (gp::is_locked(state) || !has(asking, Privilege::kGlobalLock)) return false;
    set_life_cycle(instance, static_cast<std::uint8_t>(now & ~gp::kLockedBit));
    return true;
  }
  if (gp::is_locked(state)) {
    // GP clause 5.3.1.3: from SELECTABLE and the application's own states.
    if (!gp::is_selectable(now) || (!own && !has(asking, Privilege::kGlobalLock))) return false;
    set_life_cycle(instance, static_cast<std::uint8_t>(now | gp::kLockedBit));
    return true;
  }
  if (!own || !gp::is_selectable(now) || !gp::is_selectable(state)) return false;
  if (spec->privileges.has(Privilege::kSecurityDomain)) return false;  // a domain of the card's program does it itself
  set_life_cycle(instance, state);
  return true;
}

bool CardCode::set_historical_bytes(std::uint32_t asking, BytesView bytes) {
  if (!has(asking, Privilege::kCardReset) || bytes.empty()) return false;
  if (!with_historical_bytes(m_session.nvm().image().settings().atr, bytes)) return false;
  m_session.nvm().write(registry_object(RegistryObject::kHistoricalBytes, 0), bytes);
  settle();
  return true;
}

}  // namespace uicclab::emulator
