// SPDX-License-Identifier: Apache-2.0
// The card end of SCP03: Amd D clauses 5.2 to 5.6 (rules), 7.1 (commands).
#pragma once

#include "scp03/channel.hpp"
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

/// One secure channel session as the card has it.
class CardSession final : public CardChannel {
 public:
  /// INITIALIZE UPDATE (clause 7.1.1) with the key set that P1 asked for, found by the caller (6A88 if there is none). `out` is the
  /// answer of exactly Mode::initialize_update_size() bytes; the counter is advanced only for a pseudo-random challenge.
  /// Status: 6A86 (P2), 6700 (the host challenge does not have 8 bytes, in S16 mode 16), 6985 (sequence counter).
  StatusWord initialize_update(const apdu::Command& command, const CardIdentity& identity, const KeySet& keys, SequenceCounter& counter,
                               Random& random, Bytes& out);

  /// EXTERNAL AUTHENTICATE (clause 7.1.2). Its answer is a bare status, at every level.
  /// Status: 6985 (not after INITIALIZE UPDATE), 6E00 (class without secure messaging), 6A86 (P2, or a level that "i" does not offer),
  /// 6700, 6300 (cryptogram), 6982 (C-MAC).
  StatusWord external_authenticate(const apdu::Command& command);

  tl::expected<apdu::Command, StatusWord> unwrap(const apdu::Command& command) override;
  void wrap(Bytes& data, StatusWord status) override;
  StatusWord begin_r_mac_session(const apdu::Command& plain) override;  // clause 7.1.3
  StatusWord end_r_mac_session(const apdu::Command& plain) override;    // clause 7.1.4
  void terminate() override;

  State state() const override { return m_state; }
  SecurityLevel level() const override { return m_level; }
  KeyVersion key_version() const override { return m_key_version; }
  std::unique_ptr<KeyCipher> key_cipher() const override;  // clause 6.2.8: the static DEK

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
