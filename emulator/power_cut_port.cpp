// SPDX-License-Identifier: Apache-2.0
#include "emulator/power_cut_port.hpp"

namespace uicclab::emulator {

void PowerCutPort::on_write(Step /*step*/) {
  ++m_writes;
  if (m_left == 0 || --m_left != 0) return;
  m_cut = true;
  throw PowerCut{};
}

}  // namespace uicclab::emulator
