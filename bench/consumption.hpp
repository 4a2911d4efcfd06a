// SPDX-License-Identifier: Apache-2.0
// What a run on a copy of a card consumed and changed: tries, counters, files, states, keys.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "emulator/card.hpp"

namespace uicclab::bench {

/// Compares a card's memory with what it was when this object was made; what is sent through it, it looks at the tries of PINs after.
class Consumption final : public CardPort {
 public:
  /// `way` leads to `card`; both outlive this object.
  Consumption(emulator::Card& card, CardPort& way);

  Result<Atr> reset() override { return m_way.reset(); }
  Result<Bytes> transmit(BytesView command) override;
  void power_off() override { m_way.power_off(); }
  Result<void> select_protocol(Protocol protocol) override { return m_way.select_protocol(protocol); }
  Protocol protocol() const override { return m_way.protocol(); }

  /// One line for each thing that is not as before, or was not for a while: "PIN1: 3 tries, then 2", "EF.LI (ADF.USIM/6F05) byte 0: 656E ->
  /// 6672", "SCP03 sequence counter of key version 30: 0 -> 1". Values of PINs and keys are not shown. None: nothing was consumed.
  std::vector<std::string> lines() const;

 private:
  emulator::Card& m_card;
  CardPort& m_way;
  emulator::Nvm m_before;
  std::map<emulator::ObjectId, unsigned> m_lowest;  ///< tries of PINs
};

}  // namespace uicclab::bench
