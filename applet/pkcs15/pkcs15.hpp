// SPDX-License-Identifier: Apache-2.0
// The PKCS #15 application as LwM2M devices use it: OMA-TS-LightweightM2M_Core appendices G and H. Its files are the card's business, and
// so are their access rules; here is the secure channel that appendix H puts before them, and
// the storage of the session keys, next to the bootstrap file.
#pragma once

#include "applet/api/applet.hpp"

namespace uicclab::applet::pkcs15 {

class Pkcs15 final : public Applet {
 public:
  StatusWord process(Context& context, const apdu::Command& command, Bytes& out) override;
  StatusWord personalize(Context& context, const apdu::Command& store_data, Bytes& out) override;
  void on_files_changed(Context& context) override;
};

}  // namespace uicclab::applet::pkcs15
