// SPDX-License-Identifier: Apache-2.0
// The card application toolkit's session: terminal profile and the queue of proactive commands. ETSI TS 102 221 clauses 11.2 and 14;
// ETSI TS 102 223 clause 5 and 6.
#pragma once

#include <optional>
#include <vector>

#include "core/bytes.hpp"
#include "emulator/restorable.hpp"

namespace uicclab::emulator {

/// A proactive command that waits, and the instance it comes from.
struct ProactiveCommand {
  Bytes command;  ///< BER-TLV D0
  std::uint32_t instance = 0;
};

struct CatState {
  bool profile_seen = false;
  Bytes profile;
  std::vector<ProactiveCommand> queue;
  std::optional<ProactiveCommand> fetched;
};

class CatSession {
 public:
  static constexpr std::size_t kMaxQueue = 16;
  static constexpr std::size_t kMaxCommand = 256;

  void set_terminal_profile(BytesView profile) {
    Bytes copy = to_bytes(profile);
    CatState& state = m_state.change();
    state.profile = std::move(copy);
    state.profile_seen = true;
  }
  BytesView terminal_profile() const { return m_state->profile; }

  /// False before TERMINAL PROFILE, if the queue is full, or if the command is empty or longer than one FETCH carries.
  bool send(BytesView command, std::uint32_t instance) {
    if (room() == 0 || command.empty() || command.size() > kMaxCommand) return false;
    m_state.change().queue.push_back({to_bytes(command), instance});
    return true;
  }

  /// Commands that send() would still take.
  std::size_t room() const { return m_state->profile_seen ? kMaxQueue - m_state->queue.size() : 0; }

  /// Length to announce in 91xx: that of the next command, unless one was fetched and not answered yet.
  std::optional<std::size_t> announced() const {
    if (m_state->fetched || m_state->queue.empty()) return std::nullopt;
    return m_state->queue.front().command.size();
  }
  /// The command FETCH would return now.
  const ProactiveCommand* next() const { return m_state->fetched || m_state->queue.empty() ? nullptr : &m_state->queue.front(); }
  /// FETCH was answered; the terminal now owes a TERMINAL RESPONSE.
  void mark_fetched() {
    CatState& state = m_state.change();
    state.fetched = std::move(state.queue.front());
    state.queue.erase(state.queue.begin());
  }
  const std::optional<ProactiveCommand>& fetched() const { return m_state->fetched; }
  void mark_answered() { m_state.change().fetched.reset(); }

  /// For the transaction, which brings it back.
  Restorable<CatState>& state() { return m_state; }

 private:
  Restorable<CatState> m_state;
};

}  // namespace uicclab::emulator
