// SPDX-License-Identifier: Apache-2.0
// Accounts of `uicclab lwm2m serve` in a SQLite file that only its owner can read.
#pragma once

#include "lwm2m/server/accounts.hpp"
#include "store/sqlite.hpp"

namespace uicclab::cli {

class AccountDatabase final : public lwm2m::server::Accounts {
 public:
  /// Throws Exit: a file that is no such database, or cannot be made.
  explicit AccountDatabase(const std::string& path);

  /// Whether this object made the file.
  bool is_new() const { return m_new; }
  bool empty() { return m_database.number("SELECT count(*) FROM account") == 0; }
  std::optional<lwm2m::server::Account> find(const std::string& endpoint) override;
  std::optional<lwm2m::server::Account> find_by_identity(lwm2m::SecurityMode mode, BytesView identity) override;
  std::optional<lwm2m::server::Account> find_by_public_key(const crypto::PublicKey& key) override;
  std::uint64_t generation() override;

  /// In the place of one with that endpoint name. Throws Exit for an identity that another account has.
  void put(const lwm2m::server::Account& account);
  /// False: there was none.
  bool remove(const std::string& endpoint);
  /// Without keys.
  std::vector<lwm2m::server::Account> all();

 private:
  bool m_new;
  emulator::sqlite::Database m_database;
  std::uint64_t m_changes = 0;  ///< by put() and remove() of this object
};

}  // namespace uicclab::cli
