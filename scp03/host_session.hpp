// The host end of SCP03: Amd D clauses 5.2 to 5.6 (rules), 7.1 (commands).
#pragma once

#include <functional>

#include "core/environment.hpp"
#include "scp03/secure_messaging.hpp"

namespace uicclab::scp03 {

/// The answer to INITIALIZE UPDATE taken apart (Amd D clause 7.1.1.6).
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

/// Gives the static keys for the card that answered, which has told its key version and diversification data.
/// An error ends the opening.
using KeyChooser = std::function<Result<KeySet>(const InitializeUpdateAnswer&)>;

/// One secure channel session as the host has it: commands out, answers in, wherever the bytes travel.
///
///   initialize_update() -> external_authenticate(answer) -> confirm(status) -> { wrap(command), unwrap(response) } ...
///
/// Every error ends the session: after it, wrap() and unwrap() refuse, so that nothing goes out in plain by accident.
class HostSession {
 public:
  struct Options {
    KeyVersion key_version{0};  ///< 0: the card's default key set
    SecurityLevel level = Level::kCMac;
    bool s16 = false;
    Channel channel{0};
    /// AID of the selected application; when given, a pseudo-random challenge is recomputed from it and must be right.
    Aid aid = {};
  };

  explicit HostSession(Options options) : m_options(options) {}

  /// The INITIALIZE UPDATE command with a fresh host challenge.
  Bytes initialize_update(Random& random);
  /// The EXTERNAL AUTHENTICATE command, if the card has proved that it knows the keys. Until then the host sends nothing that an
  /// attacker, or a card with a try counter, could use.
  /// Errors: as InitializeUpdateAnswer::parse(); kMismatch (key version, challenge, card cryptogram); kUnsupported ("i" does not
  /// offer the level, or not S16 as asked); those of the chooser.
  Result<Bytes> external_authenticate(BytesView answer, const KeyChooser& keys);
  /// What the card said to EXTERNAL AUTHENTICATE. Errors: kRefused with the status, for all but 9000.
  Result<void> confirm(StatusWord status);

  /// The secured command. Errors: kRefused (no open session); kRange (too long, see max_command_data), which does not end the session.
  Result<Bytes> wrap(const apdu::Command& plain);
  /// The plain response to the command wrapped last. Errors: kRefused, and those of SecureMessaging::unwrap_response().
  Result<apdu::Response> unwrap(apdu::Response secured);

  /// BEGIN R-MAC SESSION, wrapped; `p1` is 10 (R-MAC) or 30 (with R-ENCRYPTION), `data` has at most 24 bytes. The level rises with the
  /// 9000 that unwrap() gets. Errors: kRange (no such level), kRefused (no session), kUnsupported ("i").
  Result<Bytes> begin_r_mac_session(std::uint8_t p1, BytesView data = {});
  /// END R-MAC SESSION, wrapped. Errors: kRefused (no session, or none begun).
  Result<Bytes> end_r_mac_session();

  /// Forgets keys and state; wrap() and unwrap() refuse from here on.
  void close();

  bool is_open() const { return m_state == State::kOpen; }
  /// The current level; 00 without a session.
  SecurityLevel level() const { return m_level; }
  /// What the card told; meaningful once external_authenticate() has succeeded.
  const InitializeUpdateAnswer& card() const { return m_card; }
  const Options& options() const { return m_options; }
  /// The static key under which PUT KEY sends keys; null without an open session.
  const crypto::AesKey* data_encryption_key() const { return is_open() && m_dek ? &*m_dek : nullptr; }

 private:
  enum class State { kIdle, kChallenged, kAuthenticating, kOpen };

  std::uint8_t cla(std::uint8_t base) const { return apdu::cla_for_channel(base, m_options.channel.value); }

  Options m_options;
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
