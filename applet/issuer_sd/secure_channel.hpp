// Which keys a session is opened with when the host does not say.
#pragma once

#include "applet/api/card_manager.hpp"

namespace uicclab::applet::issuer_sd {

/// The version that INITIALIZE UPDATE with P1 = 00 means; nothing if no version has three AES keys.
std::optional<KeyVersion> default_key_version(const DomainKeys& keys);

}  // namespace uicclab::applet::issuer_sd
