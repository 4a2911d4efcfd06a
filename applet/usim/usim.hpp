// SPDX-License-Identifier: Apache-2.0
// The USIM application: 3GPP TS 31.102 clause 7. Its files are the card's business; here are AUTHENTICATE and GET IDENTITY.
#pragma once

#include "applet/aka/authenticate.hpp"

namespace uicclab::applet::usim {

inline constexpr auto kImsiFile = "6F07"_h;

class Usim final : public Applet, private NafKeys, private Subscribers, private GsmAlgorithm {
 public:
  Usim();
  StatusWord process(Context& context, const apdu::Command& command, Bytes& out) override;
  Service* service(const Aid& client, ServiceId id) override;

 private:
  StatusWord run_gsm_algorithm(Context& context, BytesView rand, Bytes& out) override;
  std::optional<crypto::SecretBytes> take_naf_key(Context& context, BytesView naf_id) override;
  /// Keys, IMSI and access class become those of the new subscriber; SQN starts again, and data of the old one (GBA, temporary
  /// identities, session keys in files) is forgotten.
  StatusWord provision(Context& context, const ProvisionedSubscriber& subscriber) override;
  StatusWord get_identity(Context& context, const apdu::Command& command, Bytes& out);

  aka::Authenticator m_authenticator;
};

}  // namespace uicclab::applet::usim
