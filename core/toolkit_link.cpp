// SPDX-License-Identifier: Apache-2.0
#include "core/toolkit_link.hpp"

#include <algorithm>
#include <array>

namespace uicclab {
namespace {

constexpr std::uint8_t kToolkitClass = 0x80;
constexpr std::uint8_t kGsmClass = 0xA0;
constexpr std::uint8_t kTerminalProfile = 0x10;
constexpr std::array<std::uint8_t, 4> kToolkit{kTerminalProfile, 0x12, 0x14, 0xC2};

bool is_of_toolkit(BytesView command) {
  return command.size() >= 4 && command[0] == kToolkitClass && std::ranges::find(kToolkit, command[1]) != kToolkit.end();
}

}  // namespace

Result<apdu::Response> ToolkitLink::exchange(Bytes& command) {
  const bool toolkit = is_of_toolkit(command);
  if (toolkit && m_gsm) command[0] = kGsmClass;
  auto response = transceive(m_card, command);
  const bool refused = response && response->status == sw::kClaNotSupported;
  if (!toolkit || m_gsm || !refused || command[1] != kTerminalProfile) return response;
  command[0] = kGsmClass;
  response = transceive(m_card, command);
  m_gsm = response && response->status != sw::kClaNotSupported;
  return response;
}

}  // namespace uicclab
