// SPDX-License-Identifier: Apache-2.0
#include "emulator/transaction.hpp"

#include <algorithm>

namespace uicclab::emulator {

using enum TransactionLevel;

void Transaction::save(ChannelState& channel) {
  const auto is_it = [&](const SavedChannel& saved) { return saved.channel == &channel; };
  if (&channel == m_own.channel || std::ranges::any_of(m_others, is_it)) return;
  m_others.push_back({&channel, channel.open, channel});
}

void Transaction::keep_selection() {
  m_own.open = m_own.channel->open;
  m_own.selection = *m_own.channel;
}

// Rules and keys are read again when they are asked for, so it does no harm if nothing comes of these writes.
void Transaction::follow_writes() {
  Session& session = m_session;
  const bool rules = session.files().headers_changed() || session.nvm().pending_touches([&](ObjectId id) {
    return id.space() == Space::kFileBody && session.access().is_rule_source(FileId{id.index()});
  });
  const bool keys =
      session.runtime().registry().changed() || session.nvm().pending_touches([](ObjectId id) { return id.space() == Space::kKeySet; });
  if (rules) session.access().forget();
  if (keys) session.forget_packet_keys();
}

void Transaction::note_sealing() {
  if (!m_session.nvm().has_pending()) return;
  follow_writes();
  (void)m_session.nvm().pending_touches([&](ObjectId id) {
    if (id.space() == Space::kFileBody) m_sealed_bodies.push_back(FileId{id.index()});
    return false;
  });
}

void Transaction::seal() {
  if (!m_session.nvm().may_seal()) return;
  note_sealing();
  m_writes.seal();
}

void Transaction::rollback() {
  m_ended = true;
  const bool wrote = m_session.nvm().has_pending();
  try {
    m_writes.rollback();
  } catch (...) {
    restore(wrote, true);
    throw;
  }
  restore(wrote, false);
}

void Transaction::abandon() noexcept {
  const bool wrote = m_session.nvm().has_pending();
  m_writes.abandon();
  restore(wrote, true);
}

void Transaction::restore(bool wrote, bool thrown) noexcept {
  m_cat.restore();
  m_security.restore();
  m_session.terminated = m_flags.terminated;
  m_session.suspended = m_flags.suspended;
  m_session.resumable = m_flags.resumable;
  const auto bring_back = [thrown](const SavedChannel& saved) {
    static_cast<Selection&>(*saved.channel) = saved.selection;
    saved.channel->open = saved.open;
    if (!thrown) return;
    saved.channel->transfer = {};
    saved.channel->secure.reset();
  };
  bring_back(m_own);
  for (const SavedChannel& saved : m_others) bring_back(saved);
  if (wrote) m_session.follow_rollback();
  tell_end(false, thrown);
}

ApplicationWrites::ApplicationWrites(Session& session, TransactionLevel level) : m_session(session), m_writes(session.nvm(), level) {
  if (session.transaction == nullptr) throw SystemError("an application's transaction outside a command");
}

ApplicationWrites::~ApplicationWrites() {
  if (m_ended) return;
  const bool wrote = m_session.nvm().has_pending();
  m_writes.abandon();
  if (wrote) m_session.follow_rollback();
}

void ApplicationWrites::commit() {
  if (m_writes.commit_is_final()) m_session.transaction->note_sealing();
  m_writes.commit();
  m_ended = true;
}

}  // namespace uicclab::emulator
