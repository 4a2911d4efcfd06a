// SPDX-License-Identifier: Apache-2.0
// The toolkit runtime: brings events to the applications that have registered for them, one after the other, and keeps the one proactive
// session. ETSI TS 102 241 clauses 6.2 to 6.7; ETSI TS 102 223.
//
// An event reaches an application within a command (ENVELOPE, STATUS, ...). An application that sends a proactive command and waits for the
// answer is parked: the command ends, other commands are executed, and TERMINAL RESPONSE resumes the application; then the event reaches
// the remaining ones. While one is parked, events reach the others at once, but they cannot send. When the session is free again, the card
// itself updates the terminal: menu, events, polling (system_commands.hpp).
#pragma once

#include "emulator/cat/cat_session.hpp"
#include "emulator/cat/toolkit_registry.hpp"

namespace uicclab::emulator {

struct Execution;

class ToolkitRuntime {
 public:
  /// Sender of commands that are of no application.
  static constexpr std::uint32_t kNobody = 0xFFFFFF;

  explicit ToolkitRuntime(Session& session) : m_session(session), m_registry(session) {}

  ToolkitRegistry& registry() { return m_registry; }

  // What the terminal does.

  /// EVENT_FIRST_COMMAND_AFTER_ATR, in a transaction of its own; later calls do nothing.
  void first_command() {
    if (!m_started) raise_first_command();
  }
  /// There was one already.
  void skip_first_command() { m_started = true; }
  void terminal_profile(BytesView profile);
  /// The answer to an envelope that no application handled is 6A81.
  StatusWord envelope(std::uint8_t tag, BytesView data, Bytes& out);
  /// A secured packet for an application that has registered for it as an event: what it posts is the data of the response. False: it has
  /// not, or cannot be triggered.
  bool packet(std::uint32_t instance, applet::Event event, std::uint8_t tag, BytesView objects, Bytes& answer);
  bool wants_packets(std::uint32_t instance, applet::Event event);
  /// A TERMINAL RESPONSE to the command that was fetched. A malformed one is refused (6A80), unless an application waits for it.
  StatusWord terminal_response(BytesView response);
  /// STATUS is carried out; on a channel of the terminal it is an event.
  void status_command(Channel channel);
  /// The session of an application on a channel ended: an event at the end of the command, if that succeeds.
  void application_ended(const Aid& aid);
  /// A command succeeded; `changed` are the files it wrote, which is an event if the terminal sent it.
  void after_command(const Execution& e, const std::vector<FileId>& changed);
  /// The end of each command: applications that waited for the proactive session get its event; then the terminal gets the changes.
  void settle();

  // What applications do.

  applet::ToolkitError refusal(std::uint32_t instance, BytesView command) const;
  bool send(std::uint32_t instance, BytesView command);
  /// Whatever the command is.
  bool may_send(std::uint32_t instance) const;
  bool is_parked(std::uint32_t instance) const;

  /// Instances, or what NVM holds of the toolkit, changed or were brought back.
  void forget() noexcept;
  /// The terminal has the current state: a suspended session continues.
  void assume_told();

 private:
  /// An application that is getting an event, or continues after its wait.
  struct Turn {
    std::uint32_t instance = 0;
    applet::EnvelopeAnswer* answer = nullptr;
    bool may_send = true;
  };

  /// True: an application handled it.
  bool run(Dispatch dispatch, applet::EnvelopeAnswer* answer = nullptr);
  bool raise(applet::Event event, BytesView data = {}) { return run({event, 0, to_bytes(data), m_registry.registered(event)}); }
  template <typename Call>
  applet::Handled take_turn(const Turn& turn, const Call& call);
  void raise_first_command();
  void resume(BytesView response);
  bool is_waiting_for_answer(std::uint32_t instance) const;
  Dispatch dispatch_of(std::uint8_t tag, BytesView data);
  void note_answer(const ProactiveCommand& command, BytesView response);
  void tell_of_ended_applications();
  void tell_of_free_session();
  void tell_terminal();

  Session& m_session;
  ToolkitRegistry m_registry;
  const Turn* m_turn = nullptr;
  bool m_started = false;
};

}  // namespace uicclab::emulator
