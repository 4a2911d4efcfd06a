// SPDX-License-Identifier: Apache-2.0
// Which keys a session is opened with, and in which protocol.
#pragma once

#include <variant>

#include "applet/api/applet.hpp"
#include "applet/api/card_manager.hpp"
#include "applet/issuer_sd/settings.hpp"
#include "scp03/card_session.hpp"
#include "scp03/legacy_scp02.hpp"

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

/// A session of either protocol.
using CardSessions = std::variant<scp03::CardSession, scp03::legacy::Scp02CardSession>;
inline scp03::CardChannel& as_channel(CardSessions& sessions) {
  return std::visit([](auto& one) -> scp03::CardChannel& { return one; }, sessions);
}
inline const scp03::CardChannel& as_channel(const CardSessions& sessions) {
  return std::visit([](const auto& one) -> const scp03::CardChannel& { return one; }, sessions);
}

/// INITIALIZE UPDATE for `application`, in the protocol of the keys that P1 asks for. Status: 6A88 (no such keys, or none for sessions),
/// and those of the session.
StatusWord initialize_update_in(CardSessions& session, const apdu::Command& command, const Settings& settings, const Aid& application,
                                DomainKeys& keys, Random& random, Bytes& out);
StatusWord external_authenticate_in(CardSessions& session, const apdu::Command& command, DomainKeys& keys);

/// SecureChannel::encrypt() and decrypt() in a session.
Result<Bytes> encrypt_data(const scp03::CardChannel& session, BytesView plain);
Result<Bytes> decrypt_data(const scp03::CardChannel& session, BytesView cipher);

}  // namespace uicclab::applet::issuer_sd
