// SPDX-License-Identifier: Apache-2.0
// One transaction of the card: the writes that are open (nvm/open_writes.hpp), and the volatile state that belongs to them. Whoever runs
// code of applications or commands holds one; what is not committed is rolled back, also after an exception.
#pragma once

#include "emulator/nvm/open_writes.hpp"
#include "emulator/session.hpp"

namespace uicclab::emulator {

class Transaction {
 public:
  /// `channel` and `security` are the sender's, and outlive it. A script's transaction is inside that of the command with the script.
  /// Throws SystemError otherwise, and for a state that cannot be read again after a failure.
  Transaction(Session& session, ChannelState& channel, SecurityContext& security, TransactionLevel level = TransactionLevel::kCommand)
      : m_session(session),
        m_outer(session.transaction),
        m_writes(session.nvm(), level),
        m_cat(session.cat.state()),
        m_security(security.verified_keys()),
        m_own{&channel, channel.open, channel},
        m_flags{session.terminated, session.suspended, session.resumable},
        m_first_called(session.runtime().begin(level == TransactionLevel::kCommand)) {
    session.catch_up();
    session.transaction = this;
  }
  /// Without commit() or rollback() something was thrown: all of it is taken back, and the objects of the applications that had a part in
  /// it are made again at their next use, because their state is unknown.
  ~Transaction() {
    if (!m_ended) abandon();
    m_session.transaction = m_outer;
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  /// Writes, selection, proactive queue and security status are final; that of a script makes final what came before it in its command.
  /// Throws as OpenWrites::commit(), and then everything is taken back.
  void commit() {
    if (m_session.nvm().has_pending()) follow_writes();
    m_writes.commit();
    const bool final = m_writes.commit_is_final();
    if (final) {
      m_cat.keep();
      m_security.keep();
    } else {
      m_cat.hand_over();
      m_security.hand_over();
    }
    m_ended = true;
    m_session.follow_commit(final);
    tell_end(true, false);
  }
  /// Everything is as it was, but for what was sealed or committed inside. Chained transfers and secure channels are not brought back: a
  /// command that ended one has ended it.
  void rollback();
  /// The writes so far are final; volatile state is not. Nothing inside kApplication and kCard.
  void seal();

  /// The command is about to change another channel than the sender's.
  void save(ChannelState& channel);
  /// What is selected on the sender's channel now stays, whatever becomes of the rest.
  void keep_selection();

  /// Anything was written that is not final, or was sealed in this transaction.
  bool has_writes() const { return m_session.nvm().has_pending() || !m_sealed_bodies.empty(); }
  /// Bodies of files that were sealed in it.
  const std::vector<FileId>& sealed_bodies() const { return m_sealed_bodies; }

 private:
  friend class ApplicationWrites;

  struct SavedChannel {
    ChannelState* channel;
    bool open;
    Selection selection;
  };
  struct Flags {
    bool terminated, suspended, resumable;
  };
  /// The caches of data that is about to become final.
  void follow_writes();
  void note_sealing();
  void restore(bool wrote, bool thrown) noexcept;
  void abandon() noexcept;
  void tell_end(bool committed, bool thrown) noexcept {
    m_session.runtime().tell_end(m_first_called, committed, thrown);
    m_session.runtime().go_back_to(m_outer != nullptr ? m_outer->m_first_called : 0, m_outer == nullptr);
  }

  Session& m_session;
  Transaction* m_outer;
  OpenWrites m_writes;
  RestorePoint<CatState> m_cat;
  RestorePoint<VerifiedKeys> m_security;
  SavedChannel m_own;
  std::vector<SavedChannel> m_others;
  Flags m_flags;
  std::size_t m_first_called;  // of the applications that have a part in it
  std::vector<FileId> m_sealed_bodies;
  bool m_ended = false;
};

/// The part of a transaction that an application has begun and will commit or abort (JCRE clause 7): writes alone.
class ApplicationWrites {
 public:
  /// Throws SystemError outside a transaction.
  explicit ApplicationWrites(Session& session, TransactionLevel level = TransactionLevel::kApplication);
  /// Aborts what was not committed.
  ~ApplicationWrites();
  ApplicationWrites(const ApplicationWrites&) = delete;
  ApplicationWrites& operator=(const ApplicationWrites&) = delete;

  void commit();

 private:
  Session& m_session;
  OpenWrites m_writes;
  bool m_ended = false;
};

}  // namespace uicclab::emulator
