// SPDX-License-Identifier: Apache-2.0
// The personalisation of the module "lwm2m-sms", as stored in its private memory.
#pragma once

#include <optional>

#include "applet/api/applet.hpp"

namespace uicclab::applet::lwm2m_sms {

inline constexpr Slot kSettingsSlot{1};

struct Settings {
  Aid pkcs15;                     ///< the application that keeps bootstrap file and session keys
  std::optional<Tar> server_tar;  ///< of packets to the server; nothing: that of the other end-point
  bool secure_channel = false;    ///< commands only through a secure channel of level 33

  Bytes encoded() const;
  /// Throws SystemError for what encoded() cannot have made.
  static Settings decode(BytesView bytes);
};

}  // namespace uicclab::applet::lwm2m_sms
