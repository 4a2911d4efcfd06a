// SPDX-License-Identifier: Apache-2.0
// Protects a real card from what a script may not do to it.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/card_port.hpp"

namespace uicclab::script {

/// Why a command may lose a card for good, whatever its state, in words; nothing if it does not.
std::optional<std::string> danger_of(BytesView command);
/// It carries the value of a PIN, ADM or PUK.
bool carries_pin(BytesView command);

/// Passes everything on but commands that can permanently block the card; that it refuses with kRefused, and says why. Refused are
/// - TERMINATE of a file or of the card, DELETE FILE, and the GlobalPlatform commands that change keys, content or life cycle of the card
///   (PUT KEY, DELETE, INSTALL, LOAD, SET STATUS, STORE DATA);
/// - a value for a PIN, ADM or PUK whose tries are not all left, as an empty VERIFY or UNBLOCK shows: there was a wrong value already;
/// - any value for a key that the card has called wrong since this object was made: it is not tried again;
/// - EXTERNAL AUTHENTICATE that is not part of a secure channel of ours, whose other end proves its keys first.
class GuardPort final : public CardPort {
 public:
  explicit GuardPort(CardPort& card) : m_card(card) {}

  Result<Atr> reset() override { return m_card.reset(); }
  /// Errors: kRefused; those of the card.
  Result<Bytes> transmit(BytesView command) override;
  void power_off() override { m_card.power_off(); }
  Result<void> select_protocol(Protocol protocol) override { return m_card.select_protocol(protocol); }
  Protocol protocol() const override { return m_card.protocol(); }

  /// Between these the host end of a secure channel sends its own EXTERNAL AUTHENTICATE.
  void allow_authentication(bool allowed) { m_authentication = allowed; }
  /// Commands of GlobalPlatform that change keys, content or life cycle are what the caller was asked for.
  void allow_management(bool allowed) { m_management = allowed; }

 private:
  Result<void> check_tries(BytesView command);

  CardPort& m_card;
  std::map<std::uint16_t, bool> m_wrong;  ///< by instruction group and key reference
  bool m_authentication = false;
  bool m_management = false;
};

}  // namespace uicclab::script
