// SPDX-License-Identifier: Apache-2.0
// Volatile state that a transaction restores if it is rolled back. It is copied when it is changed for the first time, so that a
// command which leaves it alone costs nothing.
#pragma once

#include <optional>
#include <type_traits>
#include <utility>

namespace uicclab::emulator {

template <typename State>
class RestorePoint;

template <typename State>
class Restorable {
  static_assert(std::is_nothrow_swappable_v<State>, "bringing a state back must not fail");

 public:
  const State& operator*() const { return m_state; }
  const State* operator->() const { return &m_state; }
  /// The state, to be changed.
  State& change() {
    if (m_point != nullptr && !m_point->m_before) m_point->m_before.emplace(m_state);
    return m_state;
  }
  /// A change that stays, whatever becomes of the transactions: `what(State&)` must not throw.
  template <typename Change>
  void change_for_good(const Change& what) noexcept {
    what(m_state);
    for (auto* point = m_point; point != nullptr; point = point->m_outer) {
      if (point->m_before) what(*point->m_before);
    }
  }

 private:
  friend class RestorePoint<State>;
  State m_state;
  RestorePoint<State>* m_point = nullptr;  // the innermost
};

/// The state as it is now, while this lives. Points are nested as the transactions that hold them.
template <typename State>
class RestorePoint {
 public:
  explicit RestorePoint(Restorable<State>& state) noexcept : m_state(state), m_outer(std::exchange(state.m_point, this)) {}
  ~RestorePoint() { m_state.m_point = m_outer; }
  RestorePoint(const RestorePoint&) = delete;
  RestorePoint& operator=(const RestorePoint&) = delete;

  void restore() noexcept {
    if (!m_before) return;
    using std::swap;
    swap(m_state.m_state, *m_before);
    m_before.reset();
  }
  /// The state as it is now is final, for the outer points as well.
  void keep() noexcept {
    for (auto* point = this; point != nullptr; point = point->m_outer) point->m_before.reset();
  }
  /// The outer point decides.
  void hand_over() noexcept {
    if (m_outer != nullptr && !m_outer->m_before) m_outer->m_before = std::move(m_before);
    m_before.reset();
  }

 private:
  friend class Restorable<State>;
  Restorable<State>& m_state;
  RestorePoint* m_outer;
  std::optional<State> m_before;
};

}  // namespace uicclab::emulator
