// SPDX-License-Identifier: Apache-2.0
// Recorded secure channel sessions, deciphered with the static keys: SCP03 (GPCS Amendment D) and SCP02 (GPCS appendix E).
#pragma once

#include <functional>
#include <variant>

#include "gp/host/key_material.hpp"
#include "scp03/host_session.hpp"
#include "scp03/legacy_scp02.hpp"

namespace uicclab::trace {

/// Static keys for a card that answered with this key version; nothing if there are none.
using StaticKeys = std::function<std::optional<gp::host::KeyMaterial>(KeyVersion)>;

/// The sessions of one logical channel. Its exchanges are passed in order; the session keys come from the challenges in them.
class SecureSession {
 public:
  /// INITIALIZE UPDATE and its whole answer. Errors: why there will be nothing to read: kNotFound (no keys), kMismatch (the card's
  /// cryptogram is not made with them), and those of the formats.
  Result<void> initialize_update(const apdu::Command& command, BytesView answer, const StaticKeys& keys);
  /// EXTERNAL AUTHENTICATE, as it was sent; it counts once confirm() said that the card accepted it. Errors: kMismatch.
  Result<void> external_authenticate(const apdu::Command& command);
  void confirm(StatusWord status);

  /// The plain command in a secured one; its data lives until the next call. Errors end the session: kNotFound (none is open), kMismatch,
  /// kMalformed.
  Result<apdu::Command> unwrap(const apdu::Command& command);
  /// The plain answer to the command unwrapped last. Errors end the session.
  Result<apdu::Response> unwrap(apdu::Response response);

  bool is_open() const { return m_state == State::kOpen; }
  /// "SCP03 level 33"; empty without a session.
  std::string protocol() const;
  void close() { *this = SecureSession(); }

 private:
  enum class State { kNone, kInitialized, kAuthenticating, kOpen };
  using Messaging = std::variant<std::monostate, scp03::SecureMessaging, scp03::legacy::Scp02Messaging>;

  State m_state = State::kNone;
  Messaging m_messaging;
  scp03::SecurityLevel m_level;
  scp03::SecurityLevel m_session_level;
  std::optional<scp03::SecurityLevel> m_next_level;  ///< once the card has accepted BEGIN or END R-MAC SESSION
};

}  // namespace uicclab::trace
