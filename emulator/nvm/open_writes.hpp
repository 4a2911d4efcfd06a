// SPDX-License-Identifier: Apache-2.0
// The writes of a transaction: open until it commits or rolls back. Only Nvm::write_now() also makes writes final.
#pragma once

#include "emulator/nvm/nvm.hpp"

namespace uicclab::emulator {

/// The owner of a transaction. One of a command is the outermost; the others are opened inside another one.
enum class TransactionLevel : std::uint8_t {
  kCommand,      ///< a command, a reset: its commit goes to the store
  kScript,       ///< a command of a remote script: once it has succeeded it stays, even if the script fails
  kApplication,  ///< what an application does between its own begin and commit
  kCard,         ///< what the card does as a whole around code of applications (INSTALL, DELETE): nothing seals in it
};

/// Seal: what was written so far is final. Neither a rollback nor a power cut takes it back; the store gets it at the end of the command,
/// before the answer leaves. The commit of an inner transaction seals, but for kCard and for one inside kApplication or kCard: there it
/// becomes part of the outer one.
class OpenWrites {
 public:
  /// Throws SystemError for a level that does not belong here, StoreFailure if the store cannot be read after a failure.
  explicit OpenWrites(Nvm& nvm, TransactionLevel level = TransactionLevel::kCommand) : m_nvm(nvm), m_level(level), m_outer(nvm.m_open) {
    if (level == TransactionLevel::kCommand && m_outer == nullptr) {
      nvm.recover();
    } else {
      begin_inside();
    }
    nvm.m_open = this;
  }
  /// Takes back what was not committed.
  ~OpenWrites() {
    abandon();
    m_nvm.m_open = m_outer;
  }
  OpenWrites(const OpenWrites&) = delete;
  OpenWrites& operator=(const OpenWrites&) = delete;

  /// Ends it. Throws PowerCut, StoreFailure, std::bad_alloc: nothing of it was kept, unless the store or the observer says otherwise.
  void commit() {
    if (m_outer == nullptr) {
      m_nvm.commit();
    } else if (commit_is_final()) {
      m_nvm.seal();
    }
    m_ended = true;
  }
  /// Ends it: the writes are as it found them, or as they were at the last seal. Throws StoreFailure if what was sealed cannot be stored.
  void rollback();
  /// Nothing while kApplication or kCard is open: its end decides. Throws PowerCut and std::bad_alloc.
  void seal();
  bool may_seal() const;
  /// What commit() makes of the writes is final; else they become part of the outer transaction.
  bool commit_is_final() const { return m_outer == nullptr || (m_level != TransactionLevel::kCard && m_outer->may_seal()); }
  /// As the destructor: takes back what was not committed, and fails at nothing.
  void abandon() noexcept {
    if (!m_ended) give_up();
  }

 private:
  friend class Nvm;
  void begin_inside();
  void give_up() noexcept;
  void take_back() noexcept;

  Nvm& m_nvm;
  TransactionLevel m_level;
  OpenWrites* m_outer;
  std::vector<Change> m_before;  // pending when it began
  bool m_ended = false;
};

}  // namespace uicclab::emulator
