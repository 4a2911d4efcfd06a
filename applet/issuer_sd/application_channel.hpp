// SPDX-License-Identifier: Apache-2.0
// SCP03 for an application without its own keys: GlobalPlatform Card Specification v2.3.1 (GP) clause 7.3.2; Amd D clause 7.1. The
// session is the application's, the keys and the sequence counter are the security domain's.
#pragma once

#include "applet/api/secure_channel.hpp"
#include "scp03/card_session.hpp"

namespace uicclab::applet::issuer_sd {

class ApplicationChannel final : public SecureChannel {
 public:
  /// Status in addition to those of scp03::CardSession: 6A88 (no such key version, or none for SCP03), 6D00 (another instruction).
  StatusWord open(Context& domain, const Aid& application, const apdu::Command& command, Bytes& out) override;
  tl::expected<apdu::Command, StatusWord> unwrap(const apdu::Command& command) override { return m_session.unwrap(command); }
  void wrap(Bytes& data, StatusWord status) override { m_session.wrap(data, status); }
  void terminate() override { m_session.terminate(); }
  bool is_open() const override { return m_session.is_open(); }
  std::uint8_t level() const override { return m_session.level().value(); }
  std::size_t room(bool extended) const override { return scp03::max_response_data(m_session.level(), m_mode, extended); }

 private:
  scp03::CardSession m_session;
  scp03::Mode m_mode;
};

}  // namespace uicclab::applet::issuer_sd
