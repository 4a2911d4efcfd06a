// SPDX-License-Identifier: Apache-2.0
#include "cli/lwm2m/account_database.hpp"

#include <filesystem>

#include "cli/common/commands.hpp"
#include "cli/common/private_database.hpp"
#include "lwm2m/raw_key.hpp"

namespace uicclab::cli {
namespace {

using emulator::sqlite::Statement;
using lwm2m::SecurityMode;
using lwm2m::server::Account;

constexpr DatabaseKind kKind{0x4C57324D, R"(
  BEGIN IMMEDIATE;
  CREATE TABLE IF NOT EXISTS account(endpoint TEXT PRIMARY KEY, mode INTEGER NOT NULL, identity BLOB NOT NULL, proved_by BLOB UNIQUE,
                                     psk BLOB NOT NULL, bootstrap BLOB NOT NULL) WITHOUT ROWID;
  PRAGMA application_id = 1280782925;
  PRAGMA user_version = 1;
  COMMIT;
)",
                             "'uicclab lwm2m account add'"};
static_assert(kKind.application_id == 1280782925, "create spells it out");

/// What a handshake is looked up by, which no two accounts share: the mode, then the PSK identity or the x coordinate of a raw public key.
/// Empty for certificates, which are found by their common name, and for NoSec.
Bytes proved_by(SecurityMode mode, BytesView identity) {
  Bytes out{static_cast<std::uint8_t>(mode)};
  if (mode == SecurityMode::kPsk) {
    append(out, identity);
  } else if (mode == SecurityMode::kRawPublicKey) {
    const auto key = lwm2m::read_raw_public_key(identity);
    const auto x = key ? lwm2m::raw_public_key(*key) : fail(ErrorCode::kMalformed, "");
    append(out, x ? BytesView(*x) : identity);
  } else {
    return {};
  }
  return out;
}

constexpr const char* kColumns = "SELECT endpoint, mode, identity, psk, bootstrap FROM account";

std::optional<Account> row(Statement& statement) {
  if (!statement.step()) return std::nullopt;
  Account out;
  out.endpoint = statement.text(0);
  out.mode = static_cast<SecurityMode>(statement.number(1));
  out.identity = to_bytes(statement.blob(2));
  auto psk = crypto::SecretBytes::from(statement.blob(3));
  if (psk) out.psk = *std::move(psk);
  out.bootstrap = crypto::to_wiped(statement.blob(4));
  return out;
}

}  // namespace

AccountDatabase::AccountDatabase(const std::string& path)
    : m_new(!std::filesystem::exists(path)), m_database(open_private_database(path, kKind)) {}

std::optional<Account> AccountDatabase::find(const std::string& endpoint) {
  Statement statement(m_database, (std::string(kColumns) + " WHERE endpoint = ?1").c_str());
  statement.bind(1, std::string_view(endpoint));
  return row(statement);
}

std::optional<Account> AccountDatabase::find_by_identity(SecurityMode mode, BytesView identity) {
  const Bytes key = proved_by(mode, identity);
  if (key.empty()) return std::nullopt;
  Statement statement(m_database, (std::string(kColumns) + " WHERE proved_by = ?1").c_str());
  statement.bind(1, BytesView(key));
  return row(statement);
}

std::optional<Account> AccountDatabase::find_by_public_key(const crypto::PublicKey& key) {
  return find_by_identity(SecurityMode::kRawPublicKey, key.der());
}

/// SQLite's data version counts what other connections wrote.
std::uint64_t AccountDatabase::generation() {
  return static_cast<std::uint64_t>(m_database.number("PRAGMA data_version")) << 32 | m_changes;
}

void AccountDatabase::put(const Account& account) {
  const Bytes key = proved_by(account.mode, account.identity);
  try {
    Statement statement(
        m_database, "INSERT OR REPLACE INTO account(endpoint, mode, identity, proved_by, psk, bootstrap) VALUES(?1, ?2, ?3, ?4, ?5, ?6)");
    const auto other = key.empty() ? std::nullopt : find_by_identity(account.mode, account.identity);
    if (other && other->endpoint != account.endpoint) {
      throw Exit{kCheckFailed, "the account " + other->endpoint + " has the same " +
                                   (account.mode == SecurityMode::kPsk ? "PSK identity" : "public key (each device must have its own)")};
    }
    statement.bind(1, std::string_view(account.endpoint))
        .bind(2, static_cast<std::int64_t>(account.mode))
        .bind(3, BytesView(account.identity));
    if (key.empty()) {
      statement.bind_null(4);
    } else {
      statement.bind(4, BytesView(key));
    }
    statement.bind(5, account.psk.expose(crypto::ExposeSecret{"the accounts of a LwM2M server"})).bind(6, BytesView(account.bootstrap));
    statement.run();
    ++m_changes;
  } catch (const emulator::sqlite::Failure& failure) {
    throw Exit{kEnvironment, std::string("the accounts: ") + failure.what()};
  }
}

bool AccountDatabase::remove(const std::string& endpoint) {
  Statement statement(m_database, "DELETE FROM account WHERE endpoint = ?1");
  statement.bind(1, std::string_view(endpoint)).run();
  ++m_changes;
  return m_database.changes() > 0;
}

std::vector<Account> AccountDatabase::all() {
  Statement statement(m_database, (std::string(kColumns) + " ORDER BY endpoint").c_str());
  std::vector<Account> out;
  while (auto one = row(statement)) out.push_back(*std::move(one));
  return out;
}

}  // namespace uicclab::cli
