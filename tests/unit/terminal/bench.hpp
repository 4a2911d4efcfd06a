// SPDX-License-Identifier: Apache-2.0
// A card that has proactive commands to send, one after the other, and writes down what it is told.
#pragma once

#include <deque>

#include <doctest/doctest.h>

#include "core/hex.hpp"
#include "terminal/terminal.hpp"

namespace uicclab::test {

class ProactiveCard final : public CardPort {
 public:
  /// Its answer to the next command, or to the one after.
  void wants(std::string_view command) { m_waiting.push_back(*from_hex(command)); }

  Result<Atr> reset() override {
    log.push_back("reset");
    return Atr{0x3B, 0x00};
  }
  Result<Bytes> transmit(BytesView bytes) override {
    const std::string text = to_hex(bytes);
    if (bytes.size() == 5 && bytes[1] == 0x12) {  // FETCH
      Bytes answer = m_waiting.empty() ? Bytes() : m_waiting.front();
      if (!m_waiting.empty()) m_waiting.pop_front();
      append(answer, "9000"_h);
      return answer;
    }
    log.push_back(text);
    if (m_waiting.empty()) return Bytes{0x90, 0x00};
    return Bytes{0x91, static_cast<std::uint8_t>(m_waiting.front().size())};
  }
  void power_off() override { log.push_back("off"); }

  /// The last command but FETCH, without its header and Lc.
  std::string told() const { return log.back().size() > 10 ? log.back().substr(10) : log.back(); }

  std::vector<std::string> log;

 private:
  std::deque<Bytes> m_waiting;
};

struct TerminalBench {
  explicit TerminalBench(terminal::Settings settings = {}) : terminal(card, std::move(settings)) {
    REQUIRE(terminal.reset());
    card.log.clear();
  }
  /// The card wants this; the data of TERMINAL RESPONSE, in hexadecimal digits.
  std::string serve(std::string_view command) {
    card.wants(command);
    const auto answer = terminal.transmit("80F2000C00"_h);
    REQUIRE(answer);
    return card.told();
  }
  /// The result and what follows it: the response without details and devices.
  std::string result(std::string_view command) {
    const std::string response = serve(command);
    return response.size() > 18 ? response.substr(18) : response;
  }

  ProactiveCard card;
  terminal::Terminal terminal;
};

}  // namespace uicclab::test
