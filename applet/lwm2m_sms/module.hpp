// SPDX-License-Identifier: Apache-2.0
// The module "lwm2m-sms". Keys, counters, end-point and the server's number are those of the PKCS #15 application: EF_LWM2M_Bootstrap and
// the session-key file.
//
//   [[applications]]
//   module = "lwm2m-sms"
//   aid = "F0756963636C61620401"
//   in_dir = false
//
// | key            | value                                                                         | without it                         |
// |----------------|-------------------------------------------------------------------------------|------------------------------------|
// | tars           | hex, three bytes each: TARs of the secured packets that come in an ENVELOPE   | B20203                             |
// | pkcs15         | hex, AID of the application that keeps the keys                               | A000000063504B43532D3135           |
// | server_tar     | hex, TAR of the packets to the server                                         | BFFF01 from the card, B20203 from the
// device | | secure_channel | true: commands only through SCP03 at level 33 (LwM2M appendix H)              | false |
#pragma once

#include "applet/api/applet.hpp"

namespace uicclab::applet::lwm2m_sms {

class SmsSecurityModule final : public Module {
 public:
  std::string_view name() const override { return "lwm2m-sms"; }
  Aid load_file_aid() const override;
  Aid module_aid() const override;
  /// Errors: kMalformed, kRange; both name the key.
  Result<InitialObjects> personalise(const Parameters& parameters) const override;
  Result<Registration> registration(const Parameters& parameters) const override;
  bool is_multiselectable() const override { return false; }
  bool opens_packets() const override { return true; }
  bool watches_files() const override { return true; }
  std::unique_ptr<Applet> make() const override;
};

}  // namespace uicclab::applet::lwm2m_sms
