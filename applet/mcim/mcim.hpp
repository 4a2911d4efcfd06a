// SPDX-License-Identifier: Apache-2.0
// Accepts MCIM objects and provisions the USIM with their content: 3GPP TR 33.812 clauses 5.1.3.7.1 and 5.1.3.7.3.3. The commands are ours:
// docs/formats/mcim.md.
#pragma once

#include "applet/api/applet.hpp"
#include "applet/api/store_data.hpp"
#include "mcim/receiver.hpp"

namespace uicclab::applet::mcim {

inline constexpr Slot kOptionsSlot{1};  ///< LV target, LV token, kind of key, literal form, sender's public key (DER) or nothing
inline constexpr Slot kKeySlot{2};      ///< PKCS #8
inline constexpr Slot kStateSlot{3};
inline constexpr Slot kTokenSlot{4};        ///< that came in an object, instead of that of kOptionsSlot
inline constexpr Slot kCertificateSlot{5};  ///< X.509 in DER, of the key pair

class Mcim final : public Applet {
 public:
  StatusWord select(Context& context, Bytes& out) override;
  StatusWord process(Context& context, const apdu::Command& command, Bytes& out) override;
  std::optional<Bytes> on_remote_request(Context& context, const RemoteRequest& request) override;

 private:
  StatusWord get_data(Context& context, const apdu::Command& command, Bytes& out);
  StatusWord begin(Context& context, const apdu::Command& command, Bytes& out);
  StatusWord store(Context& context, const apdu::Command& command);
  StatusWord keep_certificate(Context& context, BytesView certificate);
  StatusWord take_over(Context& context, BytesView message);

  static constexpr std::size_t kMaxMessage = 8192;
  StoreDataBlocks m_blocks{kMaxMessage};
  Bytes m_request;  ///< empty: not asked for since the selection
};

}  // namespace uicclab::applet::mcim
