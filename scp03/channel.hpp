// SPDX-License-Identifier: Apache-2.0
// The common interface of the ends of a secure channel, for both protocols: SCP03, or the older SCP02 on request.
#pragma once

#include <memory>

#include "core/environment.hpp"
#include "scp03/key_cipher.hpp"
#include "scp03/protocol.hpp"

namespace uicclab::scp03 {

/// The host end: commands out, answers in, wherever the bytes travel.
///
///   initialize_update() -> external_authenticate(answer) -> confirm(status) -> { wrap(command), unwrap(response) } ...
///
/// Every error ends the session: after it wrap() and unwrap() refuse, so that nothing goes out in plain by accident.
class HostChannel {
 public:
  virtual ~HostChannel() = default;

  /// The INITIALIZE UPDATE command with a fresh host challenge.
  virtual Bytes initialize_update(Random& random) = 0;
  /// Another INITIALIZE UPDATE after the card refused the first with this status; nothing if that would be in vain.
  virtual std::optional<Bytes> initialize_update_again(StatusWord /*refused*/, Random& /*random*/) { return std::nullopt; }
  /// What it means that the card refused INITIALIZE UPDATE.
  virtual Error refusal(StatusWord status) const {
    return {ErrorCode::kRefused, "INITIALIZE UPDATE answered " + to_hex(status) + ": " + std::string(meaning(status))};
  }
  /// The EXTERNAL AUTHENTICATE command, if the card has proved that it knows the keys: until then the host sends nothing that an
  /// attacker, or a card with a try counter, could use. `answer` is the card's to INITIALIZE UPDATE, without status.
  virtual Result<Bytes> external_authenticate(BytesView answer) = 0;
  /// What the card said to EXTERNAL AUTHENTICATE. Errors: kRefused with the status, for all but 9000.
  virtual Result<void> confirm(StatusWord status) = 0;

  /// The secured command. Errors: kRefused (no open session); kRange (too long), which does not end the session.
  virtual Result<Bytes> wrap(const apdu::Command& plain) = 0;
  /// The plain response to the command wrapped last. Errors: kRefused, and those of the protocol.
  virtual Result<apdu::Response> unwrap(apdu::Response secured) = 0;

  /// BEGIN R-MAC SESSION, wrapped; `p1` is 10 (R-MAC) or 30 (with R-ENCRYPTION), `data` has at most 24 bytes. The level rises with the
  /// 9000 that unwrap() gets. Errors: kRange (no such level), kRefused (no session), kUnsupported.
  virtual Result<Bytes> begin_r_mac_session(std::uint8_t p1, BytesView data) = 0;
  /// END R-MAC SESSION, wrapped. Errors: kRefused (no session, or none begun), kUnsupported.
  virtual Result<Bytes> end_r_mac_session() = 0;

  /// Forgets keys and state.
  virtual void close() = 0;

  virtual bool is_open() const = 0;
  /// The current level; 00 without a session.
  virtual SecurityLevel level() const = 0;
  virtual Channel channel() const = 0;
  /// The longest plain data that fits a command in short coding whose secured data has at most `longest` bytes (255, or less if the card
  /// says so in its FCI); 0 if none fits.
  virtual std::size_t max_command_data(std::size_t longest = 255) const = 0;
  /// For the keys that PUT KEY sends; null without an open session.
  virtual std::unique_ptr<KeyCipher> key_cipher() const = 0;
};

/// The card end. Commands arrive parsed; refusals are status words.
///
///   kNone --INITIALIZE UPDATE--> kInitialized --EXTERNAL AUTHENTICATE--> kOpen --bad secured command--> kAborted
///
/// These two commands differ by protocol. INITIALIZE UPDATE starts again from every state. An EXTERNAL AUTHENTICATE that fails leads back
/// to kNone, one in a session aborts it. A session that broke refuses everything secured until it is opened again, as in the interface
/// SecureChannel of the GlobalPlatform Card API v1.6; terminate() leads to kNone.
class CardChannel {
 public:
  enum class State { kNone, kInitialized, kOpen, kAborted };

  virtual ~CardChannel() = default;

  /// The plain command in a secured one; its data is valid until the next call. Whoever calls has decided that the command must be
  /// secured: one that is not, or is wrong in any way, aborts the session. A GET RESPONSE belongs to T=0, not here.
  /// Refusals: 6982 (wrong), 6882 (secure messaging of another format), 6985 (no session).
  virtual tl::expected<apdu::Command, StatusWord> unwrap(const apdu::Command& command) = 0;

  /// Protects the response to the command that unwrap() gave last; touches none for a command that did not go through it.
  virtual void wrap(Bytes& data, StatusWord status) = 0;

  /// BEGIN R-MAC SESSION, unwrapped: its own response has the level from before.
  /// Status: 6A86, 6A80, 6985 (responses are protected already, or the card or the level of commands does not allow it).
  virtual StatusWord begin_r_mac_session(const apdu::Command& plain) = 0;
  /// END R-MAC SESSION, unwrapped: back to the level of EXTERNAL AUTHENTICATE; its own response is the last protected one.
  /// Status: 6A86, 6A80, 6985 (none was begun).
  virtual StatusWord end_r_mac_session(const apdu::Command& plain) = 0;

  /// Deselection, reset, or the end of the application session.
  virtual void terminate() = 0;

  virtual State state() const = 0;
  bool is_open() const { return state() == State::kOpen; }
  /// The current level; 00 also without a session.
  virtual SecurityLevel level() const = 0;
  /// Of the keys that the session was opened with.
  virtual KeyVersion key_version() const = 0;
  /// For the keys in PUT KEY; null without an open session.
  virtual std::unique_ptr<KeyCipher> key_cipher() const = 0;
};

}  // namespace uicclab::scp03
