// SPDX-License-Identifier: Apache-2.0
// Fault rules: reading them, and what they do to a card: the first line is a rule, the bytes behind it are answers of a card.
#include <algorithm>

#include "fault/faulty_port.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;

namespace {

class Card final : public CardPort {
 public:
  explicit Card(BytesView answers) : m_answers(answers) {}
  Result<Atr> reset() override { return Atr{0x3B, 0x00}; }
  Result<Bytes> transmit(BytesView) override {
    const std::size_t size = std::min<std::size_t>(m_answers.size(), 24);
    const BytesView answer = m_answers.first(size);
    m_answers = m_answers.subspan(size);
    return answer.size() < 2 ? Bytes{0x90, 0x00} : to_bytes(answer);
  }
  void power_off() override {}

 private:
  BytesView m_answers;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(all.find('\n'), size);
  auto rule = fault::Rule::parse(all.substr(0, line));
  if (!rule) {
    test::require(rule.error().text.starts_with("rule:1:"), "an error says where");
    return 0;
  }
  Card card(BytesView(data, size).subspan(std::min(line + 1, size)));
  fault::FaultyPort port(card, [](std::uint32_t) {});
  port.release();  // no delays
  test::require(port.add(*rule).has_value(), "a rule that was read is taken");
  (void)port.reset();
  for (const auto& command :
       {to_bytes("00A40004022FE2"_h), to_bytes("00C0000020"_h), to_bytes("00B0000000"_h), to_bytes("00B0000004"_h),
        to_bytes("00A4040407A0000000871002"_h), to_bytes("00C0000000"_h), to_bytes("00B0870001"_h), to_bytes("00"_h)}) {
    const auto answer = port.transmit(command);
    test::require(!answer || answer->size() >= 2, "an answer has a status word");
  }
  const auto listed = port.list();
  test::require(listed.size() == 1 && listed[0].done <= listed[0].seen, "what acted was seen");
  return 0;
}
