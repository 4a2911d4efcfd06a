// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "applet/java/session.hpp"

namespace uicclab::applet::java {

/// Lends the card to the machine until it ends.
class Session::Call {
 public:
  Call(Session& session, CodeServices& services, applet::Context* context) : m_session(session) {
    m_session.m_store.lend(&services);
    m_session.m_context = context;
    if (!services.objects().seals()) m_session.m_unsealed = true;
    m_session.prepare(services);
  }
  ~Call() {
    m_session.m_store.lend(nullptr);
    m_session.m_context = nullptr;
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

 private:
  Session& m_session;
};

}  // namespace uicclab::applet::java
