// SPDX-License-Identifier: Apache-2.0
// Ctrl-C where a command must not be cut in the middle.
#pragma once

#include <csignal>
#include <ctime>

namespace uicclab::cli {

/// SIGINT and SIGTERM wait while it lives, and are asked for between commands to the card.
class Interruptible {
 public:
  Interruptible() {
    sigemptyset(&m_set);
    sigaddset(&m_set, SIGINT);
    sigaddset(&m_set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &m_set, &m_before);
  }
  ~Interruptible() { pthread_sigmask(SIG_SETMASK, &m_before, nullptr); }
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;

  bool interrupted() const {
    const timespec at_once{};
    return sigtimedwait(&m_set, nullptr, &at_once) > 0;
  }

 private:
  sigset_t m_set{};
  sigset_t m_before{};
};

}  // namespace uicclab::cli
