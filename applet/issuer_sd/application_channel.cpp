// SPDX-License-Identifier: Apache-2.0
#include "applet/issuer_sd/application_channel.hpp"

#include "applet/issuer_sd/secure_channel.hpp"

namespace uicclab::applet::issuer_sd {

StatusWord ApplicationChannel::open(Context& domain, const Aid& application, const apdu::Command& command, Bytes& out) {
  if (command.ins == scp03::ins::kExternalAuthenticate) return m_session.external_authenticate(command);
  if (command.ins != scp03::ins::kInitializeUpdate) return sw::kInsNotSupported;
  m_session.terminate();
  CardManager* card = domain.card_manager();
  if (card == nullptr) return sw::kConditionsNotSatisfied;
  const Settings settings = Settings::decode(domain.load(kSettingsSlot));
  const auto version = wanted_version(card->keys(), settings, command.p1);
  if (!version || protocol_of(card->keys(), *version, settings) != Protocol::kScp03) return sw::kReferencedDataNotFound;
  m_mode = settings.mode;
  return initialize_scp03(m_session, command, {settings.diversification, settings.mode, application}, card->keys(), *version,
                          domain.random(), out);
}

}  // namespace uicclab::applet::issuer_sd
