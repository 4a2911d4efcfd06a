// SPDX-License-Identifier: Apache-2.0
// An emulated card that a test bench changes while clients use it.
#pragma once

#include <mutex>

#include "emulator/bench.hpp"
#include "emulator/power_cut_port.hpp"

namespace uicclab::cli {

/// The card, with a lock around each command: what the bench does happens between two of them. Thread-safe.
class BenchCard final : public CardPort {
 public:
  /// `card` outlives this object.
  explicit BenchCard(emulator::Card& card) : m_card(card), m_power(card) {}

  Result<Atr> reset() override {
    const std::lock_guard lock(m_mutex);
    return m_power.reset();
  }
  Result<Bytes> transmit(BytesView command) override {
    const std::lock_guard lock(m_mutex);
    m_power.arm(m_cut);
    auto answer = m_power.transmit(command);
    m_power.arm(0);
    return answer;
  }
  void power_off() override {
    const std::lock_guard lock(m_mutex);
    m_power.power_off();
  }
  Result<void> select_protocol(Protocol protocol) override {
    const std::lock_guard lock(m_mutex);
    return m_power.select_protocol(protocol);
  }
  Protocol protocol() const override {
    const std::lock_guard lock(m_mutex);
    return m_power.protocol();
  }

  /// The power goes at this write of each command from now on; 0: at none.
  void cut_at_write(std::uint32_t k) {
    const std::lock_guard lock(m_mutex);
    m_cut = k;
  }
  /// As emulator::write_file().
  Result<void> write_file(std::span<const Bytes> selection, emulator::Part part, BytesView value) {
    const std::lock_guard lock(m_mutex);
    return emulator::write_file(m_card, selection, part, value);
  }
  /// As emulator::queue_proactive().
  Result<void> queue_proactive(BytesView command) {
    const std::lock_guard lock(m_mutex);
    return emulator::queue_proactive(m_card, command);
  }

 private:
  emulator::Card& m_card;
  emulator::PowerCutPort m_power;
  std::uint32_t m_cut = 0;
  mutable std::mutex m_mutex;
};

}  // namespace uicclab::cli
