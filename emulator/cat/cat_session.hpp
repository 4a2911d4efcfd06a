// SPDX-License-Identifier: Apache-2.0
// The card application toolkit's session: terminal profile, the queue of proactive commands, and the application that waits for the
// terminal. ETSI TS 102 221 clauses 11.2 and 14; ETSI TS 102 223 clauses 5 and 6; ETSI TS 102 241 clause 6.4.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "applet/api/toolkit.hpp"
#include "core/bytes.hpp"
#include "core/types.hpp"
#include "emulator/restorable.hpp"

namespace uicclab::emulator {

/// A proactive command that waits, and the instance it comes from.
struct ProactiveCommand {
  Bytes command;  ///< BER-TLV D0
  std::uint32_t instance = 0;
  bool of_event = false;  ///< sent while the instance handled an event, so that its turn may wait for the answer
};

/// An event on its way to the applications that have registered for it.
struct Dispatch {
  applet::Event event = applet::Event::kUnrecognizedEnvelope;
  std::uint8_t tag = 0;
  Bytes data;
  std::vector<std::uint32_t> left;  ///< instances that have yet to get the event, in their order
};

/// The application whose turn is not over, as it waits for a TERMINAL RESPONSE. There is at most one.
struct Parked {
  std::uint32_t instance = 0;
  Dispatch dispatch;  ///< goes on when it is done
};

struct CatState {
  static constexpr std::size_t kChannels = 7;  ///< of the bearer independent protocol

  bool profile_seen = false;
  Bytes profile;
  std::vector<ProactiveCommand> queue;
  std::optional<ProactiveCommand> fetched;
  std::optional<Parked> parked;
  std::array<std::optional<std::uint32_t>, kChannels> channel_owners = {};
  std::uint8_t declared = 0;  ///< services that the terminal has of DECLARE SERVICE; bit 1: service 0
  std::vector<Aid> ended;     ///< applications whose sessions ended in the command that runs
  // The state of the registry that the terminal has; nothing: not sent yet.
  bool outdated = false;  ///< to be compared with the registry again
  std::optional<Bytes> menu;
  std::optional<Bytes> events;
  std::optional<Bytes> polling;
  int poll_interval = 0;  ///< seconds, as the terminal has answered; 0: not yet
};

class CatSession {
 public:
  static constexpr std::size_t kMaxQueue = 16;
  static constexpr std::size_t kMaxCommand = 256;

  /// The terminal starts again: it has no menu, events and polling.
  void set_terminal_profile(BytesView profile) {
    Bytes copy = to_bytes(profile);
    CatState& state = m_state.change();
    state.profile = std::move(copy);
    state.profile_seen = true;
    state.outdated = true;
    state.menu.reset();
    state.events.reset();
    state.polling.reset();
    state.poll_interval = 0;
  }
  /// The applications have changed: the terminal's state is compared with theirs, and none of them owns a channel.
  void compare_with_others() {
    CatState& state = m_state.change();
    state.outdated = true;
    state.channel_owners = {};
    state.declared = 0;
  }
  BytesView terminal_profile() const { return m_state->profile; }
  bool has_profile() const { return m_state->profile_seen; }

  /// False before TERMINAL PROFILE, if the queue is full, or if the command is empty or longer than one FETCH carries.
  bool send(BytesView command, std::uint32_t instance, bool of_event = false) {
    if (!fits(command)) return false;
    m_state.change().queue.push_back({to_bytes(command), instance, of_event});
    return true;
  }
  bool fits(BytesView command) const { return room() != 0 && !command.empty() && command.size() <= kMaxCommand; }

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
  /// A proactive command is on its way, or an application waits: the terminal must not be left alone.
  bool is_busy() const { return m_state->fetched || !m_state->queue.empty() || m_state->parked; }

  /// For the transaction, which brings it back.
  Restorable<CatState>& state() { return m_state; }
  const CatState& now() const { return *m_state; }

 private:
  Restorable<CatState> m_state;
};

}  // namespace uicclab::emulator
