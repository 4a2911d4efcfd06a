// SPDX-License-Identifier: Apache-2.0
// The personalisation of a security domain except its keys, as stored in its private memory.
#pragma once

#include <optional>

#include "applet/api/applet.hpp"
#include "scp03/protocol.hpp"

namespace uicclab::applet::issuer_sd {

inline constexpr Slot kSettingsSlot{1};

struct Settings {
  scp03::Mode mode;                              ///< secure channel protocol 03
  std::uint8_t scp02 = 0;                        ///< options "i" of secure channel protocol 02; 00: not spoken
  scp03::DiversificationData diversification{};  ///< GET DATA CF, INITIALIZE UPDATE
  Bytes cplc;                                    ///< GET DATA 9F7F: 42 bytes, or empty: not answered
  Bytes issuer_identification;                   ///< GET DATA 42; empty: not answered
  Bytes card_image;                              ///< GET DATA 45; empty: not answered
  Bytes recognition;                             ///< GET DATA 66: the value; empty: what the domain speaks
  Bytes fci;                                     ///< the answer to SELECT: the template 6F; empty: AID and longest command data

  Bytes encoded() const;
  /// The defaults for what cannot be read.
  static Settings decode(std::optional<BytesView> bytes);
};

}  // namespace uicclab::applet::issuer_sd
