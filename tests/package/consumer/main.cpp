// SPDX-License-Identifier: Apache-2.0
// A program of somebody else: a card in process, one command, its answer.
#include <cstdio>

#include <uicclab/core/crypto/random.hpp>
#include <uicclab/core/hex.hpp>
#include <uicclab/emulator/card.hpp>
#include <uicclab/profile/default_card/default_card.hpp>

int main() {
  using namespace uicclab;
  crypto::SystemRandom random;
  SystemClock clock;
  emulator::Card card(profile::default_card(), random, clock);

  const auto atr = card.reset();
  const auto answer = card.transmit(Bytes{0x00, 0xA4, 0x00, 0x04, 0x02, 0x2F, 0xE2});  // SELECT EF_ICCID
  if (!atr || !answer) return 1;
  std::printf("ATR %s\nSELECT EF_ICCID: %s\n", to_hex(*atr).c_str(), to_hex(*answer).c_str());
  return answer->size() == 2 && answer->front() == 0x61 ? 0 : 1;
}
