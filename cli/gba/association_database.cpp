// SPDX-License-Identifier: Apache-2.0
#include "cli/gba/association_database.hpp"

#include "cli/common/private_database.hpp"

namespace uicclab::cli {
namespace {

using emulator::sqlite::Statement;
using gba::NafAssociation;

constexpr DatabaseKind kKind{0x474E4146, R"(
  BEGIN IMMEDIATE;
  CREATE TABLE IF NOT EXISTS association(number INTEGER PRIMARY KEY AUTOINCREMENT, sa_id TEXT NOT NULL UNIQUE, user_kind INTEGER NOT NULL,
                                         user TEXT NOT NULL, impi TEXT NOT NULL, naf_id BLOB NOT NULL, mode INTEGER NOT NULL,
                                         me_key BLOB NOT NULL, uicc_key BLOB NOT NULL, expires INTEGER NOT NULL);
  PRAGMA application_id = 1196310854;
  PRAGMA user_version = 1;
  COMMIT;
)",
                             "'uicclab gba naf'"};
static_assert(kKind.application_id == 1196310854, "create spells it out");
constexpr crypto::ExposeSecret kPersist{"the NAF keeps its keys until their lifetime ends"};
constexpr const char* kColumns = "SELECT sa_id, user_kind, user, impi, naf_id, mode, me_key, uicc_key, expires FROM association ";

std::optional<NafAssociation> row(Statement& statement) {
  if (!statement.step()) return std::nullopt;
  NafAssociation out;
  out.sa_id = statement.text(0);
  out.user = {static_cast<gba::UserIdentity::Kind>(statement.number(1)), statement.text(2)};
  out.impi = statement.text(3);
  out.naf_id = to_bytes(statement.blob(4));
  out.mode = static_cast<gba::PushMode>(statement.number(5));
  out.me_key = crypto::SecretBytes(statement.blob(6));
  out.uicc_key = crypto::SecretBytes(statement.blob(7));
  out.expires = statement.number(8);
  return out;
}

}  // namespace

AssociationDatabase::AssociationDatabase(const std::string& path) : m_database(open_private_database(path, kKind)) {}

void AssociationDatabase::put(const NafAssociation& association) {
  Statement statement(m_database,
                      "INSERT OR REPLACE INTO association(sa_id, user_kind, user, impi, naf_id, mode, me_key, uicc_key, expires) "
                      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
  statement.bind(1, std::string_view(association.sa_id)).bind(2, static_cast<std::int64_t>(association.user.kind));
  statement.bind(3, std::string_view(association.user.digits)).bind(4, std::string_view(association.impi));
  statement.bind(5, BytesView(association.naf_id)).bind(6, static_cast<std::int64_t>(association.mode));
  statement.bind(7, association.me_key.expose(kPersist)).bind(8, association.uicc_key.expose(kPersist)).bind(9, association.expires);
  statement.run();
}

std::optional<NafAssociation> AssociationDatabase::find(const std::string& sa_id) {
  Statement statement(m_database, (std::string(kColumns) + "WHERE sa_id = ?1").c_str());
  statement.bind(1, std::string_view(sa_id));
  return row(statement);
}

std::optional<NafAssociation> AssociationDatabase::latest(const gba::UserIdentity& user) {
  Statement statement(m_database, (std::string(kColumns) +
                                   "WHERE (user_kind = ?1 AND user = ?2) OR (?1 = 0 AND impi LIKE ?2 || '@%') ORDER BY number DESC LIMIT 1")
                                      .c_str());
  statement.bind(1, static_cast<std::int64_t>(user.kind)).bind(2, std::string_view(user.digits));
  return row(statement);
}

void AssociationDatabase::forget_keys(std::int64_t now) {
  Statement statement(m_database,
                      "UPDATE association SET me_key = x'', uicc_key = x'' WHERE expires <= ?1 AND (me_key <> x'' OR uicc_key <> x'')");
  statement.bind(1, now).run();
}

bool AssociationDatabase::remove(const std::string& sa_id) {
  Statement statement(m_database, "DELETE FROM association WHERE sa_id = ?1");
  statement.bind(1, std::string_view(sa_id)).run();
  return m_database.changes() > 0;
}

std::vector<NafAssociation> AssociationDatabase::all() {
  Statement statement(m_database, (std::string(kColumns) + "ORDER BY number").c_str());
  std::vector<NafAssociation> out;
  while (auto one = row(statement)) {
    one->me_key = {};
    one->uicc_key = {};
    out.push_back(*std::move(one));
  }
  return out;
}

}  // namespace uicclab::cli
