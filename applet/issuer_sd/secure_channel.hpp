// Which keys a session is opened with, and in which protocol.
#pragma once

#include "applet/api/card_manager.hpp"
#include "applet/issuer_sd/settings.hpp"

namespace uicclab::applet::issuer_sd {

enum class Protocol : std::uint8_t { kScp02, kScp03 };

/// What a session with this key version speaks: SCP03 if it has three AES keys; SCP02 if it has three DES keys of 16 bytes and the domain's
/// settings allow it; nothing otherwise, and for versions that have another purpose.
std::optional<Protocol> protocol_of(const std::vector<gp::KeyInformation>& keys, KeyVersion version, const Settings& settings);

/// The version that INITIALIZE UPDATE with P1 = 00 means; nothing if no session can be opened.
std::optional<KeyVersion> default_key_version(const DomainKeys& keys, const Settings& settings);

}  // namespace uicclab::applet::issuer_sd
