// SPDX-License-Identifier: Apache-2.0
#include "emulator/security/security_context.hpp"

#include <algorithm>

namespace uicclab::emulator {

bool TerminalSecurity::is_satisfied(KeyReference key, FileId adf) const {
  if (is_verified(key, adf)) return true;
  const auto object = m_nvm.read(pin_object(key, adf));
  if (!object) return false;
  const auto pin = decode_pin_flags(*object);
  if (!pin || pin->enabled) return false;
  return !pin->replaced_by_universal || key == kUniversalPin || is_satisfied(kUniversalPin, adf);
}

bool TerminalSecurity::is_verified(KeyReference key, FileId adf) const {
  return std::ranges::find(*m_verified, entry(key, adf)) != m_verified->end();
}

void TerminalSecurity::set_verified(KeyReference key, FileId adf, bool verified) {
  if (verified == is_verified(key, adf)) return;
  VerifiedKeys& keys = m_verified.change();
  if (verified) {
    keys.push_back(entry(key, adf));
  } else {
    std::erase(keys, entry(key, adf));
  }
}

void TerminalSecurity::revoke(KeyReference key, FileId adf) noexcept {
  m_verified.change_for_good([&](VerifiedKeys& keys) { std::erase(keys, entry(key, adf)); });
}

void TerminalSecurity::forget_application(FileId adf) {
  const auto is_its = [&](const VerifiedKey& one) { return one.key.is_local() && one.scope == adf; };
  if (std::ranges::any_of(*m_verified, is_its)) std::erase_if(m_verified.change(), is_its);
}

}  // namespace uicclab::emulator
