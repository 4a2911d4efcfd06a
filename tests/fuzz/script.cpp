// SPDX-License-Identifier: Apache-2.0
// Test scripts of every format: reading them, and running what was read on a card that answers with bytes of the script.
#include "script/case_runner.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;

namespace {

constexpr std::size_t kMostStatements = 200;

class Card final : public CardPort {
 public:
  explicit Card(BytesView bytes) : m_bytes(bytes) {}
  Result<Atr> reset() override { return Atr{0x3B, 0x00}; }
  Result<Bytes> transmit(BytesView) override {
    const std::size_t size = std::min<std::size_t>(m_bytes.size(), 20);
    Bytes answer = to_bytes(m_bytes.first(size));
    m_bytes = m_bytes.subspan(size);
    append(answer, "9000"_h);
    return answer;
  }
  void power_off() override {}

 private:
  BytesView m_bytes;
};

class Ports final : public script::PortMaker {
 public:
  explicit Ports(BytesView bytes) : m_bytes(bytes) {}
  Result<std::unique_ptr<CardPort>> secure_channel(CardPort&, const Options&) override { return std::make_unique<Card>(m_bytes); }
  Result<std::unique_ptr<CardPort>> over_the_air(CardPort&, const Options&) override { return std::make_unique<Card>(m_bytes); }

 private:
  BytesView m_bytes;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto half = [&](const std::string&) -> Result<std::string> { return text.substr(text.size() / 2); };
  const auto parsed = script::parse(text, "fuzz.script", half);
  if (!parsed) {
    test::require(parsed.error().text.find(":") != std::string::npos, "an error says where");
    return 0;
  }
  const BytesView bytes(data, size);
  Ports ports(bytes);
  SeededRandom random(1);
  script::CaseOptions options;
  options.most_statements = kMostStatements;
  options.network = false;
  for (const script::Case& one : parsed->cases) {
    Card card(bytes);
    const auto result = script::run_case({&*parsed, &one, one.rows.empty() ? nullptr : &one.rows.front()}, card, ports, random, options);
    test::require((result.outcome == script::CaseResult::Outcome::kPassed) == !result.failure, "what did not pass says why");
  }
  return 0;
}
