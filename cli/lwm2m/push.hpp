// SPDX-License-Identifier: Apache-2.0
// The network's end of GBA Push for one subscriber: HSS, BSF and NAF in one.
#pragma once

#include "cli/common/commands.hpp"
#include "gba/push_info.hpp"
#include "lwm2m/session_keys.hpp"

namespace uicclab::cli {

struct PushOption {
  std::string subscriber, mode = "me", naf, bsf, ua, application = "lwm2m";

  PushOption();
  /// All but subscriber, naf and mode.
  void add_names_to(App& command);
};

struct MadePush {
  Bytes gpi;
  crypto::Rand rand{};
  lwm2m::SmsKeys keys;
};

/// Takes the subscriber's next sequence number, which is kept before anybody sees the push. `lifetime`: of the keys, 0: that of the
/// registration; `resync`: RAND:AUTS of a device that refused, or empty. Throws Exit.
MadePush make_push(const PushOption& option, std::uint32_t lifetime, lwm2m::SmsAlgorithm algorithm, const std::string& resync);

}  // namespace uicclab::cli
