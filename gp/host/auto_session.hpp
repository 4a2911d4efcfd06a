// SPDX-License-Identifier: Apache-2.0
// The host end of a secure channel whose protocol, mode and best level follow from the answer to INITIALIZE UPDATE: SCP03 (Amd D
// clause 7.1.1), or SCP02 (GP clause E.5.1) where it was allowed.
#pragma once

#include <functional>

#include "gp/card_data.hpp"
#include "gp/host/key_material.hpp"
#include "scp03/host_session.hpp"

namespace uicclab::gp::host {

/// What a session will be, known when the card has proved that it has the keys and EXTERNAL AUTHENTICATE is not sent yet.
struct Opening {
  std::string keys;  ///< name of the key material
  Diversification diversification = Diversification::kNone;
  SecureChannelProtocol protocol;
  KeyVersion version;
  scp03::SecurityLevel level;
  scp03::DiversificationData card_data{};
  std::optional<std::uint32_t> sequence_counter;
  /// The card's pseudo-random challenge is for an application identifier other than the reported one, or for none.
  bool odd_challenge = false;
};

class AutoSession final : public scp03::HostChannel {
 public:
  struct Options {
    KeyVersion version{0};                      ///< 0: the card's default key set
    std::optional<scp03::SecurityLevel> level;  ///< nothing: the highest that the card offers
    std::optional<bool> s16;                    ///< nothing: unknown; S8 is tried first
    Aid aid = {};                               ///< of the selected application
    std::optional<scp03::legacy::Scp02Allowed> scp02;
    std::uint8_t scp02_i = 0x15;  ///< not in the card's answer
  };
  /// Told once, before EXTERNAL AUTHENTICATE; an error ends the opening.
  using Tell = std::function<Result<void>(const Opening&)>;

  AutoSession(const Options& options, KeyMaterial keys, Tell tell) : m_options(options), m_keys(std::move(keys)), m_tell(std::move(tell)) {}

  Bytes initialize_update(Random& random) override;
  /// With a challenge of 16 bytes, if the card refused one of 8 and the mode is not set.
  std::optional<Bytes> initialize_update_again(StatusWord refused, Random& random) override;
  /// In words.
  Error refusal(StatusWord status) const override;
  /// Errors: those of HostSession and Scp02HostSession; kUnsupported for a protocol that is not known or not allowed; kMismatch with a text
  /// that says which keys would fit.
  Result<Bytes> external_authenticate(BytesView answer) override;
  Result<void> confirm(StatusWord status) override;
  Result<Bytes> wrap(const apdu::Command& plain) override;
  Result<apdu::Response> unwrap(apdu::Response secured) override;
  Result<Bytes> begin_r_mac_session(std::uint8_t p1, BytesView data) override;
  Result<Bytes> end_r_mac_session() override;
  void close() override { m_session.reset(); }

  bool is_open() const override { return m_session && m_session->is_open(); }
  scp03::SecurityLevel level() const override { return m_session ? m_session->level() : scp03::SecurityLevel(); }
  Channel channel() const override { return Channel{0}; }
  std::size_t max_command_data(std::size_t longest = 255) const override { return m_session ? m_session->max_command_data(longest) : 0; }
  std::unique_ptr<scp03::KeyCipher> key_cipher() const override { return m_session ? m_session->key_cipher() : nullptr; }

 private:
  /// Reads the card's answer, and makes the session of its protocol.
  Result<void> choose(BytesView answer, const KeyMaterial& keys, Opening& opening);
  std::string who_fits(BytesView answer);
  bool s16() const { return m_options.s16.value_or(false); }

  Options m_options;
  KeyMaterial m_keys;
  Tell m_tell;
  Bytes m_host_challenge;
  std::unique_ptr<scp03::HostChannel> m_session;
};

/// The highest level that an SCP03 card with this parameter offers.
scp03::SecurityLevel highest_level(scp03::Mode mode);

}  // namespace uicclab::gp::host
