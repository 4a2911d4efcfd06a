// SPDX-License-Identifier: Apache-2.0
// Which keys a session is opened with, and in which protocol.
#pragma once

#include "applet/api/card_manager.hpp"
#include "applet/issuer_sd/settings.hpp"
#include "scp03/card_session.hpp"

namespace uicclab::applet::issuer_sd {

enum class Protocol : std::uint8_t { kScp02, kScp03 };

/// What a session with this key version speaks: SCP03 if it has three AES keys; SCP02 if it has three DES keys of 16 bytes and the domain's
/// settings allow it; nothing otherwise, and for versions that have another purpose.
std::optional<Protocol> protocol_of(const std::vector<gp::KeyInformation>& keys, KeyVersion version, const Settings& settings,
                                    gp::SessionVersions opens);
std::optional<Protocol> protocol_of(const DomainKeys& keys, KeyVersion version, const Settings& settings);

/// The version that INITIALIZE UPDATE with P1 = 00 means; nothing if no session can be opened.
std::optional<KeyVersion> default_key_version(const DomainKeys& keys, const Settings& settings);
/// The version that P1 of INITIALIZE UPDATE means; it need not exist.
std::optional<KeyVersion> wanted_version(const DomainKeys& keys, const Settings& settings, std::uint8_t p1);

/// INITIALIZE UPDATE of SCP03 with the keys of that version. Status: 6A88 if they are not all there, and those of the session.
StatusWord initialize_scp03(scp03::CardSession& session, const apdu::Command& command, const scp03::CardIdentity& identity,
                            DomainKeys& keys, KeyVersion version, Random& random, Bytes& out);

}  // namespace uicclab::applet::issuer_sd
