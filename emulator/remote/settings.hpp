// SPDX-License-Identifier: Apache-2.0
// How a card takes secured packets.
#pragma once

#include "ota/secured_packet_command.hpp"

namespace uicclab::emulator {

/// Where the standards leave a choice, or other implementations differ.
struct RemoteSettings {
  ota::AlgorithmPolicy policy;
  ota::Quirks quirks;

  bool operator==(const RemoteSettings&) const = default;
};

}  // namespace uicclab::emulator
