// SPDX-License-Identifier: Apache-2.0
// GlobalPlatform's environment of a card (OPEN) as loaded code sees it: GPSystem and GPRegistryEntry of the GlobalPlatform Card API 1.6;
// GlobalPlatform Card Specification v2.3.1 (GP) clauses 5 and 6.
#pragma once

#include <optional>

#include "gp/life_cycle.hpp"
#include "gp/privileges.hpp"

namespace uicclab::applet {

/// Instances by their number on the card. Writes are those of the code that is called (CodeObjects).
class OpenServices {
 public:
  virtual ~OpenServices() = default;

  virtual gp::CardState card_state() const = 0;
  /// CARD_LOCKED or TERMINATED, for an instance with the privilege that this takes. False: refused.
  virtual bool set_card_state(std::uint32_t asking, gp::CardState state) = 0;

  struct Entry {
    Aid aid;
    std::uint8_t life_cycle = 0;  ///< of the issuer domain: the card's
    gp::Privileges privileges;
    Aid domain;  ///< the one that it is associated with
  };
  /// Nothing: there is no such instance (any more).
  virtual std::optional<Entry> entry(std::uint32_t instance) const = 0;
  /// In any state.
  virtual std::optional<std::uint32_t> find(const Aid& aid) const = 0;
  /// A change that clause 5.3 allows `asking` to make: of its own state among those of its own; locking itself; with Global Lock locking
  /// and unlocking others; of the issuer domain the card's. False: refused.
  virtual bool set_state(std::uint32_t asking, std::uint32_t instance, std::uint8_t state) = 0;

  /// Of the ATR from the next reset on, for an instance with the privilege Card Reset; 1 to 15 bytes. False: refused.
  virtual bool set_historical_bytes(std::uint32_t asking, BytesView bytes) = 0;
};

}  // namespace uicclab::applet
