// SPDX-License-Identifier: Apache-2.0
// A card that writes down what it is asked, and answers what the test says.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "core/card_port.hpp"

namespace uicclab::test {

class CardStub final : public CardPort {
 public:
  explicit CardStub(BytesView atr_bytes = {}) : atr(to_bytes(atr_bytes)) {
    if (atr.empty()) atr = Bytes{0x3B, 0x02, 0x14, 0x50};
  }

  Result<Atr> reset() override {
    note("reset");
    if (mute) return fail(ErrorCode::kIo, "mute");
    return atr;
  }
  Result<Bytes> transmit(BytesView command) override {
    note(to_hex(command));
    return on_command(command);
  }
  void power_off() override {
    note("off");
    if (on_power_off) on_power_off();
  }
  Result<void> select_protocol(Protocol protocol) override {
    note(protocol == Protocol::kT0 ? "T=0" : "T=1");
    if (refuse_protocol) return fail(ErrorCode::kUnsupported, "no PPS");
    return {};
  }

  /// What happened since the last call, blanks between.
  std::string log() {
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_log, {});
  }

  Bytes atr;
  bool mute = false;
  bool refuse_protocol = false;
  std::function<void()> on_power_off;
  std::function<Result<Bytes>(BytesView)> on_command = [](BytesView) { return Bytes{0x90, 0x00}; };

 private:
  void note(const std::string& what) {
    const std::lock_guard lock(m_mutex);
    m_log += m_log.empty() ? what : " " + what;
  }
  std::mutex m_mutex;
  std::string m_log;
};

}  // namespace uicclab::test
