// SPDX-License-Identifier: Apache-2.0
// The card operation of a request, separated so that it can run without the engine's lock.
#pragma once

#include <optional>

#include "core/atr.hpp"
#include "core/card_port.hpp"
#include "pcsc_bridge/wire.hpp"

namespace uicclab::pcsc_bridge {

/// Steps on one card, done in the order of the members.
struct CardTask {
  CardPort* port = nullptr;
  std::size_t reader = 0;
  bool power_off = false;
  bool reset = false;
  bool power_off_again = false;
  /// wire::kT0 and wire::kT1 that may be selected; none: no protocol selection.
  std::uint32_t protocols = wire::kNone;
  BytesView atr;  ///< of the card that is on, where `reset` is not asked for
  bool exchange = false;
  BytesView command;
};

struct CardResult {
  /// Of `reset`.
  std::optional<Result<Atr>> atr;
  /// Of `protocols`: wire::kT0 or wire::kT1. Errors: kMismatch if the card offers none of them, else those of the port.
  std::optional<Result<std::uint32_t>> protocol;
  /// Of `exchange`.
  std::optional<Result<Bytes>> answer;
};

/// Does it; a failing step ends it. An exception out of a port counts as a failing step: one card must not end the service for all.
CardResult run(const CardTask& task) noexcept;

}  // namespace uicclab::pcsc_bridge
