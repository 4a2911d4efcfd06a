// SPDX-License-Identifier: Apache-2.0
// Another subscriber in a USIM: its keys, and the files that say who it is or belong to who it was. 3GPP TS 31.102 clause 4.2.
#pragma once

#include "applet/aka/gba.hpp"
#include "applet/api/applet.hpp"

namespace uicclab::applet::usim {

/// In the transaction of the running command. Status: 6A80 for an IMSI, keys or an algorithm that cannot be, or without the files for them.
StatusWord install_subscriber(Context& context, const ProvisionedSubscriber& subscriber, const aka::GbaFiles& gba);

}  // namespace uicclab::applet::usim
