// SPDX-License-Identifier: Apache-2.0
#include "cli/mcim/subscription_database.hpp"

#include "cli/common/commands.hpp"
#include "cli/common/private_database.hpp"

namespace uicclab::cli {
namespace {

using emulator::sqlite::Statement;

constexpr DatabaseKind kKind{0x4D53484F, R"(
  BEGIN IMMEDIATE;
  CREATE TABLE IF NOT EXISTS subscription(imsi TEXT PRIMARY KEY, algorithm INTEGER NOT NULL, ki BLOB NOT NULL, opc BLOB NOT NULL, mnc_digits INTEGER NOT NULL,
                                          device TEXT UNIQUE, version INTEGER NOT NULL) WITHOUT ROWID;
  PRAGMA application_id = 1297303631;
  PRAGMA user_version = 1;
  COMMIT;
)",
                             "'uicclab mcim sho import'"};
static_assert(kKind.application_id == 1297303631, "create spells it out");
constexpr crypto::ExposeSecret kPersist{"the SHO keeps its subscriptions"};
constexpr const char* kColumns = "SELECT imsi, algorithm, ki, opc, device, version, mnc_digits FROM subscription ";

std::optional<OwnedSubscription> row(Statement& statement) {
  if (!statement.step()) return std::nullopt;
  OwnedSubscription out;
  out.imsi = statement.text(0);
  out.algorithm = static_cast<mcim::Algorithm>(statement.number(1));
  out.ki = crypto::SecretBytes(statement.blob(2));
  out.opc = crypto::SecretBytes(statement.blob(3));
  out.device = statement.text(4);
  out.version = static_cast<std::uint16_t>(statement.number(5));
  out.mnc_digits = static_cast<std::uint8_t>(statement.number(6));
  return out;
}

}  // namespace

SubscriptionDatabase::SubscriptionDatabase(const std::string& path) : m_database(open_private_database(path, kKind)) {}

std::optional<OwnedSubscription> SubscriptionDatabase::find(const char* where, const std::string& value) {
  Statement statement(m_database, (std::string(kColumns) + where).c_str());
  if (!value.empty()) statement.bind(1, std::string_view(value));
  return row(statement);
}

void SubscriptionDatabase::add(const OwnedSubscription& one) {
  Statement statement(m_database,
                      "INSERT INTO subscription(imsi, algorithm, ki, opc, device, version, mnc_digits) VALUES(?1, ?2, ?3, ?4, NULL, 0, ?5) "
                      "ON CONFLICT(imsi) DO UPDATE SET algorithm = ?2, ki = ?3, opc = ?4, mnc_digits = ?5 WHERE device IS NULL");
  statement.bind(1, std::string_view(one.imsi)).bind(2, static_cast<std::int64_t>(one.algorithm));
  statement.bind(3, one.ki.expose(kPersist)).bind(4, one.opc.expose(kPersist)).bind(5, std::int64_t{one.mnc_digits});
  statement.run();
  if (m_database.changes() == 0) throw Exit{kCheckFailed, one.imsi + ": a device has this subscription already"};
}

OwnedSubscription SubscriptionDatabase::given(const std::string& device, bool next_version) {
  // Neither free nor anybody's would be what a device without a name has.
  if (device.empty()) throw Exit{kUsage, "the device has no name: a subscription is given to a device by its name"};
  m_database.execute("BEGIN IMMEDIATE");
  try {
    auto found = find("WHERE device = ?1", device);
    if (!found) found = find("WHERE device IS NULL ORDER BY imsi LIMIT 1", "");
    if (!found) throw Exit{kCheckFailed, "no subscription is free for " + device + ": uicclab mcim sho import"};
    if (next_version && found->version == 0xFFFF) throw Exit{kCheckFailed, device + ": the versions of its objects are used up"};
    found->device = device;
    if (next_version) ++found->version;
    {
      Statement writing(m_database, "UPDATE subscription SET device = ?2, version = ?3 WHERE imsi = ?1");
      writing.bind(1, std::string_view(found->imsi)).bind(2, std::string_view(device)).bind(3, std::int64_t{found->version}).run();
    }
    m_database.execute("COMMIT");  // on the disk when it returns: PRAGMA synchronous is FULL
    return *std::move(found);
  } catch (...) {
    if (m_database.in_transaction()) m_database.execute("ROLLBACK");
    throw;
  }
}

OwnedSubscription SubscriptionDatabase::reserve(const std::string& device) {
  return given(device, false);
}
OwnedSubscription SubscriptionDatabase::next(const std::string& device) {
  return given(device, true);
}

std::vector<OwnedSubscription> SubscriptionDatabase::all() {
  Statement statement(m_database, (std::string(kColumns) + "ORDER BY imsi").c_str());
  std::vector<OwnedSubscription> out;
  while (auto one = row(statement)) out.push_back(*std::move(one));
  return out;
}

}  // namespace uicclab::cli
