// SPDX-License-Identifier: Apache-2.0
// The card application toolkit's session: terminal profile and the queue of proactive commands. ETSI TS 102 221 clauses 11.2 and 14;
// ETSI TS 102 223 clause 5 and 6.
#pragma once

#include <deque>
#include <optional>

#include "core/bytes.hpp"

namespace uicclab::emulator {

/// A proactive command that waits, and the instance it comes from.
struct ProactiveCommand {
  Bytes command;  ///< BER-TLV D0
  std::uint32_t instance = 0;
};

class CatSession {
 public:
  static constexpr std::size_t kMaxQueue = 16;
  static constexpr std::size_t kMaxCommand = 256;

  void set_terminal_profile(BytesView profile) {
    m_profile = to_bytes(profile);
    m_profile_seen = true;
  }
  BytesView terminal_profile() const { return m_profile; }

  /// False before TERMINAL PROFILE, if the queue is full, or if the command is empty or longer than one FETCH carries.
  bool send(BytesView command, std::uint32_t instance) {
    if (!m_profile_seen || m_queue.size() >= kMaxQueue || command.empty() || command.size() > kMaxCommand) return false;
    m_queue.push_back({to_bytes(command), instance});
    return true;
  }

  /// Commands that send() would still take.
  std::size_t room() const { return m_profile_seen ? kMaxQueue - m_queue.size() : 0; }

  /// Length to announce in 91xx: that of the next command, unless one was fetched and not answered yet.
  std::optional<std::size_t> announced() const {
    if (m_fetched || m_queue.empty()) return std::nullopt;
    return m_queue.front().command.size();
  }
  /// The command FETCH would return now.
  const ProactiveCommand* next() const { return m_fetched || m_queue.empty() ? nullptr : &m_queue.front(); }
  /// FETCH was answered; the terminal now owes a TERMINAL RESPONSE.
  void mark_fetched() {
    m_fetched = std::move(m_queue.front());
    m_queue.pop_front();
  }
  const std::optional<ProactiveCommand>& fetched() const { return m_fetched; }
  void mark_answered() { m_fetched.reset(); }

 private:
  bool m_profile_seen = false;
  Bytes m_profile;
  std::deque<ProactiveCommand> m_queue;
  std::optional<ProactiveCommand> m_fetched;
};

}  // namespace uicclab::emulator
