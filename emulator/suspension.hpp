// SPDX-License-Identifier: Apache-2.0
// The state that a suspended UICC keeps: ETSI TS 102 221 clause 11.1.22. The state is an NVM object, as a card that is off is only its NVM.
#pragma once

#include "emulator/session.hpp"

namespace uicclab::emulator {

inline constexpr std::size_t kResumeTokenSize = 8;

constexpr ObjectId suspension_object() {
  return {Space::kCard, 0, static_cast<std::uint32_t>(CardObject::kSuspended)};
}

/// Channels, verified keys, terminal profile and capability, with the token and the clock's time until which they are kept.
Bytes encode_suspension(const Session& session, BytesView token, std::chrono::milliseconds until);

/// Brings the state back into a fresh session. False, and the session as it was, if the token is another one, the time is over, or a file
/// or application of it is gone.
bool resume(Session& session, BytesView object, BytesView token);

}  // namespace uicclab::emulator
