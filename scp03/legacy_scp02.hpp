// SPDX-License-Identifier: Apache-2.0
// Secure Channel Protocol '02', i = 15 and 55: GlobalPlatform Card Specification v2.3.1 appendix E (deprecated there), in the code
// below "E.n". Three static keys, explicit initiation, C-MAC on the modified command with an ICV that is enciphered, no R-MAC; 55 has a
// pseudo-random card challenge. Old cards and old clients need it; it is off unless Scp02Allowed is written down.
#pragma once

#include "core/crypto/des.hpp"
#include "scp03/card_session.hpp"

namespace uicclab::scp03::legacy {

/// Whoever speaks SCP02 (triple DES, no protection of responses) says so.
struct Scp02Allowed {
  explicit Scp02Allowed() = default;
};

inline constexpr std::uint8_t kScp02Number = 0x02;

/// Static keys, 16 bytes each.
struct Scp02KeySet {
  KeyVersion version;
  crypto::DesKey enc;
  crypto::DesKey mac;
  crypto::DesKey dek;

  /// Errors: kRange for a key that does not have 16 bytes.
  static Result<Scp02KeySet> from(KeyVersion version, crypto::SecretBytes enc, crypto::SecretBytes mac, crypto::SecretBytes dek);
  Scp02KeySet clone() const { return {version, enc.clone(), mac.clone(), dek.clone()}; }
};

/// Session keys (E.4.1).
struct Scp02SessionKeys {
  crypto::SecretBytes enc;
  crypto::SecretBytes mac;
  crypto::SecretBytes dek;

  static Scp02SessionKeys from(const Scp02KeySet& keys, std::uint16_t sequence_counter);
};

/// What both ends do with commands, and how they prove that they know the keys (E.4.2 to E.4.6).
class Scp02Messaging {
 public:
  explicit Scp02Messaging(const Scp02SessionKeys& keys);

  /// The pseudo-random card challenge (E.4.2.3) of 6 bytes.
  crypto::Bytes8 challenge_mac(BytesView aid);
  /// Over 24 bytes: host challenge, counter, card challenge; for the host's the challenges change places (E.4.2.1, E.4.2.2).
  crypto::Bytes8 cryptogram(BytesView first, BytesView second);

  Result<Bytes> wrap(const apdu::Command& plain, SecurityLevel level);
  Result<apdu::Command> unwrap(const apdu::Command& secured, SecurityLevel level);

 private:
  crypto::Bytes8 command_mac(const apdu::Command& plain);

  crypto::Des m_enc;
  crypto::RetailMac m_mac;
  crypto::Des m_icv_cipher;
  crypto::Bytes8 m_icv{};
  Bytes m_plain;
};

/// Triple DES in ECB mode under the session key for data (E.4.7).
class Scp02KeyCipher final : public KeyCipher {
 public:
  explicit Scp02KeyCipher(const crypto::SecretBytes& session_dek);
  std::size_t block_size() const override { return crypto::kDesBlockSize; }
  Bytes encrypt(BytesView plain) override { return m_des.ecb_encrypt(plain); }
  Result<Bytes> decrypt(BytesView cipher) override { return m_des.ecb_decrypt(cipher); }

 private:
  crypto::Des m_des;
};

/// The sequence counter of a key set (E.1.2), 16 bits, in memory that outlives power.
class Scp02Counter {
 public:
  virtual ~Scp02Counter() = default;
  /// The value for the next session; nothing if the counter is used up.
  virtual std::optional<std::uint16_t> current() = 0;
  /// Adds one and commits it before it returns; false if that fails.
  virtual bool advance() = 0;
};

/// The card end.
class Scp02CardSession final : public CardChannel {
 public:
  struct Identity {
    DiversificationData diversification{};
    Aid aid = {};  ///< of the selected application: i = 55; empty: i = 15, a random challenge
  };

  explicit Scp02CardSession(Scp02Allowed) {}

  /// INITIALIZE UPDATE (E.5.1); `out` gets 28 bytes. Status: 6A86 (P2), 6700, 6985 (sequence counter).
  StatusWord initialize_update(const apdu::Command& command, const Identity& identity, const Scp02KeySet& keys, Scp02Counter& counter,
                               Random& random, Bytes& out);
  /// EXTERNAL AUTHENTICATE (E.5.2). The counter is advanced when the C-MAC is right (E.4.1), before the session opens.
  /// Status: 6985, 6E00, 6A86 (P2, or a level other than 00, 01, 03), 6700, 6300 (cryptogram), 6982 (C-MAC).
  StatusWord external_authenticate(const apdu::Command& command, Scp02Counter& counter);

  tl::expected<apdu::Command, StatusWord> unwrap(const apdu::Command& command) override;
  /// Does nothing: responses are not protected.
  void wrap(Bytes&, StatusWord) override {}
  /// 6D00: "i" has no R-MAC.
  StatusWord begin_r_mac_session(const apdu::Command&) override { return sw::kInsNotSupported; }
  StatusWord end_r_mac_session(const apdu::Command&) override { return sw::kInsNotSupported; }
  void terminate() override;

  State state() const override { return m_state; }
  SecurityLevel level() const override { return m_level; }
  KeyVersion key_version() const override { return m_key_version; }
  std::unique_ptr<KeyCipher> key_cipher() const override;

 private:
  StatusWord abort(StatusWord status);

  State m_state = State::kNone;
  KeyVersion m_key_version;
  SecurityLevel m_level;
  crypto::Bytes8 m_host_cryptogram{};
  std::optional<Scp02Messaging> m_messaging;
  crypto::SecretBytes m_dek;
};

/// The host end; for SecureChannelPort::open() too.
class Scp02HostSession final : public HostChannel {
 public:
  struct Options {
    KeyVersion key_version{0};  ///< 0: the card's default key set
    SecurityLevel level = Level::kCMac;
    Channel channel{0};
    Aid aid = {};  ///< when given, the card's challenge must be the pseudo-random one of this application (i = 55)
  };

  Scp02HostSession(Scp02Allowed, Options options, Scp02KeySet keys) : m_options(options), m_keys(std::move(keys)) {}

  Bytes initialize_update(Random& random) override;
  /// Errors: kMalformed (not 28 bytes), kUnsupported (not SCP02; a level other than 00, 01, 03), kMismatch (key version, challenge,
  /// card cryptogram).
  Result<Bytes> external_authenticate(BytesView answer) override;
  Result<void> confirm(StatusWord status) override;
  /// Errors: kRange over 247 bytes of data, with ciphering 239; kUnsupported for extended length.
  Result<Bytes> wrap(const apdu::Command& plain) override;
  Result<apdu::Response> unwrap(apdu::Response secured) override;
  Result<Bytes> begin_r_mac_session(std::uint8_t p1, BytesView data) override;
  Result<Bytes> end_r_mac_session() override;
  void close() override;

  bool is_open() const override { return m_state == State::kOpen; }
  SecurityLevel level() const override { return is_open() ? m_options.level : SecurityLevel(); }
  Channel channel() const override { return m_options.channel; }
  std::size_t max_command_data(std::size_t longest = 255) const override;
  std::unique_ptr<KeyCipher> key_cipher() const override;

 private:
  enum class State { kIdle, kChallenged, kAuthenticating, kOpen };

  Options m_options;
  Scp02KeySet m_keys;
  State m_state = State::kIdle;
  crypto::Bytes8 m_host_challenge{};
  std::optional<Scp02Messaging> m_messaging;
  crypto::SecretBytes m_dek;
};

}  // namespace uicclab::scp03::legacy
