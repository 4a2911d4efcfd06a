// SPDX-License-Identifier: Apache-2.0
// NAF security associations of `uicclab gba naf` in a SQLite file that only its owner can read.
#pragma once

#include "gba/naf.hpp"
#include "store/sqlite.hpp"

namespace uicclab::cli {

class AssociationDatabase final : public gba::NafAssociations {
 public:
  /// Throws Exit: a file that is no such database, or cannot be made.
  explicit AssociationDatabase(const std::string& path);

  void put(const gba::NafAssociation& association) override;
  std::optional<gba::NafAssociation> find(const std::string& sa_id) override;
  std::optional<gba::NafAssociation> latest(const gba::UserIdentity& user) override;
  void forget_keys(std::int64_t now) override;
  bool remove(const std::string& sa_id) override;
  std::vector<gba::NafAssociation> all() override;

 private:
  emulator::sqlite::Database m_database;
};

}  // namespace uicclab::cli
