// SPDX-License-Identifier: Apache-2.0
// Both ends of vsmartcard's protocol: however a stream is cut into pieces, the frames are the same, and the card side answers each of them.
#include "pcsc_bridge/vpcd_frames.hpp"

#include "tests/support/fuzz.hpp"

namespace {

using namespace uicclab;
using namespace uicclab::pcsc_bridge;
using test::require;

class Echo final : public CardPort {
 public:
  Result<Atr> reset() override { return Atr{0x3B, 0x00}; }
  Result<Bytes> transmit(BytesView command) override { return to_bytes(command); }
  void power_off() override {}
};

Bytes answers(BytesView stream, std::size_t piece) {
  Echo echo;
  vpcd::CardSide card(echo);
  require(card.start().has_value(), "the card starts");
  vpcd::FrameReader frames;
  Bytes out;
  while (!stream.empty()) {
    const auto space = frames.space();
    const auto now = stream.first(std::min({piece, space.size(), stream.size()}));
    std::ranges::copy(now, space.begin());
    frames.received(now.size());
    stream = stream.subspan(now.size());
    while (const auto payload = frames.next()) {
      const auto answer = card.on_frame(*payload);
      require(answer.has_value(), "this card does not fail");
      append(out, *answer);
      const bool expected = payload->size() > 1 || (payload->size() == 1 && (*payload)[0] == 4);
      require(answer->empty() != expected, "commands and the question for the ATR are answered, nothing else");
    }
  }
  return out;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView stream(data + 1, size - 1);
  require(answers(stream, std::size_t{data[0]} + 1) == answers(stream, 1 << 20), "the pieces do not matter");
  return 0;
}
