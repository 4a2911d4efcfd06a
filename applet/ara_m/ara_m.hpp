// SPDX-License-Identifier: Apache-2.0
// The access rule application master: GlobalPlatform Secure Element Access Control v1.1 (GPD_SPE_013, SEAC) chapters 4 and 5. It is asked
// by the access control enforcer of a device, and by Android for carrier privileges.
#pragma once

#include <map>

#include "applet/api/applet.hpp"
#include "applet/api/store_data.hpp"
#include "gp/access_rules.hpp"

namespace uicclab::applet::ara_m {

inline constexpr Slot kSettingsSlot{1};  ///< 01: STORE DATA only through a secure channel; 00: open
inline constexpr Slot kRulesSlot{2};     ///< REF-AR-DOs, in the order of the answer
inline constexpr Slot kRefreshTagSlot{3};

inline constexpr std::size_t kRefreshTagSize = 8;
inline constexpr std::size_t kMaxRules = 16384;  ///< bytes of all rules

/// The refresh tag of rules that a profile gives: the beginning of their SHA-256, so that one profile makes one card.
Bytes first_refresh_tag(BytesView rules);

class AraM final : public Applet {
 public:
  StatusWord select(Context& context, Bytes& out) override;
  void deselect(Context& context) override;
  StatusWord process(Context& context, const apdu::Command& command, Bytes& out) override;
  StatusWord personalize(Context& context, const apdu::Command& store_data, Bytes& out) override;

 private:
  static constexpr std::size_t kMaxMessage = 4096;
  /// What one logical channel is in the middle of.
  struct Work {
    Bytes answer;  ///< of GET DATA [All] or [Specific], for [Next]
    std::size_t sent = 0;
    StoreDataBlocks blocks{kMaxMessage};
  };
  Work& work(const Context& context) { return m_work[context.channel().value]; }

  StatusWord get_data(Context& context, const apdu::Command& command, Bytes& out);
  StatusWord store_data(Context& context, const apdu::Command& command, Bytes& out);
  StatusWord begin(Context& context, Bytes answer, Bytes& out);
  StatusWord next(Context& context, Bytes& out);

  std::map<std::uint8_t, Work> m_work;
};

}  // namespace uicclab::applet::ara_m
