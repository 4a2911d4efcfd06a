// SPDX-License-Identifier: Apache-2.0
// A terminal and a card that wants whatever the input says: first byte what the user does, then proactive commands, each behind its length.
#include "terminal/terminal.hpp"

#include "core/comprehension_tlv.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;

namespace {

class Card final : public CardPort {
 public:
  explicit Card(BytesView commands) : m_left(commands) {}
  Result<Atr> reset() override { return Atr{0x3B, 0x00}; }
  Result<Bytes> transmit(BytesView command) override {
    test::require(command.size() >= 4 && command.size() <= 261, "a terminal's commands are short ones");
    const std::size_t size = m_left.empty() ? 0 : std::min<std::size_t>(m_left[0], m_left.size() - 1);
    if (command[1] == 0x12) {
      Bytes answer = to_bytes(m_left.empty() ? BytesView() : m_left.subspan(1, size));
      if (!m_left.empty()) m_left = m_left.subspan(1 + size);
      append(answer, "9000"_h);
      return answer;
    }
    if (m_left.empty()) return Bytes{0x90, 0x00};
    return Bytes{0x91, static_cast<std::uint8_t>(size)};
  }
  void power_off() override {}

 private:
  BytesView m_left;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Card card(BytesView(data, size).subspan(1));
  terminal::Settings settings;
  settings.only_own_servers = true;
  settings.patience = std::chrono::milliseconds(0);
  terminal::Terminal terminal(card, settings);
  if (!terminal.reset()) return 0;
  if ((data[0] & 0x01) != 0 && terminal.menu() != nullptr && !terminal.menu()->items.empty()) {
    (void)terminal.select_item(terminal.menu()->items.back().identifier, (data[0] & 0x02) != 0);
  }
  if ((data[0] & 0x04) != 0) (void)terminal.advance(std::chrono::seconds(100));
  if ((data[0] & 0x08) != 0 && !terminal.events().empty()) (void)terminal.download_event(*terminal.events().begin(), {});
  (void)terminal.transmit("80F2000C00"_h);
  for (const auto& [command, response] : terminal.served()) {
    if (response.empty()) continue;  // a reset
    const auto details = ctlv::find(response, 0x01);
    test::require(details && equal(*details, command.details), "a terminal response has the details of its command");
    const auto result = ctlv::find(response, 0x03);
    test::require(result && !result->empty(), "and a result");
    for (ctlv::Reader reader(response); !reader.empty();) test::require(reader.next().has_value(), "and is well coded");
  }
  return 0;
}
