// SPDX-License-Identifier: Apache-2.0
// Recordings of every kind, and a card that answers from them, strictly and loosely, what the second half of the input asks.
#include "script/replay_port.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;

namespace {

void ask(const script::Recording& recording, bool loose, BytesView commands) {
  std::size_t told = 0;
  script::ReplayPort port(recording, {loose, StatusWord{0x6F00}, [&](const script::Deviation& one) {
                                        ++told;
                                        test::require(!one.text.empty() && one.place.line > 0, "a deviation says what and where");
                                      }});
  test::require(!port.transmit("00A40004"_h), "a card that is off answers nothing");
  test::require(port.reset().has_value(), "a recording has an answer to reset");
  // Commands of the recording itself, and bytes of the input.
  for (const script::Recorded& one : recording.events) {
    const auto answer = one.kind == script::Recorded::Kind::kExchange ? port.transmit(one.command) : Result<Bytes>(Bytes{0x90, 0x00});
    test::require(answer.has_value() && answer->size() >= 2, "an answer has a status word");
    if (one.kind == script::Recorded::Kind::kReset) (void)port.reset();
  }
  while (!commands.empty()) {
    const std::size_t size = std::min<std::size_t>(commands.size(), 1U + commands[0] % 12U);
    const auto answer = port.transmit(commands.first(size));
    test::require(answer.has_value() && answer->size() >= 2, "an answer has a status word");
    commands = commands.subspan(size);
  }
  test::require(told == port.deviations(), "each deviation is told");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto parsed = script::parse(text, "fuzz.script", [](const std::string&) { return Result<std::string>(std::string()); });
  if (!parsed) return 0;
  const auto recording = script::read_recording(*parsed, {});
  if (!recording) {
    test::require(recording.error().text.find(':') != std::string::npos, "an error says where");
    return 0;
  }
  const BytesView bytes(data, size);
  for (const bool loose : {false, true}) ask(*recording, loose, bytes.subspan(size / 2));
  return 0;
}
