// SPDX-License-Identifier: Apache-2.0
// Other keys in a USIM or ISIM: what both have in common of a subscriber that is replaced (applet/api/network_application.hpp).
#pragma once

#include "applet/aka/gba.hpp"
#include "applet/api/applet.hpp"

namespace uicclab::applet::aka {

/// In the transaction of the running command. With a new K the sequence numbers start again; with the old one they go on, so that no old
/// challenge is fresh again. Status: 6A80 for keys or constants that cannot be.
StatusWord provision_keys(Context& context, const ProvisionedSubscriber& wanted);

/// Ks, and the NAF keys that the old subscriber's led to.
void forget_gba(Context& context, const GbaFiles& gba);

}  // namespace uicclab::applet::aka
