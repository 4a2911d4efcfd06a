// The card end of SCP03: Amd D clauses 5.2 to 5.6 (rules), 7.1 (commands). What an application sees of it follows the interface
// SecureChannel of the GlobalPlatform Card API v1.6: a session that broke refuses everything secured until it is opened again.
#pragma once

#include "core/environment.hpp"
#include "scp03/secure_messaging.hpp"

namespace uicclab::scp03 {

/// What a security domain says of itself in the answer to INITIALIZE UPDATE.
struct CardIdentity {
  DiversificationData diversification{};
  Mode mode;
  Aid aid;  ///< of the application that the host selected; goes into the pseudo-random challenge
};

/// The sequence counter of a key set (Amd D clause 6.2.2.1), 24 bits, in memory that outlives power.
class SequenceCounter {
 public:
  virtual ~SequenceCounter() = default;
  /// Adds one and commits it before it returns, so that no value can be used twice, however the command ends.
  /// Nothing if the counter is used up (FFFFFF) or cannot be written.
  virtual std::optional<std::uint32_t> advance() = 0;
};

/// One secure channel session as the card has it. Commands arrive parsed; refusals are status words.
///
///   kNone --INITIALIZE UPDATE--> kInitialized --EXTERNAL AUTHENTICATE--> kOpen --bad secured command--> kAborted
///
/// INITIALIZE UPDATE begins anew from every state; an EXTERNAL AUTHENTICATE that fails leads back to kNone, one in a session aborts it;
/// terminate() leads to kNone.
class CardSession {
 public:
  enum class State { kNone, kInitialized, kOpen, kAborted };

  /// INITIALIZE UPDATE (clause 7.1.1) with the key set that P1 asked for, found by the caller (6A88 if there is none). `out` is the
  /// answer of exactly Mode::initialize_update_size() bytes; the counter is advanced only for a pseudo-random challenge.
  /// Status: 6A86 (P2), 6700 (the host challenge has not 8 bytes, in S16 mode 16), 6985 (sequence counter).
  StatusWord initialize_update(const apdu::Command& command, const CardIdentity& identity, const KeySet& keys, SequenceCounter& counter,
                               Random& random, Bytes& out);

  /// EXTERNAL AUTHENTICATE (clause 7.1.2). Its answer is a bare status, at every level.
  /// Status: 6985 (not after INITIALIZE UPDATE), 6E00 (class without secure messaging), 6A86 (P2, or a level that "i" does not offer),
  /// 6700, 6300 (cryptogram), 6982 (C-MAC).
  StatusWord external_authenticate(const apdu::Command& command);

  /// The plain command in a secured one; its data is valid until the next call. Whoever calls has decided that the command must be
  /// secured: one that is not, or is wrong in any way, aborts the session. A GET RESPONSE belongs to T=0, not here.
  /// Refusals: 6982 (wrong), 6882 (secure messaging of another format), 6985 (no session).
  tl::expected<apdu::Command, StatusWord> unwrap(const apdu::Command& command);

  /// Protects the response to the command that unwrap() gave last; touches none for a command that did not go through it.
  void wrap(Bytes& data, StatusWord status);

  /// BEGIN R-MAC SESSION (clause 7.1.3), unwrapped: its own response has the level from before.
  /// Status: 6A86, 6A80, 6985 (responses are protected already, or "i" or the level of commands does not allow it).
  StatusWord begin_r_mac_session(const apdu::Command& plain);
  /// END R-MAC SESSION (clause 7.1.4), unwrapped: back to the level of EXTERNAL AUTHENTICATE; its own response is the last protected one.
  /// Status: 6A86, 6A80, 6985 (none was begun).
  StatusWord end_r_mac_session(const apdu::Command& plain);

  /// Deselection, reset, or the end of the application session.
  void terminate();

  State state() const { return m_state; }
  bool is_open() const { return m_state == State::kOpen; }
  /// The current level; 00 also without a session.
  SecurityLevel level() const { return m_level; }
  KeyVersion key_version() const { return m_key_version; }
  /// The static key under which PUT KEY brings keys (clause 6.2.8); null without an open session.
  const crypto::AesKey* data_encryption_key() const { return is_open() && m_dek ? &*m_dek : nullptr; }

 private:
  StatusWord abort(StatusWord status);

  State m_state = State::kNone;
  Mode m_mode;
  KeyVersion m_key_version;
  SecurityLevel m_session_level;   ///< of EXTERNAL AUTHENTICATE
  SecurityLevel m_level;           ///< raised by BEGIN R-MAC SESSION
  SecurityLevel m_response_level;  ///< of the response to the command in hand
  ShortValue m_host_cryptogram;
  std::optional<SecureMessaging> m_messaging;
  std::optional<crypto::AesKey> m_dek;
};

}  // namespace uicclab::scp03
