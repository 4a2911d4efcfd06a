// SPDX-License-Identifier: Apache-2.0
// The state that a device stores while it sleeps: its registration, and the DTLS session that the next handshake resumes. Encrypted,
// because such a session is as secret as the keys (RFC 7925 clause 9). docs/formats/device-state.md.
#pragma once

#include <chrono>
#include <string>

#include "core/crypto/secret.hpp"
#include "core/crypto/wiped_bytes.hpp"
#include "core/environment.hpp"

namespace uicclab::lwm2m::device {

struct DeviceState {
  Bytes bootstrap_digest;  ///< SHA-256 of the card's file: another card, or another file, ends all this (Core clause 5.2.3.2)
  std::string server;      ///< its URI
  std::string endpoint;
  std::string location;  ///< of the registration; empty: not registered
  std::chrono::seconds lifetime{0};
  std::chrono::sys_seconds registered{};  ///< Register or the last Update
  crypto::WipedBytes dtls_session;        ///< empty: none
  std::uint16_t max_fragment = 0;         ///< that the session was made with: it is offered with no other (RFC 6066 clause 4)
  bool tickets = false;                   ///< the server keeps no sessions: ask it for tickets

  bool is_registered(std::chrono::sys_seconds now) const { return !location.empty() && now < registered + lifetime; }
};

Bytes seal_state(const DeviceState& state, const crypto::SecretBytes& storage_key, Random& random);
/// Errors: kMismatch for every error.
Result<DeviceState> open_state(BytesView sealed, const crypto::SecretBytes& storage_key);

}  // namespace uicclab::lwm2m::device
