// SPDX-License-Identifier: Apache-2.0
// --t1: a card that is spoken to in T=1.
#pragma once

#include "core/card_port.hpp"

namespace uicclab::cli {

/// Speaks T=1 after every reset.
class T1Port final : public CardPort {
 public:
  explicit T1Port(CardPort& card) : m_card(card) {}
  Result<Atr> reset() override {
    auto atr = m_card.reset();
    if (!atr) return atr;
    if (auto selected = m_card.select_protocol(Protocol::kT1); !selected) return tl::unexpected(selected.error());
    return atr;
  }
  Result<Bytes> transmit(BytesView command) override { return m_card.transmit(command); }
  void power_off() override { m_card.power_off(); }
  Result<void> select_protocol(Protocol protocol) override { return m_card.select_protocol(protocol); }
  Protocol protocol() const override { return m_card.protocol(); }

 private:
  CardPort& m_card;
};

}  // namespace uicclab::cli
