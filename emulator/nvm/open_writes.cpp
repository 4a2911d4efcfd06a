// SPDX-License-Identifier: Apache-2.0
#include "emulator/nvm/open_writes.hpp"

#include <exception>

namespace uicclab::emulator {

using enum TransactionLevel;

void OpenWrites::begin_inside() {
  if ((m_level == kCommand) != (m_outer == nullptr)) {
    throw SystemError(m_outer == nullptr ? "a transaction of a script or an application needs one of a command around it"
                                         : "a command's transaction inside another one");
  }
  m_before = m_nvm.m_pending;
}

void OpenWrites::give_up() noexcept {
  m_ended = true;
  take_back();
  if (m_outer != nullptr) return;
  try {
    m_nvm.save_sealed();
  } catch (...) {
    // What is sealed stays so, and goes to the store with the next transaction; a store that failed is read again first.
  }
}

bool OpenWrites::may_seal() const {
  for (const OpenWrites* at = this; at != nullptr; at = at->m_outer) {
    if (at->m_level == kApplication || at->m_level == kCard) return false;
  }
  return true;
}

void OpenWrites::rollback() {
  take_back();
  m_ended = true;
  if (m_outer == nullptr) m_nvm.save_sealed();
}

void OpenWrites::seal() {
  if (m_nvm.may_seal()) m_nvm.seal();
}

void OpenWrites::take_back() noexcept {
  m_nvm.m_pending.swap(m_before);
  m_before.clear();
}

}  // namespace uicclab::emulator
