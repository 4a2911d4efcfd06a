// SPDX-License-Identifier: Apache-2.0
// Time and randomness are passed in, so that the same seed and the same APDUs give the same bytes.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>

namespace uicclab {

/// Milliseconds since an epoch of the clock's own choice.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::chrono::milliseconds now() const = 0;
};

/// Source of random bytes.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::uint8_t> out) = 0;
};

/// std::chrono::steady_clock.
class SystemClock final : public Clock {
 public:
  std::chrono::milliseconds now() const override;
};

/// A clock that is moved by its owner only; for tests and simulations.
class ManualClock final : public Clock {
 public:
  std::chrono::milliseconds now() const override { return m_now; }
  void advance(std::chrono::milliseconds by) { m_now += by; }

 private:
  std::chrono::milliseconds m_now{0};
};

/// The same bytes for the same seed (SplitMix64). Never for keys outside tests; core/crypto/random.hpp has the real one.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : m_state(seed) {}
  void fill(std::span<std::uint8_t> out) override;
  std::uint64_t next();

 private:
  std::uint64_t m_state;
};

}  // namespace uicclab
