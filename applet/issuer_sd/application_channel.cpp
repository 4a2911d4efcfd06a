// SPDX-License-Identifier: Apache-2.0
#include "applet/issuer_sd/application_channel.hpp"

namespace uicclab::applet::issuer_sd {

StatusWord ApplicationChannel::open(Context& domain, const Aid& application, const apdu::Command& command, Bytes& out) {
  CardManager* card = domain.card_manager();
  if (card == nullptr) return sw::kConditionsNotSatisfied;
  if (command.ins == scp03::ins::kExternalAuthenticate) return external_authenticate_in(m_session, command, card->keys());
  if (command.ins != scp03::ins::kInitializeUpdate) return sw::kInsNotSupported;
  session().terminate();
  const Settings settings = Settings::decode(domain.load(kSettingsSlot));
  m_mode = settings.mode;
  return initialize_update_in(m_session, command, settings, application, card->keys(), domain.random(), out);
}

}  // namespace uicclab::applet::issuer_sd
