// SPDX-License-Identifier: Apache-2.0
// A secure channel for an application without its own keys: GlobalPlatform Card Specification v2.3.1 (GP) clause 7.3.2; Amd D clause 7.1,
// GP appendix E. The session is the application's, the keys and the sequence counter are the security domain's.
#pragma once

#include "applet/api/secure_channel.hpp"
#include "applet/issuer_sd/secure_channel.hpp"

namespace uicclab::applet::issuer_sd {

class ApplicationChannel final : public SecureChannel {
 public:
  /// Status in addition to those of the session: 6A88 (no such key version, or none for sessions), 6D00 (another instruction).
  StatusWord open(Context& domain, const Aid& application, const apdu::Command& command, Bytes& out) override;
  tl::expected<apdu::Command, StatusWord> unwrap(const apdu::Command& command) override { return session().unwrap(command); }
  void wrap(Bytes& data, StatusWord status) override { session().wrap(data, status); }
  void terminate() override { session().terminate(); }
  Result<Bytes> encrypt(BytesView plain) override { return encrypt_data(session(), plain); }
  Result<Bytes> decrypt(BytesView cipher) override { return decrypt_data(session(), cipher); }
  bool is_open() const override { return session().is_open(); }
  bool is_aborted() const override { return session().state() == scp03::CardChannel::State::kAborted; }
  std::uint8_t level() const override { return session().level().value(); }
  std::size_t room(bool extended) const override { return scp03::max_response_data(session().level(), m_mode, extended); }

 private:
  scp03::CardChannel& session() { return as_channel(m_session); }
  const scp03::CardChannel& session() const { return as_channel(m_session); }

  CardSessions m_session;
  scp03::Mode m_mode;
};

/// The domain's own session, as an application sees it while the domain passes a STORE DATA on to it: its level, and its cipher. Commands
/// are unwrapped by the domain.
class DomainChannel final : public SecureChannel {
 public:
  explicit DomainChannel(const scp03::CardChannel& session) : m_session(session) {}

  StatusWord open(Context&, const Aid&, const apdu::Command&, Bytes&) override { return sw::kConditionsNotSatisfied; }
  tl::expected<apdu::Command, StatusWord> unwrap(const apdu::Command&) override { return tl::unexpected(sw::kConditionsNotSatisfied); }
  void wrap(Bytes&, StatusWord) override {}
  void terminate() override {}
  Result<Bytes> encrypt(BytesView plain) override { return encrypt_data(m_session, plain); }
  Result<Bytes> decrypt(BytesView cipher) override { return decrypt_data(m_session, cipher); }
  bool is_open() const override { return m_session.is_open(); }
  bool is_aborted() const override { return false; }
  std::uint8_t level() const override { return m_session.level().value(); }
  std::size_t room(bool) const override { return 0; }

 private:
  const scp03::CardChannel& m_session;
};

}  // namespace uicclab::applet::issuer_sd
