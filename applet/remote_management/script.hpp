// SPDX-License-Identifier: Apache-2.0
// Execution of scripts of C-APDUs: ETSI TS 102 226 clauses 5.1 (compact) and 5.2 (expanded); the format follows from the first byte
// (clause 5.3). Remote file and remote application management share them.
#pragma once

#include "applet/api/applet.hpp"
#include "ota/remote_apdu_compact.hpp"

namespace uicclab::applet::remote_management {

/// Carries a script out and returns the response data, which is empty if there was no command at all. `set`: whose commands they are;
/// `gsm_class`: those of class A0 are understood.
Bytes run_script(Context& context, const RemoteRequest& request, ota::CommandSet set, bool gsm_class = false);

}  // namespace uicclab::applet::remote_management
