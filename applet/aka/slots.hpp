// SPDX-License-Identifier: Apache-2.0
// Private persistent objects of a USIM or ISIM instance.
#pragma once

#include "applet/api/applet.hpp"
#include "core/crypto/secret.hpp"

namespace uicclab::applet::aka {

inline constexpr Slot kSubscriberSlot{1};  ///< encode(Subscriber)
inline constexpr Slot kSqnSlot{2};         ///< SqnState::encoded()
inline constexpr Slot kKsSlot{3};          ///< RAND (16), Ks = CK || IK: of the last GBA_U bootstrapping
inline constexpr Slot kNafOrderSlot{4};    ///< numbers of the records of EF_GBANL, a byte each, last used first

inline constexpr crypto::ExposeSecret kPersist{"an instance keeps its keys in its own memory"};

/// Ks_int_NAF that belongs to a record of EF_GBANL: LV Ks_int_NAF, LV NAF_ID, LV B-TID.
constexpr Slot naf_slot(std::size_t record) {
  return Slot{0x100 + static_cast<std::uint32_t>(record)};
}

}  // namespace uicclab::applet::aka
