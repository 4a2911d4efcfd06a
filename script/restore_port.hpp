// SPDX-License-Identifier: Apache-2.0
// A card whose files are as before when a case is over: for cards in readers, which cannot be copied.
#pragma once

#include <vector>

#include "core/apdu.hpp"
#include "core/card_port.hpp"

namespace uicclab::script {

/// Before UPDATE BINARY, and UPDATE RECORD by number, it reads the current content; restore() writes that back. For it the SELECT and
/// VERIFY PIN commands that led to the file are repeated. What changes the card in another way is refused with kRefused and not sent:
/// INCREASE, UPDATE RECORD in the modes next and previous, changes of PINs, CREATE, DELETE and RESIZE FILE, DEACTIVATE and ACTIVATE, SET
/// DATA, updates on other channels than the basic one or in class A0, and of what may not be read.
class RestorePort final : public CardPort {
 public:
  /// `card` outlives this object.
  explicit RestorePort(CardPort& card) : m_card(card) {}

  /// Resets the card and writes back, last change first, all that was updated since the last call; then the card is off.
  /// Errors: kIo and kRefused, with what could not be written back.
  Result<void> restore();

  Result<Atr> reset() override;
  Result<Bytes> transmit(BytesView command) override;
  void power_off() override { m_card.power_off(); }
  Result<void> select_protocol(Protocol protocol) override { return m_card.select_protocol(protocol); }
  Protocol protocol() const override { return m_card.protocol(); }

 private:
  struct Undo {
    std::vector<Bytes> way;  ///< SELECT and VERIFY PIN commands
    Bytes command;
  };
  Result<Undo> remember(const apdu::Command& command);
  void follow(const apdu::Command& command, BytesView bytes, const Result<Bytes>& answer);

  CardPort& m_card;
  std::vector<Bytes> m_selections;
  std::vector<Bytes> m_verified;
  std::vector<Undo> m_undo;
};

}  // namespace uicclab::script
