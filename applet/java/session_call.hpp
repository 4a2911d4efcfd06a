// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>

#include "applet/java/session.hpp"

namespace uicclab::applet::java {

/// Lends the card to the machine until it ends. If an exception of the card's program ends it (no memory, the store failed), what the
/// session was in the middle of is forgotten.
class Session::Call {
 public:
  Call(Session& session, CodeServices& services, applet::Context* context) : m_session(session) {
    m_session.m_store.lend(&services);
    m_session.m_context = context;
    if (!services.objects().seals()) m_session.m_unsealed = true;
    m_session.prepare(services);
  }
  ~Call() {
    if (std::uncaught_exceptions() > m_exceptions) m_session.give_up();
    m_session.m_store.lend(nullptr);
    m_session.m_context = nullptr;
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

 private:
  Session& m_session;
  int m_exceptions = std::uncaught_exceptions();
};

template <typename Begin>
StatusWord Session::run(Context selected, const Begin& begin, std::optional<std::int16_t>* result) {
  jcvm::machine::Thread thread(*m_machine);
  if (!begin(thread)) return sw::kNoPreciseDiagnosis;
  thread.selected = selected;
  std::uint64_t budget = m_byte_codes;
  const jcvm::machine::RunState state = m_machine->run(thread, budget);
  if (result != nullptr && state == jcvm::machine::RunState::kFinished) *result = static_cast<std::int16_t>(thread.result().number);
  bool aborted = false;
  const StatusWord answer = settle(thread, state, aborted);
  if (result != nullptr && aborted) result->reset();
  return answer;
}

}  // namespace uicclab::applet::java
