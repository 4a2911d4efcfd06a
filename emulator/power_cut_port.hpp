// SPDX-License-Identifier: Apache-2.0
// A card whose power can be cut in the middle of a command: for tests of the state after a power cut.
#pragma once

#include <cstdint>

#include "emulator/card.hpp"

namespace uicclab::emulator {

/// Cuts the power of a card at a chosen write. A write is one step of the card's NVM (WriteObserver): each change, the
/// commit, and the moment after it, before the response leaves. After a cut the card is off until reset(), which boots it from its NVM.
class PowerCutPort final : public CardPort, private WriteObserver {
 public:
  /// The card must outlive the port, and have no other observer.
  explicit PowerCutPort(Card& card) : m_card(card) { m_card.set_observer(this); }
  ~PowerCutPort() override { m_card.set_observer(nullptr); }

  /// Cuts the power at the k-th write from now, 1 being the next; that write is not made. 0: never.
  void arm(std::uint32_t k) {
    m_left = k;
    m_cut = false;
  }
  /// The power was cut since it was armed the last time.
  bool was_cut() const { return m_cut; }
  /// Writes of the last command, the one at which the power went included.
  std::uint32_t writes() const { return m_writes; }

  Result<Atr> reset() override { return m_card.reset(); }
  Result<Bytes> transmit(BytesView command) override {
    m_writes = 0;
    return m_card.transmit(command);
  }
  void power_off() override { m_card.power_off(); }
  Result<void> select_protocol(Protocol protocol) override { return m_card.select_protocol(protocol); }
  Protocol protocol() const override { return m_card.protocol(); }

 private:
  void on_write(Step step) override;

  Card& m_card;
  std::uint32_t m_left = 0;
  std::uint32_t m_writes = 0;
  bool m_cut = false;
};

}  // namespace uicclab::emulator
