// SPDX-License-Identifier: Apache-2.0
// The host end of SCP03: Amd D clauses 5.2 to 5.6 (rules), 7.1 (commands).
#pragma once

#include <functional>

#include "scp03/channel.hpp"
#include "scp03/secure_messaging.hpp"

namespace uicclab::scp03 {

/// The parsed answer to INITIALIZE UPDATE (Amd D clause 7.1.1.6).
struct InitializeUpdateAnswer {
  DiversificationData diversification{};
  KeyVersion key_version;
  Mode mode;
  ShortValue card_challenge;
  ShortValue card_cryptogram;
  std::optional<std::uint32_t> sequence_counter;  ///< present with a pseudo-random challenge

  /// `data` is the answer without status. Errors: kTruncated, kUnsupported (not protocol 03, reserved bits in "i"), kMalformed (the
  /// length is not the one that "i" asks for).
  static Result<InitializeUpdateAnswer> parse(BytesView data);
};

/// Returns the static keys for the card that answered, by its key version and diversification data.
/// An error ends the opening.
using KeyChooser = std::function<Result<KeySet>(const InitializeUpdateAnswer&)>;

/// Always this key set.
KeyChooser fixed_keys(KeySet keys);
/// Keys diversified with KDF3 from a master key for the card that answers.
KeyChooser kdf3_keys(crypto::AesKey master);

/// One secure channel session as the host has it.
class HostSession final : public HostChannel {
 public:
  struct Options {
    KeyVersion key_version{0};  ///< 0: the card's default key set
    SecurityLevel level = Level::kCMac;
    bool s16 = false;
    Channel channel{0};
    /// AID of the selected application; when given, a pseudo-random challenge is recomputed from it and must be right.
    Aid aid = {};
  };

  HostSession(Options options, KeyChooser keys) : m_options(options), m_choose(std::move(keys)) {}

  Bytes initialize_update(Random& random) override;
  /// Errors: as InitializeUpdateAnswer::parse(); kMismatch (key version, challenge, card cryptogram); kUnsupported ("i" does not offer
  /// the level, or not S16 as asked); those of the chooser.
  Result<Bytes> external_authenticate(BytesView answer) override;
  Result<void> confirm(StatusWord status) override;
  /// Errors: kRange over max_command_data().
  Result<Bytes> wrap(const apdu::Command& plain) override;
  /// Errors: those of SecureMessaging::unwrap_response().
  Result<apdu::Response> unwrap(apdu::Response secured) override;
  Result<Bytes> begin_r_mac_session(std::uint8_t p1, BytesView data = {}) override;
  Result<Bytes> end_r_mac_session() override;
  void close() override;

  bool is_open() const override { return m_state == State::kOpen; }
  SecurityLevel level() const override { return m_level; }
  Channel channel() const override { return m_options.channel; }
  std::size_t max_command_data(std::size_t longest = 255) const override;
  std::unique_ptr<KeyCipher> key_cipher() const override;

  /// The card's answer; meaningful once external_authenticate() has succeeded.
  const InitializeUpdateAnswer& card() const { return m_card; }

 private:
  enum class State { kIdle, kChallenged, kAuthenticating, kOpen };

  std::uint8_t cla(std::uint8_t base) const { return apdu::cla_for_channel(base, m_options.channel.value); }

  Options m_options;
  KeyChooser m_choose;
  State m_state = State::kIdle;
  SecurityLevel m_session_level;
  SecurityLevel m_level;
  std::optional<SecurityLevel> m_next_level;  ///< once the command in flight has succeeded
  ShortValue m_host_challenge;
  InitializeUpdateAnswer m_card;
  std::optional<SecureMessaging> m_messaging;
  std::optional<crypto::AesKey> m_dek;
};

}  // namespace uicclab::scp03
