// SPDX-License-Identifier: Apache-2.0
// A card behind a secure channel: plain commands in, secured ones out to the port below. T=0 is handled underneath the protection:
// ISO/IEC 7816-3 clause 12.2; ETSI TS 102 221 clause 7.3.1.1.
#pragma once

#include "core/card_port.hpp"
#include "scp03/host_session.hpp"

namespace uicclab::scp03 {

/// Passes everything through until open(); then wraps the commands of the session's logical channel and unwraps their responses.
///
/// Sent as they are, although a session is open: commands on other channels, commands that carry secure messaging of their own, MANAGE
/// CHANNEL, GET RESPONSE (there is never a response left to get), and SELECT by AID, which ends the application session on the card and
/// therefore, when it succeeds, the session here.
/// If the session breaks, by a wrong response or a failing port, nothing on its channel goes out any more, in plain least of all, until
/// open(), close() or reset().
class SecureChannelPort final : public CardPort {
 public:
  /// `port` and `random` outlive this object.
  SecureChannelPort(CardPort& port, Random& random) : m_port(port), m_random(random) {}

  /// INITIALIZE UPDATE and EXTERNAL AUTHENTICATE with the application that is selected on the channel; an earlier session is forgotten.
  /// Errors: kRefused with the card's status, those of the session's protocol, those of the port.
  Result<void> open(std::unique_ptr<HostChannel> session);
  /// The same with SCP03.
  Result<void> open(const HostSession::Options& options, KeyChooser keys);
  /// The same with one key set, whose version is asked for unless `options` names another.
  Result<void> open(HostSession::Options options, const KeySet& keys);
  /// Forgets the session; the card learns of it with the next INITIALIZE UPDATE, SELECT or reset.
  void close();

  bool is_open() const { return m_session && m_session->is_open(); }
  /// The session, for what else it knows (level, key cipher); null if none is open.
  const HostChannel* session() const { return is_open() ? m_session.get() : nullptr; }

  /// BEGIN and END R-MAC SESSION (Amd D clauses 7.1.3, 7.1.4). Errors: as HostChannel, and kRefused with the card's status.
  Result<void> begin_r_mac_session(std::uint8_t p1, BytesView data = {});
  Result<void> end_r_mac_session();

  Result<Atr> reset() override;
  /// Data and status as the application on the card gave them, at once, whatever the protocol below is. A command without Le gets one
  /// in a session with R-MAC, as the response then has data. Errors: those of the port; kRange for a command too long to be wrapped
  /// (the session goes on); those of HostChannel::unwrap(), kRefused after it broke.
  Result<Bytes> transmit(BytesView command) override;
  void power_off() override;
  Result<void> select_protocol(Protocol protocol) override { return m_port.select_protocol(protocol); }
  /// In a session answers come at once.
  Protocol protocol() const override { return m_session ? Protocol::kT1 : m_port.protocol(); }

 private:
  Result<apdu::Response> exchange_secured(const Result<Bytes>& wrapped);
  Result<void> raise_or_lower(const Result<Bytes>& wrapped);
  bool passes_as_it_is(const apdu::Command& command) const;

  CardPort& m_port;
  Random& m_random;
  std::unique_ptr<HostChannel> m_session;  ///< there and not open: broken
};

}  // namespace uicclab::scp03
