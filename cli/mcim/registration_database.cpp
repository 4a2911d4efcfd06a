// SPDX-License-Identifier: Apache-2.0
#include "cli/mcim/registration_database.hpp"

#include <algorithm>
#include <array>

#include "cli/common/commands.hpp"
#include "cli/common/private_database.hpp"
#include "core/visible.hpp"

namespace uicclab::cli {
namespace {

using emulator::sqlite::Statement;

constexpr DatabaseKind kKind{0x4D445046, R"(
  BEGIN IMMEDIATE;
  CREATE TABLE IF NOT EXISTS registration(device TEXT PRIMARY KEY, state INTEGER NOT NULL, nonce BLOB NOT NULL, card_nonce BLOB NOT NULL,
                                          platform_key BLOB NOT NULL, evidence TEXT NOT NULL, validation TEXT NOT NULL,
                                          delivery TEXT NOT NULL) WITHOUT ROWID;
  PRAGMA application_id = 1296322630;
  PRAGMA user_version = 1;
  COMMIT;
)",
                             "'uicclab mcim dpf begin'"};
static_assert(kKind.application_id == 1296322630, "create spells it out");
constexpr const char* kColumns = "SELECT device, state, nonce, card_nonce, platform_key, evidence, validation, delivery FROM registration ";
constexpr std::array kStateNames{"begun", "reported", "validated", "prepared", "delivered", "installed", "refused"};

std::optional<Registration> row(Statement& statement) {
  if (!statement.step()) return std::nullopt;
  Registration out;
  out.device = statement.text(0);
  const auto state = statement.number(1);
  const BytesView nonce = statement.blob(2);
  if (state < 0 || state >= static_cast<std::int64_t>(kStateNames.size()) || nonce.size() != out.nonce.size()) {
    throw Exit{kEnvironment, "the registration of " + visible(out.device) + " is damaged"};
  }
  out.state = static_cast<DpfState>(state);
  std::ranges::copy(nonce, out.nonce.begin());
  const BytesView card_nonce = statement.blob(3);
  if (card_nonce.size() != out.card_nonce.size()) throw Exit{kEnvironment, "the registration of " + visible(out.device) + " is damaged"};
  std::ranges::copy(card_nonce, out.card_nonce.begin());
  out.platform_key = to_bytes(statement.blob(4));
  out.evidence = statement.text(5);
  out.validation = statement.text(6);
  out.delivery = statement.text(7);
  return out;
}

}  // namespace

const char* name_of(DpfState state) {
  return kStateNames[static_cast<std::size_t>(state)];
}

RegistrationDatabase::RegistrationDatabase(const std::string& path) : m_database(open_private_database(path, kKind)) {}

void RegistrationDatabase::put(const Registration& one) {
  Statement statement(m_database,
                      "INSERT OR REPLACE INTO registration(device, state, nonce, card_nonce, platform_key, evidence, validation, delivery) "
                      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
  statement.bind(1, std::string_view(one.device)).bind(2, static_cast<std::int64_t>(one.state)).bind(3, BytesView(one.nonce));
  statement.bind(4, BytesView(one.card_nonce)).bind(5, BytesView(one.platform_key)).bind(6, std::string_view(one.evidence));
  statement.bind(7, std::string_view(one.validation)).bind(8, std::string_view(one.delivery));
  statement.run();
}

void RegistrationDatabase::begin(const Registration& registration) {
  put(registration);
}

std::optional<Registration> RegistrationDatabase::find(const std::string& device) {
  Statement statement(m_database, (std::string(kColumns) + "WHERE device = ?1").c_str());
  statement.bind(1, std::string_view(device));
  return row(statement);
}

void RegistrationDatabase::change(const std::string& device, const std::function<void(Registration&)>& change) {
  m_database.execute("BEGIN IMMEDIATE");
  try {
    auto found = find(device);
    if (!found) throw Exit{kCheckFailed, visible(device) + ": no registration is going on: uicclab mcim dpf begin"};
    change(*found);
    put(*found);
    m_database.execute("COMMIT");  // on the disk when it returns: PRAGMA synchronous is FULL
  } catch (...) {
    if (m_database.in_transaction()) m_database.execute("ROLLBACK");
    throw;
  }
}

std::vector<Registration> RegistrationDatabase::all() {
  Statement statement(m_database, (std::string(kColumns) + "ORDER BY device").c_str());
  std::vector<Registration> out;
  while (auto one = row(statement)) out.push_back(*std::move(one));
  return out;
}

}  // namespace uicclab::cli
