// SPDX-License-Identifier: Apache-2.0
#include "emulator/security/security_context.hpp"

#include <algorithm>

namespace uicclab::emulator {

bool TerminalSecurity::is_satisfied(KeyReference key, FileId adf) const {
  if (is_verified(key, adf)) return true;
  const auto object = m_nvm.read(pin_object(key, adf));
  if (!object) return false;
  const auto pin = decode_pin(*object);
  if (!pin || pin->enabled) return false;
  return !pin->replaced_by_universal || key == kUniversalPin || is_satisfied(kUniversalPin, adf);
}

bool TerminalSecurity::is_verified(KeyReference key, FileId adf) const {
  return !m_verified.empty() && std::ranges::find(m_verified, entry(key, adf)) != m_verified.end();
}

void TerminalSecurity::set_verified(KeyReference key, FileId adf, bool verified) {
  std::erase(m_verified, entry(key, adf));
  if (verified) m_verified.push_back(entry(key, adf));
}

void TerminalSecurity::forget_application(FileId adf) {
  std::erase_if(m_verified, [&](const Entry& e) { return e.key.is_local() && e.scope == adf; });
}

}  // namespace uicclab::emulator
