// SPDX-License-Identifier: Apache-2.0
// The ISIM application: 3GPP TS 31.103 clause 7. Its files are the card's business; here is AUTHENTICATE.
#pragma once

#include "applet/aka/authenticate.hpp"

namespace uicclab::applet::isim {

class Isim final : public Applet, private ImsSubscribers {
 public:
  Isim();
  StatusWord process(Context& context, const apdu::Command& command, Bytes& out) override;
  applet::Service* service(const Aid& client, ServiceId id) override;

 private:
  StatusWord provision_ims(Context& context, const ProvisionedSubscriber& subscriber) override;

  aka::Authenticator m_authenticator;
};

}  // namespace uicclab::applet::isim
